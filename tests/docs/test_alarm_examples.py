"""The examples of the guides on alarms and the ground plane can be used as they stand."""

import re
from pathlib import Path

import pytest

from monitor.settings.site_file import check_site

DOCS = Path(__file__).parents[2] / "docs"


def blocks(name):
    """The TOML examples of a guide."""
    return re.findall(r"```toml\n(.*?)```", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL)


def site_with(ground):
    """A site of all examples: the guide's camera, zones and area, and one way to the ground."""
    rules, zones = blocks("alarms.md")
    camera, rule, rest = rules.partition("[[camera.rule]]")
    of_camera, area, members = zones.partition("[[area]]")
    others = "".join(
        f'[[camera]]\nname = "{name}"\nsource = "webcam:0"\n'
        '[[camera.zone]]\nname = "seats"\npolygon = [[0, 0], [1, 0], [1, 1]]\n'
        for name in ("North left", "North right")
    )
    return camera + of_camera + ground + rule + rest + others + area + members


@pytest.mark.parametrize("way", [0, 1])
def test_examples_are_right(way):
    """No mistake in any of them, and the points on the plan fit their plane to centimetres."""
    ground = blocks("ground-plane.md")
    own_scale = ground[-1]

    site, mistakes = check_site(site_with(ground[way] + own_scale), folder=DOCS)

    assert mistakes == ()
    assert site.camera[0].ground.to_plane().residual_m < 0.05
    assert site.camera[0].ground.to_scale().name == "own"
    assert [one.name for one in site.area] == ["North stand"]
