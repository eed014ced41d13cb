"""What a person says of a released file because the file does not say it itself."""

import re
from dataclasses import dataclass
from pathlib import Path

from exports.errors import ExportError
from monitor.core.bins import BinSet
from training.models.published_bins import bin_names, bins_by_name
from training.models.sentences import Style

DATA_SETS = ("sha", "shb", "nwpu", "qnrf", "jhu")
"""Short names of the data sets that models were published for."""

_FOLDER = re.compile(
    r"^(?P<model>.+?)(?:_(?P<style>word|number))?_(?P<window>\d+)_(?P<block>8|16|32)"
    r"_(?P<truncation>\d+)_(?P<granularity>fine|dynamic|coarse)(?:_|$)"
)
_USUAL_BLOCK_PX, _USUAL_TRUNCATION, _USUAL_GRANULARITY = 8, 4, "fine"


@dataclass(frozen=True)
class Choices:
    """Options of the import; what is None is taken from the file, its folder, or as published."""

    backbone: str | None = None
    """Name of the trunk, where it cannot be told from the weights: any timm model."""
    data_set: str | None = None
    """Short name of the data set that the model was trained on: gives bins and their values."""
    bins: BinSet | None = None
    """Bins and their values, where no data set of that name was published."""
    block_px: int | None = None
    """Side of a block, pixels."""
    truncation: int | None = None
    """Count from which the last bin is open, where a data set was published with several."""
    granularity: str | None = None
    """`fine`, `dynamic` or `coarse`, likewise."""
    style: Style | None = None
    """Whether sentences were written with words or digits."""
    window_px: int | None = None
    """Side of the window of a vision transformer, pixels."""
    quick_gelu: bool | None = None
    """ZIP on a vision transformer: whether it was trained with x·σ(1.702 x); default exact."""


def completed(choices: Choices, path: Path) -> Choices:
    """Complete options from the names of the folders that a file lies in.

    CLIP-EBC's program names folders `nwpu/clip_vit_b_16_word_224_8_4_fine_1.0_dmcount`.

    Args:
        choices: What was said; it goes before what is read here.
        path: The file.

    Returns:
        The options, completed where a folder speaks.
    """
    parents = [folder.name for folder in path.resolve().parents[:2]]
    found = next((match for name in parents if (match := _FOLDER.match(name))), None)
    data_set = next((name for name in parents if name in DATA_SETS), None)
    return Choices(
        backbone=choices.backbone,
        data_set=choices.data_set or data_set,
        bins=choices.bins,
        block_px=choices.block_px or (int(found["block"]) if found else None),
        truncation=choices.truncation or (int(found["truncation"]) if found else None),
        granularity=choices.granularity or (found["granularity"] if found else None),
        style=choices.style or (_style(found["style"]) if found else None),
        window_px=choices.window_px,
        quick_gelu=choices.quick_gelu,
    )


def chosen_bins(choices: Choices, path: Path) -> tuple[int, BinSet]:
    """Find the block size and bins of a CLIP-EBC or EBC file, which does not carry them.

    Args:
        choices: Options, completed.
        path: The file, for the message.

    Returns:
        Side of a block, pixels, and the bins with their values.

    Raises:
        ExportError: If neither bins nor a data set were said, or there were none such; the
            published ones are listed by name.
    """
    block_px = choices.block_px or _USUAL_BLOCK_PX
    if choices.bins is not None:
        return block_px, choices.bins
    offered = ", ".join(name for name in bin_names() if not name.startswith("zip-"))
    if choices.data_set is None:
        raise ExportError(
            f"{path}: does not say what its bins stand for; name the data set that it was trained "
            f"on ({', '.join(DATA_SETS)}), or the bins and their values; published are {offered}"
        )
    truncation = choices.truncation or _USUAL_TRUNCATION
    granularity = choices.granularity or _USUAL_GRANULARITY
    name = f"{choices.data_set}-{block_px}-{truncation}-{granularity}"
    try:
        return block_px, bins_by_name(name)
    except ValueError as error:
        raise ExportError(
            f"{path}: no bins were published as '{name}' (data set, block, first count of the "
            f"open bin, granularity); there are {offered}; or give the bins and their values"
        ) from error


def _style(text: str | None) -> Style | None:
    if text == "word":
        return "word"
    return "number" if text == "number" else None
