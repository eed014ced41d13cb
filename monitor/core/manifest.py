"""The document inside every model file that says what the file counts, and how well.

An ONNX file carries it as one JSON text under `METADATA_KEY`. The exporter writes it, the app
reads it; neither guesses anything that stands here.
"""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from monitor.core.bins import Bin, BinSet
from monitor.core.errors import ManifestError

METADATA_KEY = "crowd_monitor.manifest"
SCHEMA_VERSION = 5
"""Version that is written; older ones are read too. Version 3 knew no crowds in its calibration,
version 2 had one density map in every file, version 1 called a regression `ebc`."""

_OLDEST_VERSION = 1

Method = Literal["ebc", "regression", "clip-ebc", "zip", "clip-count"]
"""Ways of counting; `regression` is the baseline that gives one number a block, without bins."""

Side = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CountBin(_Record):
    """One bin of the model's classification and the number of people that it stands for."""

    low: Annotated[int, Field(ge=0)]
    """Fewest people in the bin."""
    high: int | None
    """Most people in the bin; null for the open bin."""
    value: Annotated[float, Field(ge=0)]
    """People that the bin stands for in the expectation."""


class MeasuredError(_Record):
    """What the model got wrong on pictures it was not trained on."""

    split: str
    """Which pictures, in words: `ShanghaiTech B train, 60 held out by scene`."""
    pictures: Annotated[int, Field(ge=1)]
    """How many pictures were scored."""
    mae: Annotated[float, Field(ge=0)]
    """Mean absolute error of the count, people."""
    rmse: Annotated[float, Field(ge=0)]
    """Root of the mean squared error of the count, people."""
    nae: Annotated[float, Field(ge=0)]
    """Mean of absolute error divided by the true count, pictures with people only."""
    coverage: Share | None = None
    """Share of these pictures whose true count lay in an interval that they had no part in
    fitting; null: not measured."""


class Calibration(_Record):
    """How the blocks' variances become the variance of a picture's count.

    Blocks err together: a model that overcounts a dense crowd does so in all of it. If blocks
    were independent, the count's variance would be the sum of theirs; if they erred as one, it
    would grow as the square of the sum. The powers say where between the two a model stands. In
    crowds, where heads hide each other, errors may grow faster than below.
    """

    variance_factor: Annotated[float, Field(gt=0)]
    """Multiplies (sum of block variances)^`variance_power` · count^`count_power` ·
    max(1, count / `crowd_from`)^`crowd_power` · novelty^`novelty_power`; to that
    `least_variance` is added."""
    variance_power: Annotated[float, Field(ge=0)] = 1.0
    """Power of the sum of block variances."""
    count_power: Annotated[float, Field(ge=0)] = 0.0
    """Power of the count."""
    crowd_from: Annotated[float, Field(gt=0)] = 100.0
    """Count from which on a picture shows a crowd, people."""
    crowd_power: Annotated[float, Field(ge=0)] = 0.0
    """Power of how many times so many there are, where there are more."""
    novelty_power: Annotated[float, Field(ge=0)] = 0.0
    """Power of the picture's novelty: what a model knows less of, it counts worse."""
    least_variance: Annotated[float, Field(ge=0)] = 0.0
    """Added to all that, people squared: people are whole and counts are not, and no picture is so
    empty that this is certain."""
    level: Annotated[float, Field(gt=0, lt=1)] = 0.9
    """Probability that the interval is meant to hold."""
    coverage: Share | None = None
    """Share of held-out pictures whose true count lay in the interval, each kind of scene judged
    by what the other kinds gave; null: not measured."""
    pictures: Annotated[int, Field(ge=0)] = 0
    """Held-out pictures that the factor and the coverage come from."""

    @property
    def law(self) -> str:
        """How the variance of a count follows, as a formula for people."""
        powers = (
            ("blocks' variances", self.variance_power),
            ("count", self.count_power),
            (f"max(1, count / {self.crowd_from:g})", self.crowd_power),
            ("novelty", self.novelty_power),
        )
        factors = (
            name if power == 1 else f"{name}^{power:.2f}" for name, power in powers if power != 0
        )
        product = " × ".join([f"{self.variance_factor:.3g}", *factors])
        return f"{product} + {self.least_variance:.3g}" if self.least_variance else product

    def variance_of(
        self, block_variances: float, count: float, novelty: float | None = None
    ) -> float:
        """Give the variance of a picture's count.

        Args:
            block_variances: Sum of the variances of its blocks, people squared, 0 or more.
            count: Sum of its blocks, people, 0 or more.
            novelty: How unlike known pictures it is, 0 or more; None: the model does not say.

        Returns:
            People squared. It may lie below `block_variances`: a head on the border of two blocks
            makes both doubtful, and their sum is not.

        Raises:
            ValueError: If the variance depends on the novelty and there is none.
        """
        crowds = max(1.0, count / self.crowd_from) ** self.crowd_power
        grown = float(block_variances**self.variance_power * count**self.count_power * crowds)
        if self.novelty_power:
            if novelty is None:
                raise ValueError("this calibration needs the picture's novelty")
            grown *= novelty**self.novelty_power
        return self.variance_factor * grown + self.least_variance


