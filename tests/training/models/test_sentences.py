"""Sentences that describe bins."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from monitor.core.bins import Bin, parse_bins
from training.models.sentences import (
    Style,
    bin_sentence,
    bin_sentences,
    count_in_words,
    most_distinct,
    sentence_sets,
)


@pytest.mark.parametrize(
    ("one", "style", "sentence"),
    [
        (Bin(0, 0), "word", "There is no person."),
        (Bin(0, 0), "number", "There is 0 person."),
        (Bin(1, 1), "word", "There is one person."),
        (Bin(1, 1), "number", "There is 1 person."),
        (Bin(2, 2), "word", "There are two people."),
        (Bin(2, 2), "number", "There are 2 people."),
        (Bin(4, None), "word", "There are more than four people."),
        (Bin(4, None), "number", "There are more than 4 people."),
        (Bin(10, 11), "word", "There are between ten and eleven people."),
        (Bin(10, 11), "number", "There are between 10 and 11 people."),
    ],
)
def test_sentence_of_a_bin(one: Bin, style: Style, sentence: str) -> None:
    """The published wording, and for ranges the wording that was meant."""
    assert bin_sentence(one, style) == sentence


def test_one_sentence_a_bin() -> None:
    """Coarse bins, ranges included, each get one of their own."""
    bins = parse_bins("0,1-2,3-4,5-6,7+")

    for style in ("word", "number"):
        assert len(set(bin_sentences(bins, style))) == 5


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "zero"),
        (12, "twelve"),
        (20, "twenty"),
        (21, "twenty-one"),
        (99, "ninety-nine"),
        (100, "one hundred"),
        (900, "nine hundred"),
        (1000, "one thousand"),
        (101, "101"),
        (1100, "1100"),
    ],
)
def test_words_for_counts(count: int, words: str) -> None:
    """Words where the published program has them, digits for the rest."""
    assert count_in_words(count) == words


def test_all_ways_of_zip() -> None:
    """3456 ways, the first and some others as the published program writes them."""
    sets = sentence_sets([Bin(1, 1), Bin(2, 2), Bin(3, 4), Bin(5, None)])

    assert len(sets) == 12 * 2 * 18 * 8
    assert sets[0] == ("1 person.", "2 people.", "between 3 and 4 people.", "more than 5 people.")
    assert sets[7] == ("1.", "2.", "between 3 and 4.", "more than 5.")
    assert (
        "There is one head.",
        "There are two heads.",
        "There are between three and four heads.",
        "There are at least five heads.",
    ) in sets
    assert all(sentence == sentence.strip() for one in sets for sentence in one)


def test_most_distinct_sentences_are_chosen() -> None:
    """The set whose sentences point in the most different directions wins."""
    vectors = {
        "a": [1.0, 0.0, 0.0],
        "b": [1.0, 0.1, 0.0],
        "c": [0.0, 3.0, 0.0],
        "d": [0.5, 0.5, 0.0],
    }

    def embed(sentences: Sequence[str]) -> Tensor:
        return torch.tensor([vectors[sentence] for sentence in sentences])

    assert most_distinct([("a", "b"), ("a", "c"), ("b", "d")], embed) == ("a", "c")
