"""Lines of keys in a TOML file."""

import tomllib

import pytest

from monitor.settings.site_file import key_lines, line_of

SITE = '''# a comment with [brackets] = and signs
version = 1
[model]
path = "a = [b.onnx"   # [[camera]]
"quoted key" = 3

[[camera]]
name = """one
[[camera]]
name = two
"""
source = 'x'
[camera.limit]
high = 10
[[camera]]
list = [
  "[table]",
  # key = 3
  4,
]
inline = { a = 1, b = [2] }
limit.high = 5
[[camera.zone]]
name = "n"
[[camera.zone]]
name = "m"
[store]
url = "x"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("version",), 2),
        (("model",), 3),
        (("model", "path"), 4),
        (("model", "quoted key"), 5),
        (("camera", 0), 7),
        (("camera", 0, "name"), 8),
        (("camera", 0, "source"), 12),
        (("camera", 0, "limit", "high"), 14),
        (("camera", 1), 15),
        (("camera", 1, "list"), 16),
        (("camera", 1, "inline"), 21),
        (("camera", 1, "limit", "high"), 22),
        (("camera", 1, "zone", 0, "name"), 24),
        (("camera", 1, "zone", 1, "name"), 26),
        (("store", "url"), 28),
    ],
    ids=str,
)
def test_each_key_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    """Every key is found on the line where an editor shows it."""
    assert key_lines(SITE)[path] == line


def test_nothing_else_is_taken_for_a_key() -> None:
    """What stands in strings, comments and lists is no key: every path found leads to a value."""
    document = tomllib.loads(SITE)

    for path in key_lines(SITE):
        place = document
        for part in path:
            place = place[part]


def test_a_missing_key_has_the_line_of_its_table() -> None:
    """What is not there is told at the table where it should be."""
    lines = key_lines(SITE)

    assert line_of(("camera", 1, "source"), lines) == 15
    assert line_of(("camera", 1, "inline", "a"), lines) == 21
    assert line_of(("elsewhere",), lines) is None
