"""Prompts become the tokens that CLIP was trained with."""

import gzip

import open_clip
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from open_clip.tokenizer import default_bpe

from monitor.core.errors import ModelError
from monitor.inference.prompted import read_vocabulary

OURS = read_vocabulary(default_bpe())
THEIRS = open_clip.SimpleTokenizer()

PROMPTS = [
    "people",
    "red cars",
    "  Hot   AIR balloons ",
    "don't, we're; it's 1,234 suitcases!!",
    "snake_case and-dashes __ --",
    "Käse, naïve café, 東京タワー, ёлки",
    "salt &amp; pepper",
    "🙂🙂 smileys",
    "",
    "word " * 100,
]


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("places", [77, 10])
def test_tokens_are_open_clips(prompt, places):
    """The same numbers, whatever is typed; long prompts are cut, and end with the end."""
    assert OURS.encode(prompt, places).tolist() == THEIRS([prompt], places).tolist()


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30))
def test_tokens_are_open_clips_for_anything_on_a_keyboard(prompt):
    """Letters, digits, signs and blanks in any order."""
    assert OURS.encode(prompt, 77).tolist() == THEIRS([prompt], 77).tolist()


def test_files_that_are_no_vocabulary(tmp_path):
    """Missing, not zipped, cut short: one sentence each."""
    (tmp_path / "plain.gz").write_text("a b")
    with gzip.open(tmp_path / "short.gz", "wt") as file:
        file.write("version\na b\n")

    for name, words in (
        ("none", "cannot be read"),
        ("plain", "cannot be read"),
        ("short", "1 merges"),
    ):
        with pytest.raises(ModelError, match=words):
            read_vocabulary(tmp_path / f"{name}.gz")
