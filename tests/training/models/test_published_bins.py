"""Bins of the published models."""

import math

import pytest

from monitor.core.bins import mean_values
from tests.rigs import golden
from training.models.published_bins import bin_names, bins_by_name


def test_all_names_can_be_looked_up() -> None:
    """Seventeen of EBC and twelve of ZIP, each with bins that cover every count."""
    found = [bins_by_name(name) for name in bin_names()]

    assert len(found) == 17 + 12
    assert all(one.bins[-1].high is None for one in found)


@pytest.mark.parametrize(
    ("name", "bins"),
    [
        ("nwpu-8-4-fine", 5),
        ("qnrf-8-11-fine", 12),
        ("qnrf-16-8-dynamic", 7),
        ("qnrf-16-8-coarse", 5),
        ("qnrf-32-19-fine", 20),
        ("qnrf-32-19-dynamic", 15),
        ("qnrf-32-19-coarse", 11),
        ("zip-sha-16", 14),
        ("zip-shb-32", 20),
    ],
)
def test_as_many_bins_as_published(name: str, bins: int) -> None:
    """Numbers of bins from the papers' programs."""
    assert len(bins_by_name(name).bins) == bins


@golden.needs_golden
@pytest.mark.parametrize("block_px", [8, 16, 32])
@pytest.mark.parametrize("data_set", ["sha", "shb", "qnrf", "nwpu"])
def test_zip_bins_are_the_files(data_set: str, block_px: int) -> None:
    """Bounds and values are those of the published file."""
    bins, values = golden.zip_bins(data_set, block_px)

    found = bins_by_name(f"zip-{data_set}-{block_px}")

    ours = [(one.low, math.inf if one.high is None else one.high) for one in found.bins]
    assert ours == bins
    assert list(found.values) == values


def test_unknown_name_is_answered_with_all() -> None:
    """The message lists what there is."""
    with pytest.raises(ValueError, match="zip-sha-16"):
        bins_by_name("sha")


def test_values_are_means_of_counts() -> None:
    """The rule behind the values: mean of the counts seen in a bin."""
    bins = bins_by_name("qnrf-16-8-coarse").bins

    assert mean_values(bins, [5, 3, 1, 0, 2, 0, 0, 1, 1])[1:3] == (1.25, 4.0)
