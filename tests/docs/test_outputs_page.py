"""What docs/outputs.md shows is what the program reads."""

import re
from pathlib import Path

from monitor.outputs.metrics import Metrics, Sources
from monitor.settings.site_file import check_site

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
CAMERA = '[[camera]]\nname = "Gate 1"\nsource = "synthetic:plaza"\n'


def test_every_setting_on_the_page_can_be_read():
    """Copied into a site file as they stand."""
    blocks = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)

    settings, mistakes = check_site(CAMERA + "\n".join(blocks), folder=ROOT)

    assert len(blocks) == 5
    assert mistakes == ()
    assert settings.mqtt.port_number == 8883
    assert [one.name for one in settings.notify.target] == ["control room", "on call"]


def test_every_setting_that_is_commented_out_can_be_read():
    """Those that show another way take the mark away and still make a site file."""
    for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL):
        _, mistakes = check_site(
            CAMERA + re.sub(r"^# (?=\w+ =)", "", block, flags=re.M), folder=ROOT
        )
        assert mistakes == ()


def test_every_metric_on_the_page_exists_and_the_other_way_round():
    """The table is the contract of those who write alert rules."""
    nothing = Sources(lambda: (), dict, lambda: None, ())
    text = Metrics(nothing).text().decode()
    families = set(re.findall(r"^# TYPE (crowd_\w+)", text, re.MULTILINE))
    families = {name for name in families if not name.endswith("_created")}
    named = set(re.findall(r"`(crowd_\w+)`", PAGE))

    assert named == families
