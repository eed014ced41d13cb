"""Sentences that describe bins, for CLIP's text tower.

Released weights were trained with these very sentences, so their wording must not change.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Literal

import torch.nn.functional as F
from torch import Tensor

from monitor.core.bins import Bin

Style = Literal["word", "number"]
"""Whether counts are written in words or in digits."""

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

_PREFIXES = (
    "",
    "A photo of",
    "A block of",
    "An image of",
    "A picture of",
    "There are",
    "The image contains",
    "The photo contains",
    "The picture contains",
    "The image shows",
    "The photo shows",
    "The picture shows",
)
_COMPARISONS = (
    "more than",
    "greater than",
    "higher than",
    "larger than",
    "bigger than",
    "greater than or equal to",
    "at least",
    "no less than",
    "not less than",
    "not fewer than",
    "not lower than",
    "not smaller than",
    "not less than or equal to",
    "over",
    "above",
    "beyond",
    "exceeding",
    "surpassing",
)
_NOUNS = ("people", "persons", "individuals", "humans", "faces", "heads", "figures", "")


def count_in_words(count: int) -> str:
    """Write a count in English words.

    Args:
        count: People, 0 or more.

    Returns:
        Words for 0 to 99, whole hundreds up to 900, and 1000; digits for all others, as the
        published program writes them.
    """
    twenty, hundred, thousand = 20, 100, 1000
    if count < twenty:
        return _UNITS[count]
    if count < hundred:
        tens, units = _TENS[count // 10 - 2], count % 10
        return f"{tens}-{_UNITS[units]}" if units else tens
    if count < thousand and count % hundred == 0:
        return f"{_UNITS[count // hundred]} hundred"
    return "one thousand" if count == thousand else str(count)


def bin_sentence(one: Bin, style: Style) -> str:
    """Describe a bin in CLIP-EBC's sentence.

    Args:
        one: A single count, a range, or the open bin.
        style: Words or digits.

    Returns:
        The sentence. That of the open bin says `more than` its lower bound, although the bound
        belongs to it: released weights were trained so.

    Source:
        CLIP-EBC (arXiv 2403.09281) and its published program, which cannot do ranges; theirs is
        written as it was meant to be.
    """

    def written(count: int) -> str:
        return count_in_words(count) if style == "word" else str(count)

    if one.high is None:
        return f"There are more than {written(one.low)} people."
    if one.low != one.high:
        return f"There are between {written(one.low)} and {written(one.high)} people."
    if one.low == 0:
        return "There is no person." if style == "word" else "There is 0 person."
    return (
        f"There is {written(1)} person."
        if one.low == 1
        else f"There are {written(one.low)} people."
    )


def bin_sentences(bins: Sequence[Bin], style: Style) -> tuple[str, ...]:
    """Describe bins in CLIP-EBC's sentences, one a bin; see `bin_sentence`."""
    return tuple(bin_sentence(one, style) for one in bins)


def sentence_sets(bins: Sequence[Bin]) -> list[tuple[str, ...]]:
    """Describe bins in each of ZIP's 3456 ways.

    Args:
        bins: Bins to describe.

    Returns:
        For each way, one sentence a bin.

    Source:
        ZIP (arXiv 2506.19955) and its published program: 12 beginnings × digits or words × 18
        comparisons for the open bin × 8 nouns.
    """
    ways = itertools.product(_PREFIXES, (True, False), _COMPARISONS, _NOUNS)
    return [
        tuple(_zip_sentence(one, prefix, comparison, noun, in_digits=in_digits) for one in bins)
        for prefix, in_digits, comparison, noun in ways
    ]


def most_distinct(
    sets: Sequence[tuple[str, ...]], embed: Callable[[Sequence[str]], Tensor]
) -> tuple[str, ...]:
    """Choose the set whose sentences are least like one another to the text tower.

    Args:
        sets: Sets of two sentences or more, all of one size.
        embed: Gives a vector of any length for each sentence.

    Returns:
        The set with the lowest mean cosine similarity between its sentences; the first of equals.
    """
    distinct = list(dict.fromkeys(sentence for one in sets for sentence in one))
    place = {sentence: index for index, sentence in enumerate(distinct)}
    vectors = F.normalize(embed(distinct).float(), dim=1)

    def likeness(sentences: tuple[str, ...]) -> float:
        chosen = vectors[[place[sentence] for sentence in sentences]]
        size = len(sentences)
        # All pairs, less each sentence with itself, which is 1.
        return (float((chosen @ chosen.T).sum()) - size) / (size * (size - 1))

    return min(sets, key=likeness)


def _zip_sentence(one: Bin, prefix: str, comparison: str, noun: str, *, in_digits: bool) -> str:
    def written(count: int) -> str:
        last_in_words = 100
        return str(count) if in_digits or count > last_in_words else count_in_words(count)

    if one.high is None:
        text = f"{prefix} {comparison} {written(one.low)} {noun}"
    elif one.low != one.high:
        text = f"{prefix} between {written(one.low)} and {written(one.high)} {noun}"
    elif one.low <= 1:
        begins = "There is" if prefix == "There are" else prefix
        text = f"{begins} {written(one.low)} {'person' if noun == 'people' else noun[:-1]}"
    else:
        text = f"{prefix} {written(one.low)} {noun}"
    return f"{text.strip()}."
