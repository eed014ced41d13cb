"""The import's words of the command line."""

import argparse

import pytest

from exports.errors import ExportError
from exports.released.choices import Choices
from exports.released.options import add_import_options, choices_of


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
