"""Changing a site file."""

from pathlib import Path

import pytest

from monitor.core.errors import SettingsError
from monitor.settings.site_file import read_site
from monitor.settings.writing import set_model_path

TEXT = """# Stadium
version = 1
[model]      # what counts
threads = 2  # the machine has four
[[camera]]
name = "Gate"
source = "webcam:0"
"""


def test_one_value_changes_and_all_else_stays(tmp_path: Path) -> None:
    """Comments, order, spaces, the mode of the file, and a link that leads to it."""
    file = tmp_path / "real.toml"
    file.write_text(TEXT)
    file.chmod(0o640)
    link = tmp_path / "site.toml"
    link.symlink_to(file)

    set_model_path(link, tmp_path / "m.onnx")
    set_model_path(link, tmp_path / "n.onnx")

    lines = file.read_text().splitlines()
    added = [line for line in lines if line not in TEXT.splitlines()]
    assert added == [f'path = "{tmp_path / "n.onnx"}"']
    assert [line for line in lines if line not in added] == TEXT.splitlines()
    assert read_site(link).model.path == str(tmp_path / "n.onnx")
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in tmp_path.iterdir()) == ["real.toml", "site.toml"]


@pytest.mark.parametrize(
    "text", [TEXT.replace("name", "nme"), "a = [", "model = 3\n", ""],
    ids=["mistake", "no-toml", "no-table", "empty"],
)  # fmt: skip
def test_a_file_with_mistakes_is_left_alone(tmp_path: Path, text: str) -> None:
    """Who wrote it must mend it first."""
    file = tmp_path / "site.toml"
    file.write_text(text)

    with pytest.raises(SettingsError, match=r"site\.toml"):
        set_model_path(file, tmp_path / "m.onnx")

    assert file.read_text() == text
    assert [one.name for one in tmp_path.iterdir()] == ["site.toml"]
