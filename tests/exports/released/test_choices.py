"""What is said of a file, and what its folders say.

The import's words of the command line.
"""

import argparse
from pathlib import Path

import pytest

from exports.errors import ExportError
from exports.released.choices import Choices, chosen_bins, completed
from exports.released.importer import add_import_options, choices_of
from monitor.core.bins import BinSet, parse_bins

FOLDER = Path("checkpoints/qnrf/clip_resnet50_number_448_16_8_dynamic_1.0_dmcount_aug")


def test_folders_complete_what_was_not_said() -> None:
    """Data set, wording, block, truncation and granularity are in the published folder names."""
    choices = completed(Choices(), FOLDER / "best_mae_0.pth")

    assert choices == Choices(
        data_set="qnrf", block_px=16, truncation=8, granularity="dynamic", style="number"
    )
    block_px, bins = chosen_bins(choices, FOLDER)
    assert block_px == 16
    assert bins.values == (0, 1, 2, 3, 4.29278, 6.31441, 9.23349)


def test_what_is_said_goes_before_folders() -> None:
    """An option wins over a folder's name."""
    choices = completed(Choices(data_set="sha", block_px=8), FOLDER / "best_mae_0.pth")

    assert (choices.data_set, choices.block_px) == ("sha", 8)


def test_data_set_alone_gives_the_usual_bins() -> None:
    """All released CLIP-EBC models have blocks of 8 and a last bin from 4."""
    block_px, bins = chosen_bins(Choices(data_set="nwpu"), Path("best.pth"))

    assert block_px == 8
    assert bins.values[-1] == 4.21931


def test_own_bins_need_no_data_set() -> None:
    """Bins that were given are taken as they are."""
    own = BinSet(parse_bins("0,1,2+"), (0.0, 1.0, 2.5))

    assert chosen_bins(Choices(bins=own, block_px=32), Path("best.pth")) == (32, own)


def test_unknown_bins_are_answered_with_the_published_ones() -> None:
    """Without a data set, or for bins never published, the message offers them by name."""
    with pytest.raises(ExportError, match=r"sha, shb, nwpu, qnrf, jhu.*qnrf-16-8-coarse"):
        chosen_bins(Choices(), Path("best.pth"))
    with pytest.raises(ExportError, match=r"'sha-16-8-fine'.*there are sha-8-2-fine"):
        chosen_bins(Choices(data_set="sha", block_px=16, truncation=8), Path("best.pth"))


def _read(*words: str) -> Choices:
    parser = argparse.ArgumentParser()
    add_import_options(parser)
    return choices_of(parser.parse_args(words))


def test_nothing_said() -> None:
    """Without options nothing is chosen."""
    assert _read() == Choices()


def test_everything_said() -> None:
    """Each option reaches its place."""
    words = "--dataset qnrf --block 16 --truncation 8 --granularity coarse --prompts number"

    choices = _read(*words.split(), "--window", "448", "--backbone", "resnet50", "--gelu", "quick")

    assert choices == Choices(
        data_set="qnrf",
        block_px=16,
        truncation=8,
        granularity="coarse",
        style="number",
        window_px=448,
        backbone="resnet50",
        quick_gelu=True,
    )


def test_bins_by_name_by_values_and_by_middle() -> None:
    """Bins may be named, given with values, or stand for their middle."""
    named, valued, middle = (
        _read(*words).bins
        for words in (
            ["--bins", "nwpu-8-4-fine"],
            ["--bins", "0,1,2+", "--values", "0,1,2.5"],
            ["--bins", "0,1-2,3+"],
        )
    )

    assert named is not None
    assert named.values[-1] == 4.21931
    assert valued is not None
    assert valued.values == (0.0, 1.0, 2.5)
    assert middle is not None
    assert middle.values == (0.0, 1.5, 3.0)


@pytest.mark.parametrize(
    "words",
    [["--values", "0,1"], ["--bins", "0,1,2+", "--values", "0,1"], ["--bins", "0,2+"]],
    ids=["values alone", "too few values", "a gap"],
)
def test_bins_that_do_not_fit(words: list[str]) -> None:
    """Wrong bins are a mistake that is told."""
    with pytest.raises(ExportError, match="bins"):
        _read(*words)
