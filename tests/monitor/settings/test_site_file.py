"""Reading a site file: every mistake with its line, and files of older versions."""

import tomllib
from pathlib import Path

import pytest

from monitor.core.errors import SettingsError
from monitor.settings.site_file import (
    CURRENT_VERSION,
    STEPS,
    Document,
    check_site,
    key_lines,
    line_of,
    migrate,
    read_site,
)

GOOD = """
version = 1
[[camera]]
name = "Plaza"
source = "synthetic:plaza?people=50&seed=2"
count_hz = 4
[camera.limit]
high = 80
on_delay_s = 5

[[camera]]
name = "Gate"
source = "rtsp://viewer@192.0.2.7/stream"
password_env = "GATE_PASSWORD"

[model]
path = "models/a.onnx"
[store]
url = "sqlite:///history.sqlite"
"""


def mistakes_in(text: str, folder: Path) -> list[str]:
    return [str(one) for one in check_site(text, folder=folder)[1]]


def test_a_good_file_is_read(tmp_path: Path) -> None:
    """Values arrive as written; what is not written has its default."""
    path = tmp_path / "site.toml"
    path.write_text(GOOD, encoding="utf-8")

    site = read_site(path)

    assert [camera.name for camera in site.camera] == ["Plaza", "Gate"]
    assert site.camera[0].count_hz == 4
    assert site.camera[0].limit is not None
    assert site.camera[0].limit.high == 80
    assert site.camera[1].count_hz == 2.0
    assert site.camera[1].password_env == "GATE_PASSWORD"


def test_files_are_looked_for_beside_the_site_file(tmp_path: Path) -> None:
    """Relative paths start at the site file, wherever the program was started."""
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "a.mp4").touch()
    text = '[model]\npath = "own/m.onnx"\n[[camera]]\nname = "a"\nsource = "videos/a.mp4?loop=1"\n'

    site, mistakes = check_site(text, folder=tmp_path)

    assert mistakes == ()
    assert site is not None
    assert site.model.path == str(tmp_path / "own" / "m.onnx")
    assert site.camera[0].source == f"{tmp_path / 'videos' / 'a.mp4'}?loop=1"


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    """One reading of the file shows all that must be changed, in the order of lines."""
    text = """version = 2
[[camera]]
nme = "Plaza"
source = "synthetic:plaza?people=many"
count_hz = -1
[camera.limit]
hihg = 5
[[camera]]
name = "Gate"
source = "rtps://192.0.2.7/stream"
[modle]
[store]
url = "oracle://host/name"
"""

    mistakes = check_site(text, folder=tmp_path)[1]

    assert [(one.line, one.key) for one in mistakes] == [
        (1, "version"),
        (2, "camera[1].name"),
        (3, "camera[1].nme"),
        (4, "camera[1].source"),
        (5, "camera[1].count_hz"),
        (6, "camera[1].limit.high"),
        (7, "camera[1].limit.hihg"),
        (10, "camera[2].source"),
        (11, "modle"),
        (13, "store.url"),
    ]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('[[camera]]\nname = "a"\nsorce = "webcam:0"\n', "did you mean `source`?"),
        ('[[camera]]\nname = "a"\nsource = "webcam:0"\nlimt = 3\n', "did you mean `limit`?"),
        ('[[camera]]\nname = "a"\nsource = "webcam:0"\n[camera.limit]\nhigh = 9\nwibble = 3\n',
         "known are high"),
        ('[[camera]]\nname = "a"\nsource = "webcam:0"\n[stor]\n', "did you mean `store`?"),
    ],
)  # fmt: skip
def test_unknown_settings_get_a_hint(tmp_path: Path, text: str, hint: str) -> None:
    """A misspelled setting is met with the nearest one, or with all that there are."""
    assert any(hint in one for one in mistakes_in(text, tmp_path))


@pytest.mark.parametrize(
    "source",
    [
        "rtsp://viewer:S3cret@192.0.2.7/stream",
        "rtsp://viewer:S3c:ret@192.0.2.7:554/stream",
        "rtsp://viewer:S3cret/@192.0.2.7/stream",
        "viewer:S3cret@192.0.2.7",
    ],
)
def test_a_password_is_refused_and_not_shown(tmp_path: Path, source: str) -> None:
    """A password in an address is a mistake whose message does not repeat it."""
    mistakes = mistakes_in(f'[[camera]]\nname = "a"\nsource = "{source}"\n', tmp_path)

    assert len(mistakes) == 1
    assert mistakes[0].startswith("line 3: camera[1].source")
    assert "S3c" not in mistakes[0]


