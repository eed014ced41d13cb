"""Open models: files that count whatever is typed.

An open model is three files beside each other: `NAME.onnx`, which takes a prompt's features beside
the picture; `NAME.text.onnx`, which makes features of a prompt; and `NAME.words.gz`, CLIP's
vocabulary. What to count is written behind the file's name: `NAME.onnx?count=red cars`. The prompt
is read once, when the model is opened; after that it counts as any other model does.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort

from monitor.contract.arrays import AnyArray
from monitor.errors import ModelError
from monitor.inference.files import check_files
from monitor.inference.words import read_vocabulary

_ASKS = "?count="
_LONGEST = 200
"""Letters of a prompt; CLIP reads some 70 tokens."""


def split_prompt(address: Path) -> tuple[Path, str | None]:
    """Tell a model file from what it is asked to count.

    Args:
        address: As somebody wrote it: `NAME.onnx` or `NAME.onnx?count=PROMPT`.

    Returns:
        The file, and the prompt; None where there is none.

    Raises:
        ModelError: If nothing stands behind `?count=`, or too much.
    """
    name, asks, prompt = str(address).partition(_ASKS)
    if not asks:
        return address, None
    cleaned = " ".join(prompt.split())
    if not cleaned or len(cleaned) > _LONGEST:
        raise ModelError(
            f"{Path(name).name}: what shall be counted? write some words behind {_ASKS}, such as "
            f"{Path(name).name}{_ASKS}suitcases"
        )
    return Path(name), cleaned


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


def ask(session: ort.InferenceSession, path: Path, prompt: str) -> "AskedSession":
    """Fill a prompt into an open model's session.

    Args:
        session: Of the model file.
        path: The model file.
        prompt: What to count.

    Returns:
        A session that takes pictures alone.

    Raises:
        ModelError: If the model counts one thing only, or a file beside it cannot be used.
    """
    if "text" not in {one.name for one in session.get_inputs()}:
        raise ModelError(f"{path.name}: counts what its file says; leave {_ASKS}{prompt} away")
    return AskedSession(session, encode_prompt(path, prompt))


class AskedSession:
    """A session of an open model's graph, its prompt filled in; used as ONNX Runtime's own.

    Args:
        session: Takes `frames` and `text`.
        features: Of the prompt, from `encode_prompt`.
    """

    def __init__(self, session: ort.InferenceSession, features: AnyArray) -> None:
        self._session, self._features = session, features

    def get_providers(self) -> list[str]:
        """Say where it runs."""
        return list(self._session.get_providers())

    def get_inputs(self) -> list[ort.NodeArg]:
        """Give the inputs that are left."""
        return [one for one in self._session.get_inputs() if one.name != "text"]

    def get_outputs(self) -> list[ort.NodeArg]:
        """Give the outputs."""
        return list(self._session.get_outputs())

    def run(self, names: Sequence[str] | None, given: Mapping[str, AnyArray]) -> list[AnyArray]:
        """Run the graph with the prompt."""
        features = np.asarray(self._features, np.float32)
        return list(self._session.run(names, {**given, "text": features}))
