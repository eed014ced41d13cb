"""Site files that nobody would write: none of them may crash the program.

`CROWD_MONITOR_FUZZ=10000 pytest tests/monitor/settings/test_site_file_fuzz.py` is the long form.
"""

import os
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.settings.site_file import check_site, site_schema
from tests.rigs.toml import toml_text

EXAMPLES = int(os.environ.get("CROWD_MONITOR_FUZZ", "200"))
FOLDER = Path(tempfile.gettempdir()) / "crowd-monitor-no-such-folder"
PASSWORD = "S3cr3tW0rd"
GOOD = f"""version = 1
[[camera]]
name = "Plaza"   # the large one
source = "synthetic:plaza?people=50&seed=2"
count_hz = 4
[camera.limit]
high = 80
[[camera.rule]]
name = "crowded"
limit = 90
[[camera]]
name = "Gate"
source = "rtsp://viewer:{PASSWORD}@192.0.2.7/stream"
[model]
path = 'm.onnx'
[store]
url = "postgresql://viewer:{PASSWORD}@db/history"
[status]
host = "0.0.0.0"
token_env = "TOKEN"
"""
_SCHEMA = site_schema()
KEYS = st.one_of(
    st.sampled_from(
        sorted({
            key
            for record in (_SCHEMA, *_SCHEMA["$defs"].values())
            for key in record.get("properties", {})
        })
    ),
    st.text(max_size=5),
)  # fmt: skip
SCALARS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["rtsp://", "~nobody/x", "a?fps=x", "*", "\x00", "webcam:", "://", "[", "%zz"]),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.booleans(),
    st.dates(date(1, 1, 1), date(9999, 12, 31)),
)
DOCUMENTS = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=5)
        ),
        max_leaves=12,
    ),
    max_size=5,
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Draw a good file with pieces cut out, doubled, or put in."""
    text = GOOD
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.integers(0, 30)))
        piece = draw(st.one_of(st.just(""), st.text(max_size=4), st.just(text[begin:end] * 2)))
        text = text[:begin] + piece + text[end:]
    return text


def judge(text: str) -> None:
    """Check a file and hold the answer to its promises."""
    site, mistakes = check_site(text, folder=FOLDER)

    assert site is not None or mistakes
    for one in mistakes:
        assert one.message
        assert one.line is None or 1 <= one.line <= text.count("\n") + 1
        assert PASSWORD not in str(one)


@settings(max_examples=EXAMPLES)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """Nothing of TOML in it."""
    judge(text)


@settings(max_examples=EXAMPLES)
@given(damaged())
def test_a_damaged_file(text: str) -> None:
    """A slip of the hand, a disk that lost a sector; the password in it is never shown."""
    judge(text)


@settings(max_examples=EXAMPLES)
@given(DOCUMENTS)
def test_any_document(document: dict[str, object]) -> None:
    """Right keys with wrong values, wrong keys with right ones."""
    judge(toml_text(document))  # type: ignore[arg-type]  # a recursive type that mypy cannot follow


def test_depth_and_length_have_an_end() -> None:
    """Brackets without end, a number without end, a file without end."""
    judge("a = " + "[" * 100_000)
    judge("a = " + "9" * 10_000)
    judge("[a]\n" * 2)