@pytest.mark.parametrize("source", ["webcam:0", "rtsp://192.0.2.7/stream"])
def test_a_password_needs_a_user(tmp_path: Path, source: str) -> None:
    """A password for a source that takes none is told before anything is opened."""
    text = f'[[camera]]\nname = "a"\nsource = "{source}"\npassword_env = "P"\n'

    assert "line 4: camera[1].password_env" in mistakes_in(text, tmp_path)[0]


def test_names_must_differ(tmp_path: Path) -> None:
    """Two cameras of one name could not be told apart in the history."""
    camera = '[[camera]]\nname = "a"\nsource = "webcam:0"\n'

    assert "two cameras have the name a" in mistakes_in(camera * 2, tmp_path)[0]


def test_an_impossible_limit_is_told(tmp_path: Path) -> None:
    """A dead band as wide as the limit could never return to normal."""
    text = '[[camera]]\nname = "a"\nsource = "webcam:0"\n[camera.limit]\nhigh = 5\ndead_band = 6\n'

    assert "dead band" in mistakes_in(text, tmp_path)[0]


def test_broken_toml_has_its_line(tmp_path: Path) -> None:
    """Where the text is no TOML, the line is told."""
    mistakes = check_site('[[camera]]\nname = "a\n', folder=tmp_path)[1]

    assert mistakes[0].line == 2
    assert "not valid TOML" in mistakes[0].message


def test_no_camera_is_a_mistake(tmp_path: Path) -> None:
    """A site without cameras has nothing to show."""
    assert mistakes_in("version = 1\n", tmp_path) == ["camera: is missing"]
    assert len(mistakes_in("camera = []\n", tmp_path)) == 1
    assert len(mistakes_in("camera = 3\n", tmp_path)) == 1
    assert len(mistakes_in("camera = [3]\n", tmp_path)) == 1


def test_the_error_names_file_and_all_mistakes(tmp_path: Path) -> None:
    """What a person sees begins with the file and lists everything below."""
    path = tmp_path / "site.toml"
    path.write_text("[[camera]]\nname = ''\nsource = ''\n", encoding="utf-8")

    with pytest.raises(SettingsError, match=r"site\.toml: 2 mistakes") as caught:
        read_site(path)

    assert str(caught.value).count("\n") == 2


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"], ids=["missing", "not text"])
def test_an_unreadable_file_is_told(tmp_path: Path, content: bytes | None) -> None:
    """A file that is not there or no text is one clear sentence."""
    path = tmp_path / "site.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SettingsError, match=r"site\.toml: cannot be read: "):
        read_site(path)


def rename_gate(document: Document) -> Document:
    """1 to 2: the key `gate` becomes `door`."""
    return {"door" if key == "gate" else key: value for key, value in document.items()}


def double_door(document: Document) -> Document:
    """2 to 3: the number is given in halves."""
    return document | {"door": document["door"] * 2}


TEST_STEPS = {1: rename_gate, 2: double_door}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"version": 1, "gate": 4}, {"version": 3, "door": 8}),
        ({"version": 2, "door": 4}, {"version": 3, "door": 8}),
        ({"version": 3, "door": 4}, {"version": 3, "door": 4}),
        ({"door": 4}, {"door": 4}),
        ({"version": 4, "door": 4}, {"version": 4, "door": 4}),
        ({"version": 0}, {"version": 0}),
        ({"version": "1"}, {"version": "1"}),
        ({"version": True}, {"version": True}),
        ({"version": [1]}, {"version": [1]}),
    ],
)
def test_steps_are_taken_in_turn(document: Document, expected: Document) -> None:
    """From any older version to the newest; what is no older version stays as it is."""
    before = dict(document)

    assert migrate(document, steps=TEST_STEPS, current=3) == expected
    assert document == before


def test_every_older_version_has_its_step() -> None:
    """No site file that was ever valid is left behind."""
    assert sorted(STEPS) == list(range(1, CURRENT_VERSION))


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