class Novelty(_Record):
    """How to read a model's third output: how unlike the pictures it has learned a picture is."""

    limit: Annotated[float, Field(gt=0)]
    """Above this, the count should not be relied on."""
    false_share: Share
    """Share of held-out pictures of the same kinds that lie above it nevertheless."""


class TrainingData(_Record):
    """One set of pictures that the model learned from."""

    name: str
    """As its publishers call it."""
    pictures: Annotated[int, Field(ge=0)]
    """How many pictures were used for training."""
    licence: str
    """Under what terms the pictures were had."""


class Manifest(_Record):
    """Everything the runner of a model must know that the graph does not say itself."""

    schema_version: Literal[5] = 5
    """Version of this document; a file with a version unknown here is refused."""
    name: Annotated[str, Field(min_length=1)]
    """Name of the model, as people will see it."""
    method: Method
    """How it counts."""
    counts: str = "people"
    """What is counted, in the plural."""
    things: tuple[str, ...] = ()
    """What each density map counts, in the plural and in order, where the graph gives several:
    its `density` has a second dimension then. Empty: one map, of `counts`."""
    block_px: Side
    """Side of a block of the density map, pixels of the picture given."""
    size_multiple: Side
    """Both sides of the picture given must be multiples of this; a multiple of `block_px`."""
    window_px: Side | None = None
    """Side of the square window that the model needs; null: any size is taken whole."""
    stride_px: Side | None = None
    """Distance between windows; null without windows."""
    merge: Literal["average"] = "average"
    """What is done where windows overlap."""
    bins: tuple[CountBin, ...] = ()
    """The bins, in order; empty for methods without."""
    prompts: tuple[str, ...] = ()
    """Sentences whose text embeddings are in the graph."""
    has_variance: bool
    """Whether the graph gives a `variance` beside the `density`."""
    calibration: Calibration | None = None
    """How variances become intervals; null where the count comes without an interval."""
    novelty: Novelty | None = None
    """How to read the output `novelty`; null where the graph gives none."""
    input_scale: str = "pictures as published"
    """Scale of the pictures that the errors were measured at."""
    training_data: tuple[TrainingData, ...] = ()
    """What the model learned from."""
    errors: tuple[MeasuredError, ...] = ()
    """What it gets wrong, on which pictures."""
    precision: Literal["fp32", "fp16", "int8"] = "fp32"
    """Arithmetic of the graph."""
    software_version: str
    """Version of this project that wrote the file."""
    checkpoint_sha256: str
    """Hash of the checkpoint that the file was made from."""

    @model_validator(mode="after")
    def _parts_fit(self) -> "Manifest":
        if self.size_multiple % self.block_px:
            raise ValueError("size_multiple must be a multiple of block_px")
        if (self.window_px is None) != (self.stride_px is None):
            raise ValueError("window_px and stride_px come together or not at all")
        if self.window_px is not None and self.stride_px is not None:
            if self.window_px % self.size_multiple or self.stride_px % self.block_px:
                raise ValueError("window_px and stride_px must be multiples of the block")
            if self.stride_px > self.window_px:
                raise ValueError("stride_px beyond window_px would leave people uncounted")
        if self.method == "regression" and self.bins:
            raise ValueError("a regression has no bins")
        if self.bins:
            self.bin_set()
        return self

    @model_validator(mode="after")
    def _outputs_fit(self) -> "Manifest":
        if self.calibration is not None and not self.has_variance:
            raise ValueError("a calibration needs a variance output")
        if self.novelty is not None and not self.has_variance:
            raise ValueError("novelty is the output after the variance, and there is none")
        if self.novelty is not None and self.window_px is not None:
            raise ValueError("novelty is of whole pictures; a model with windows has none")
        if self.novelty is None and self.calibration and self.calibration.novelty_power:
            raise ValueError("the calibration needs a novelty, and the model gives none")
        return self

    @model_validator(mode="after")
    def _things_fit(self) -> "Manifest":
        if not self.things:
            return self
        if len(self.things) < 2 or len(set(self.things)) < len(self.things):
            raise ValueError("things are two or more, each named once")
        if self.has_variance:
            raise ValueError("several density maps come without a variance")
        return self

    @property
    def counted(self) -> tuple[str, ...]:
        """What is counted, one name a density map."""
        return self.things or (self.counts,)

    def bin_set(self) -> BinSet:
        """Give the bins as the record that computes with them."""
        return BinSet(
            tuple(Bin(one.low, one.high) for one in self.bins),
            tuple(one.value for one in self.bins),
        )

    def to_json(self) -> str:
        """Write the document as the JSON text that goes into a model file."""
        return self.model_dump_json(indent=1)


