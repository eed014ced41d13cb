"""Prompted counters: model files that count whatever is typed.

An open model is three files beside each other: `NAME.onnx`, which takes a prompt's features beside
the picture; `NAME.text.onnx`, which makes features of a prompt; and `NAME.words.gz`, CLIP's
vocabulary. What to count where nobody asks for something else is written behind the file's name:
`NAME.onnx?count=red cars, people`. Each prompt is read once; after that it counts as any other
model does.

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
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from monitor.core.arrays import AnyArray
from monitor.core.errors import ModelError
from monitor.core.manifest import Manifest
from monitor.core.series import things_named
from monitor.inference.files import check_files

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


_ASKS = "?count="


def split_prompt(address: Path) -> tuple[Path, tuple[str, ...]]:
    """Tell a model file from what it is asked to count.

    Args:
        address: As somebody wrote it: `NAME.onnx` or `NAME.onnx?count=PROMPT, PROMPT`.

    Returns:
        The file, and the prompts; none where there are none.

    Raises:
        ModelError: If nothing stands behind `?count=`, or too much.
    """
    name, asks, prompt = str(address).partition(_ASKS)
    if not asks:
        return address, ()
    try:
        things, reason = things_named(prompt), "what shall be counted?"
    except ValueError as error:
        things, reason = (), f"{error};"
    if not things:
        raise ModelError(
            f"{Path(name).name}: {reason} write some words behind {_ASKS}, such as "
            f"{Path(name).name}{_ASKS}suitcases"
        )
    return Path(name), things


def text_file(path: Path) -> Path:
    """Give the file that makes features of prompts for an open model."""
    return path.with_name(f"{path.stem}.text.onnx")


def vocabulary_file(path: Path) -> Path:
    """Give the file of an open model's vocabulary."""
    return path.with_name(f"{path.stem}.words.gz")


def encode_prompt(path: Path, prompt: str) -> AnyArray:
    """Make features of a prompt, by an open model's own text half.

    Args:
        path: The model file; its other two files lie beside it.
        prompt: What to count.

    Returns:
        Shape (1, tokens, width), float32.

    Raises:
        ModelError: If a file is missing or damaged.
    """
    text, words = text_file(path), vocabulary_file(path)
    for one in (text, words):
        if not one.is_file():
            raise ModelError(f"{path.name}: cannot be asked without {one.name} beside it")
    check_files(text)
    try:
        session = ort.InferenceSession(str(text), providers=["CPUExecutionProvider"])
        (tokens,) = session.get_inputs()
        given = read_vocabulary(words).encode(prompt, int(tokens.shape[1]))
        features: AnyArray = session.run(None, {tokens.name: given})[0]
    except ModelError:
        raise
    except Exception as error:  # ONNX Runtime's own errors have no common root but this
        raise ModelError(
            f"{text.name}: reading the prompt failed in ONNX Runtime ({type(error).__name__}); "
            "export the model again"
        ) from error
    return features


def asked_manifest(manifest: Manifest, things: tuple[str, ...]) -> Manifest:
    """Give what an open model's file says of itself while it is asked for things."""
    several = things if len(things) > 1 else ()
    update = {"counts": ", ".join(things), "things": several, "prompts": things}
    return manifest.model_copy(update=update)


class OpenGraph:
    """An open model's graph: it counts whatever its text half can read.

    `ask` is for any thread, `run` for the one that counts.

    Args:
        session: Takes `frames` and `text`.
        path: The model file; the other two lie beside it.
    """

    def __init__(self, session: ort.InferenceSession, path: Path) -> None:
        self._session = session
        self._path = path
        self._features: dict[str, AnyArray] = {}
        (text,) = (one for one in session.get_inputs() if one.name == "text")
        self._takes_many = not isinstance(text.shape[0], int)

    def ask(self, things: Sequence[str]) -> None:
        """Read prompts, each once.

        Raises:
            ModelError: If a file beside the model is missing or damaged.
        """
        for thing in things:
            if thing not in self._features:
                self._features[thing] = np.asarray(encode_prompt(self._path, thing), np.float32)

    def run(self, frames: AnyArray, things: Sequence[str]) -> list[AnyArray]:
        """Count things in pictures.

        The picture is looked at once for all of them, or once for each by files of the first kind,
        which took one prompt at a time.

        Args:
            frames: Shape (N, H, W, 3), uint8.
            things: What to count.

        Returns:
            One output: density, shape (N, things, h, w).
        """
        self.ask(things)
        features = [self._features[one] for one in things]
        if self._takes_many:
            given = {"frames": frames, "text": np.concatenate(features)}
            return list(self._session.run(None, given))
        maps = [self._session.run(None, {"frames": frames, "text": one})[0] for one in features]
        return [np.stack(maps, axis=1)]


class ClosedGraph:
    """A graph that counts what its file says.

    Args:
        session: Takes `frames`.
        manifest: Of the file.
        name: Of the file.
    """

    def __init__(self, session: ort.InferenceSession, manifest: Manifest, name: str) -> None:
        self._session = session
        self._manifest = manifest
        self._name = name

    def ask(self, things: Sequence[str]) -> None:
        """Refuse what the file does not count.

        Raises:
            ModelError: If one of the things is not among what it counts.
        """
        counted = self._manifest.counted
        others = [one for one in things if one not in counted]
        if others:
            raise ModelError(
                f"{self._name}: counts {', '.join(counted)} and cannot be asked for "
                f"{', '.join(others)}; only a CLIP-Count model in the open form can "
                "(`python -m exports open`)"
            )

    def run(self, frames: AnyArray, things: Sequence[str]) -> list[AnyArray]:
        """Count things in pictures.

        Args:
            frames: Shape (N, H, W, 3), uint8.
            things: What to count, of what the file counts.

        Returns:
            Density, shape (N, things, h, w), then what else the graph gives.
        """
        self.ask(things)
        density, *others = self._session.run(None, {"frames": frames})
        if not self._manifest.things:
            return [density[:, None], *others]
        places = [self._manifest.things.index(one) for one in things]
        return [density[:, places], *others]
