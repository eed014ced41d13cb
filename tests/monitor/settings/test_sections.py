"""A site file in sections."""

from pathlib import Path

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from monitor.settings.writing import Sections

TEXT = """# Stadium
version = 1

# The gate, by the river
[[camera]]
name = "Gate"   # as on the plan
polygon = [
  [0, 1],  # a corner
]

# Far away

# The yard
[[camera]]
name = "Yard"
[camera.limit]  # people
high = 20

# the end
"""


def test_nothing_done_is_nothing_changed() -> None:
    """Every letter stays, in every site file of the documents too."""
    page = Path("docs/site-file.md").read_text(encoding="utf-8")
    examples = [part.partition("```")[0] for part in page.split("```toml\n")[1:]]

    assert examples
    for text in [TEXT, "", "\n", *examples]:
        assert Sections.of_text(text).text() == text


@given(st.lists(st.sampled_from(["# c", "", "[[a]]", "[a.b]", "[c]", "k = 1 # x"]), max_size=12))
def test_no_order_of_lines_is_lost(lines: list[str]) -> None:
    """However comments, keys and headers follow each other."""
    text = "\n".join(lines)

    assert Sections.of_text(text).text() == text


def test_a_new_table_stands_with_its_kin_before_the_next_comment() -> None:
    """What is said above a table stays above it."""
    sections = Sections.of_text(TEXT)
    sections.add(("camera", 0, "limit"), {"high": tomlkit.item(5)})
    lines = sections.text().splitlines()

    assert lines[lines.index("[camera.limit]") - 1] == "]"
    assert lines[lines.index("# Far away") + 3] == "[[camera]]"


def test_a_table_goes_with_the_comment_right_above_it() -> None:
    """What is set apart by an empty line speaks of something else, and stays."""
    sections = Sections.of_text(TEXT)
    sections.remove(("camera", 1))

    assert sections.text().split("]\n\n")[1] == "# Far away\n\n\n# the end\n"
    assert sections.count(("camera",)) == 1


@pytest.mark.parametrize("removed", [0, 1])
def test_those_behind_move_up(removed: int) -> None:
    """The place of a table in its array is counted anew."""
    sections = Sections.of_text(TEXT)
    sections.remove(("camera", removed))
    left = sections.find(("camera", 0))

    assert left is not None
    assert left.keys()["name"] == ["Yard", "Gate"][removed]
    assert sections.find(("camera", 1)) is None
