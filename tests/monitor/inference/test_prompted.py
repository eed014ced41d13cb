"""What to count is told from where the model is."""

from pathlib import Path

import pytest

from monitor.core.errors import ModelError
from monitor.inference.prompted import encode_prompt, split_prompt, text_file, vocabulary_file


@pytest.mark.parametrize(
    ("written", "file", "prompts"),
    [
        ("count.onnx", "count.onnx", ()),
        ("models/count.onnx?count=red cars", "models/count.onnx", ("red cars",)),
        ("/m/count.onnx?count=  and/or  signs ", "/m/count.onnx", ("and/or signs",)),
        ("count.onnx?count=People, red cars,,people", "count.onnx", ("people", "red cars")),
    ],
)
def test_file_and_prompts(written, file, prompts):
    """Blanks, case and empty names do not count; slashes in a prompt are no folders."""
    assert split_prompt(Path(written)) == (Path(file), prompts)


@pytest.mark.parametrize("prompt", ["", "   ", ",", "x" * 201, "a · b", "a,b,c,d,e,f,g,h,i"])
def test_no_prompt_and_too_long_ones(prompt):
    """The message shows how it is written."""
    with pytest.raises(ModelError, match=r"count\.onnx\?count=suitcases"):
        split_prompt(Path(f"count.onnx?count={prompt}"))


def test_missing_parts_are_named(tmp_path):
    """Which file is missing, and beside which."""
    path = tmp_path / "count.onnx"
    text_file(path).write_bytes(b"")

    with pytest.raises(ModelError, match=r"without count\.words\.gz beside it"):
        encode_prompt(path, "cars")
    text_file(path).unlink()
    vocabulary_file(path).write_bytes(b"")
    with pytest.raises(ModelError, match=r"without count\.text\.onnx beside it"):
        encode_prompt(path, "cars")
