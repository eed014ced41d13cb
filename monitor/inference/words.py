"""CLIP's vocabulary: what a person types becomes the numbers that its text half reads.

The vocabulary comes in a file beside an open model file, as its authors published it, so that
neither torch nor open_clip is needed to count what somebody types.

Source:
    Sennrich, Haddow and Birch, byte pair encoding (arXiv 1508.07909), in the form and with the
    vocabulary of CLIP. Broken encodings are not mended first, as CLIP does for texts of the web.
"""

import gzip
import html
import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitor.core.errors import ModelError

_PIECES = re.compile(
    r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:[^\s\w]|_)+",
    re.IGNORECASE,
)
"""Endings, words, single digits, and runs of anything else."""
_MERGES = 49152 - 256 - 2
"""Merges that CLIP uses of the file's: its vocabulary less single bytes and special tokens."""
_END_OF_WORD = "</w>"


class Vocabulary:
    """Turns prompts into tokens.

    Args:
        merges: Pairs of parts that are joined, the most usual first.
    """

    def __init__(self, merges: list[tuple[str, str]]) -> None:
        self._letters = _byte_letters()
        singles = list(self._letters.values())
        parts = [*singles, *(f"{one}{_END_OF_WORD}" for one in singles)]
        parts.extend(first + second for first, second in merges)
        self._numbers: Mapping[str, int] = {part: number for number, part in enumerate(parts)}
        self._ranks = {pair: rank for rank, pair in enumerate(merges)}
        self._start, self._end = len(parts), len(parts) + 1

    def encode(self, prompt: str, places: int) -> NDArray[np.int64]:
        """Give the tokens of a prompt.

        Args:
            prompt: What to count.
            places: Tokens in all; a longer prompt loses its last words.

        Returns:
            Shape (1, places): start, words, end, zeros.
        """
        cleaned = " ".join(html.unescape(html.unescape(prompt)).split()).lower()
        words = [
            number
            for piece in _PIECES.findall(cleaned)
            for number in self._word("".join(self._letters[byte] for byte in piece.encode()))
        ]
        tokens = np.zeros((1, places), np.int64)
        kept = [self._start, *words[: places - 2], self._end]
        tokens[0, : len(kept)] = kept
        return tokens

    def _word(self, letters: str) -> Iterator[int]:
        parts = [*letters[:-1], letters[-1] + _END_OF_WORD]
        while len(parts) > 1:
            pairs = set(itertools.pairwise(parts))
            best = min(pairs, key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if best not in self._ranks:
                break
            parts = list(_joined(parts, best))
        return (self._numbers[part] for part in parts)


def read_vocabulary(path: Path) -> Vocabulary:
    """Read a vocabulary.

    Args:
        path: Text of merges, gzipped, as published with CLIP.

    Returns:
        The vocabulary.

    Raises:
        ModelError: If it is missing, damaged, or another file.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows = file.read().split("\n")[1 : _MERGES + 1]
    except (OSError, EOFError, ValueError) as error:
        raise ModelError(
            f"{path}: this vocabulary cannot be read; export the model again"
        ) from error
    merges = [(pair[0], pair[1]) for row in rows if len(pair := row.split()) == len(("a", "b"))]
    if len(merges) != _MERGES:
        raise ModelError(
            f"{path}: {len(merges)} merges, CLIP has {_MERGES}; export the model again"
        )
    return Vocabulary(merges)


def _joined(parts: list[str], pair: tuple[str, str]) -> Iterator[str]:
    place = 0
    while place < len(parts):
        if tuple(parts[place : place + 2]) == pair:
            yield pair[0] + pair[1]
            place += 2
        else:
            yield parts[place]
            place += 1


def _byte_letters() -> dict[int, str]:
    # Bytes that are printable stand for themselves; the others get letters from 256 on.
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = {byte: chr(byte) for byte in printable}
    letters.update({byte: chr(256 + place) for place, byte in enumerate(others)})
    return letters