def read_manifest(text: str | None, *, origin: str) -> Manifest:
    """Read a manifest and refuse what this version does not understand.

    Args:
        text: JSON found in the model file; None where there was none.
        origin: Name of the file, for the message.

    Returns:
        The manifest, valid.

    Raises:
        ManifestError: If there is none, it is no JSON, its version is unknown, or parts are wrong.
    """
    if text is None:
        raise ManifestError(
            f"{origin}: this ONNX file carries no Crowd Monitor manifest, so what it counts is "
            "unknown; make one with `python -m exports onnx CHECKPOINT OUT`"
        )
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise ManifestError(
            f"{origin}: the manifest is no valid JSON ({error}); export the model again"
        ) from error
    version = document.get("schema_version") if isinstance(document, dict) else None
    if not isinstance(version, int) or not _OLDEST_VERSION <= version <= SCHEMA_VERSION:
        raise ManifestError(
            f"{origin}: manifest schema {version!r}, this version reads {_OLDEST_VERSION} to "
            f"{SCHEMA_VERSION}; update the app or export the model again"
        )
    try:
        return Manifest.model_validate(_upgraded(document))
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in one['loc']) or 'document'}: {one['msg']}"
            for one in error.errors()
        )
        raise ManifestError(
            f"{origin}: the manifest is not valid ({faults}); export the model again"
        ) from error


def _upgraded(document: dict[str, object]) -> dict[str, object]:
    """Say in the newest version's words what a document of an older one says."""
    if document["schema_version"] == SCHEMA_VERSION:
        return document
    is_oldest = document["schema_version"] == _OLDEST_VERSION
    is_regression = is_oldest and document.get("method") == "ebc" and not document.get("bins")
    renamed = {"method": "regression"} if is_regression else {}
    return document | {"schema_version": SCHEMA_VERSION} | renamed
