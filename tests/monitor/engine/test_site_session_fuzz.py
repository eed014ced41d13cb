"""Any edit of a site file, while it runs: taken over as it stands, or refused as a whole."""

import math
import re
from pathlib import Path
from threading import Event

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.arrays import RgbImage, read_only
from monitor.core.prediction import Prediction
from monitor.engine.engine import Engine
from monitor.engine.site_session import SiteSession
from monitor.settings.site_file import read_site
from tests.rigs.counters import FixedCounter
from tests.rigs.sources import ScriptedSource, gray_frame
from tests.rigs.waiting import wait_until

TEXT = """
[[camera]]
name = "Gate"
source = "webcam:0"
count_hz = 2.0
stale_after_s = 3.0
stream_alarm_after_s = 5.0
count = ["people"]
[camera.ground]
rectangle = [[0.30, 0.40], [0.70, 0.42], [0.90, 0.90], [0.10, 0.88]]
sides_m = [8.0, 12.0]
head_height_m = 1.6
aspect = 1.7778
reference = "nowhere.npz"
[[camera.zone]]
name = "Stage"
polygon = [[0.10, 0.10], [0.90, 0.12], [0.80, 0.95]]
[[camera.rule]]
name = "dense"
measure = "peak density"
zone = "Stage"
limit = 4.0
dead_band = 0.5
on_delay_s = 1.0
[[camera]]
name = "Yard"
source = "webcam:1"
limit = { high = 100.0, confidence = 0.9 }
[[area]]
name = "All"
combine = "sum"
member = [{ camera = "Gate", zone = "Stage" }, { camera = "Yard" }]
rule = [{ name = "full", limit = 200.0 }]
"""
NUMBER = re.compile(r"\b\d+\.\d+\b")
WORD = re.compile(r'"([^"]+)"')
NUMBERS = ("0.0", "-1.0", "0.5", "0.5000001", "1.0", "7.0", "1e-300", "1e300", "nan", "true")
WORDS = (
    "Gate",
    "Yard",
    "Stage",
    "All",
    "people",
    "dogs",
    "max",
    "density",
    "webcam:9",
    "",
    "/",
    "·",
)


class BlockCounter(FixedCounter):
    """Finds a person in every block of any picture."""

    def predict(self, image: RgbImage) -> Prediction:
        """Count."""
        height, width = image.shape[:2]
        density = np.ones((math.ceil(height / 8), math.ceil(width / 8)), dtype=np.float32)
        return Prediction(read_only(density), 8, (height, width), None, 0.01)


class Running:
    """A running site and what takes its file over."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.write_text(TEXT)
        site = read_site(file)
        self.engine = Engine(
            site.camera, BlockCounter(1), areas=site.area,
            open_source=lambda *_: ScriptedSource([gray_frame(0), Event()]),
        )  # fmt: skip
        self.session = SiteSession(self.engine, site, file=file)


@st.composite
def edits(draw: st.DrawFn) -> str:
    """Put other numbers, names or lines into the file, one to three of them."""
    text = TEXT
    for _ in range(draw(st.integers(1, 3))):
        pattern, others = draw(st.sampled_from([(NUMBER, NUMBERS), (WORD, WORDS), (None, ())]))
        if pattern is None:
            lines = text.splitlines()
            del lines[draw(st.integers(0, len(lines) - 1))]
            text = "\n".join(lines)
            continue
        places = list(pattern.finditer(text))
        if not places:
            continue
        place = draw(st.sampled_from(places))
        other = draw(st.sampled_from(others))
        new = f'"{other}"' if pattern is WORD else other
        text = text[: place.start()] + new + text[place.end() :]
    return text


def test_an_edit_holds_whole_or_not_at_all(tmp_path: Path) -> None:
    """What the engine runs is what the file says, or what it said before; it never stops.

    One site for all edits, one after the other, as for a week; then the good file counts again.
    """
    running = Running(tmp_path / "site.toml")
    engine, session = running.engine, running.session
    assert session.state is not None

    @given(edits())
    @settings(max_examples=100, deadline=None)
    def edit(text: str) -> None:
        before = engine.camera_settings(), engine.area_settings()
        running.file.write_text(text)
        session.look(is_asked=True)
        now = engine.camera_settings(), engine.area_settings()
        if session.state.mistakes:
            assert now == before
        else:
            assert now == (session.site.camera, session.site.area)
            assert read_site(running.file) == session.site
        assert engine.status().is_running

    engine.start()
    try:
        edit()
        running.file.write_text(TEXT)
        session.look(is_asked=True)
        assert session.state.mistakes == ()
        wait_until(lambda: all(one.reading for one in engine.snapshots()), "all are counted")
        assert engine.status().restarts == 0
    finally:
        assert engine.stop()
