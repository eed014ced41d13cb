"""What a checkpoint becomes in the manifest of its model file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import monitor
from monitor.core.manifest import (
    Calibration,
    CountBin,
    Manifest,
    MeasuredError,
    Method,
    Novelty,
    TrainingData,
)
from training.checkpoint import Checkpoint
from training.models.config import (
    ClipCountConfig,
    ClipEbcConfig,
    ClipZipConfig,
    CounterConfig,
    RegressionConfig,
    ZipConfig,
)
from training.models.output import Counter


@dataclass(frozen=True)
class Windows:
    """How a model with a fixed window walks over a picture."""

    window_px: int
    stride_px: int


def method_of(network: CounterConfig) -> Method:
    """Name the method that a network counts by."""
    match network:
        case ZipConfig() | ClipZipConfig():
            return "zip"
        case ClipEbcConfig():
            return "clip-ebc"
        case RegressionConfig():
            return "regression"
        case ClipCountConfig():
            return "clip-count"
        case _:
            return "ebc"


def bins_of(network: CounterConfig) -> tuple[CountBin, ...]:
    """Give the bins of a network; none for those without."""
    if isinstance(network, RegressionConfig | ClipCountConfig):
        return ()
    return network.grid.bins


def sentences_of(network: CounterConfig) -> tuple[str, ...]:
    """Give the sentences whose embeddings are in a network; none without CLIP."""
    match network:
        case ClipEbcConfig():
            return network.sentences
        case ClipZipConfig():
            return (*network.empty_sentences, *network.sentences)
        case _:
            return ()


def input_scale_of(counter: Counter) -> str:
    """Say at what size pictures are looked at."""
    if not counter.least_pixels:
        return "pictures as published"
    return f"pictures as published; the model enlarges those below {counter.least_pixels:,} pixels"


def training_data_of(metadata: Mapping[str, Any]) -> tuple[TrainingData, ...]:
    """Read what a checkpoint learned from; Any: metadata is plain data of every kind."""
    return tuple(
        TrainingData(name=one["name"], pictures=one["pictures"], licence=one["licence"])
        for one in metadata.get("data", ())
    )


def make_manifest(
    *,
    name: str,
    checkpoint: Checkpoint,
    counter: Counter,
    windows: Windows | None,
    outputs: Collection[str],
    checkpoint_sha256: str,
) -> Manifest:
    """Write the manifest of a model file.

    Args:
        name: Name of the model, as people will see it.
        checkpoint: What it is made from; of its notes `data`, `errors`, `calibration` and
            `novelty` are read.
        counter: The network built from it.
        windows: How a model with a fixed window walks; None: pictures are taken whole.
        outputs: Names of what the graph gives.
        checkpoint_sha256: Hash of the checkpoint file.

    Returns:
        The manifest, valid.
    """
    network, metadata = checkpoint.network, checkpoint.metadata
    calibration, novelty = metadata.get("calibration"), metadata.get("novelty")
    has_variance = "variance" in outputs
    return Manifest(
        name=name,
        method=method_of(network),
        block_px=counter.block_px,
        size_multiple=counter.size_multiple,
        window_px=windows.window_px if windows else None,
        stride_px=windows.stride_px if windows else None,
        bins=bins_of(network),
        prompts=sentences_of(network),
        has_variance=has_variance,
        calibration=Calibration(**calibration) if calibration and has_variance else None,
        novelty=Novelty(**novelty) if novelty and "novelty" in outputs else None,
        input_scale=input_scale_of(counter),
        training_data=training_data_of(metadata),
        errors=_errors(metadata.get("errors", ())),
        software_version=monitor.__version__,
        checkpoint_sha256=checkpoint_sha256,
    )


def _errors(found: Sequence[Mapping[str, Any]]) -> tuple[MeasuredError, ...]:
    return tuple(MeasuredError(**one) for one in found)
