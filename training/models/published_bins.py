"""The bins of the published models and what they stand for, by data set and block size.

Released checkpoints of CLIP-EBC carry neither; their values have to be named. New data sets have
their own: `python -m training.prepare --bins`.
"""

from dataclasses import dataclass

from monitor.core.bins import BinSet, parse_bins


@dataclass(frozen=True)
class _Bins:
    singles: int
    """The bins 0, 1, … below this hold one count each and stand for it."""
    ranges: str
    """The bins after those, as `parse_bins` reads them."""
    values: tuple[float, ...]
    """What those stand for."""

    def bin_set(self) -> BinSet:
        text = ",".join([*(str(count) for count in range(self.singles)), self.ranges])
        values = (*(float(count) for count in range(self.singles)), *self.values)
        return BinSet(parse_bins(text), values)


# Source: specification of the published program's `configs/reduction_*.json`; averages over all
# windows of the training pictures, one pixel apart.
_EBC = {
    ("sha", 8, 2, "fine"): _Bins(2, "2+", (2.24479,)),
    ("shb", 8, 2, "fine"): _Bins(2, "2+", (2.15171,)),
    ("nwpu", 8, 2, "fine"): _Bins(2, "2+", (2.10737,)),
    ("qnrf", 8, 2, "fine"): _Bins(2, "2+", (2.09296,)),
    ("jhu", 8, 2, "fine"): _Bins(2, "2+", (2.18589,)),
    ("sha", 8, 4, "fine"): _Bins(4, "4+", (4.29992,)),
    ("shb", 8, 4, "fine"): _Bins(4, "4+", (4.41009,)),
    ("nwpu", 8, 4, "fine"): _Bins(4, "4+", (4.21931,)),
    ("qnrf", 8, 4, "fine"): _Bins(4, "4+", (4.21937,)),
    ("jhu", 8, 4, "fine"): _Bins(4, "4+", (4.24058,)),
    ("qnrf", 8, 11, "fine"): _Bins(11, "11+", (11.0,)),
    ("qnrf", 16, 8, "fine"): _Bins(8, "8+", (9.23349,)),
    ("qnrf", 16, 8, "dynamic"): _Bins(4, "4-5,6-7,8+", (4.29278, 6.31441, 9.23349)),
    ("qnrf", 16, 8, "coarse"): _Bins(1, "1-2,3-4,5-6,7+", (1.14978, 3.27641, 5.30609, 8.11466)),
    ("qnrf", 32, 19, "fine"): _Bins(19, "19+", (23.01897,)),
    ("qnrf", 32, 19, "dynamic"): _Bins(
        10, "10-11,12-13,14-15,16-17,18+", (10.42903, 12.43320, 14.43341, 16.43521, 21.93548)
    ),
    ("qnrf", 32, 19, "coarse"): _Bins(
        1,
        "1-2,3-4,5-6,7-8,9-10,11-12,13-14,15-16,17-18,19+",
        (
            1.23498,
            3.36108,
            5.40298,
            7.41406,
            9.42356,
            11.43094,
            13.43244,
            15.43697,
            17.43759,
            23.01897,
        ),
    ),
}
"""By data set, block size, truncation (count from which the last bin is open), granularity."""

# Source: specification of the published program's bins, averages as above.
_ZIP = {
    ("sha", 8): _Bins(4, "4+", (4.315517324699174,)),
    ("sha", 16): _Bins(
        11, "11-12,13-14,15+", (11.384243666715479, 13.37313153961136, 16.21761827079935)
    ),
    ("sha", 32): _Bins(
        20,
        "20-21,22-23,24-25,26-27,28-29,30-32,33-35,36-38,39-41,42-45,46+",
        (
            20.458471269803738,
            22.45975083362314,
            24.452746307184857,
            26.456505358338916,
            28.463502418175683,
            30.870778928410626,
            33.90979711204533,
            36.900055991041434,
            39.97510143858355,
            43.28711813715018,
            50.0655737704918,
        ),
    ),
    ("shb", 8): _Bins(4, "4+", (4.40967876512307,)),
    ("shb", 16): _Bins(9, "9+", (10.183084577114428,)),
    ("shb", 32): _Bins(
        15,
        "15-16,17-18,19-20,21-23,24+",
        (
            15.429900076863952,
            17.432660157817306,
            19.44041237113402,
            21.85593014795052,
            26.03846153846154,
        ),
    ),
    ("qnrf", 8): _Bins(4, "4+", (4.31607387394056,)),
    ("qnrf", 16): _Bins(11, "11-12,13+", (11.359832797925456, 14.771406592106041)),
    ("qnrf", 32): _Bins(
        11,
        "11-12,13-14,15-16,17-18,19-20,21-23,24-26,27-29,30-33,34+",
        (
            11.430985096747998,
            13.432578509836206,
            15.436302706040099,
            17.437926238996837,
            19.43463682532794,
            21.831327798813845,
            24.84966061395003,
            27.871928998190246,
            31.24307016400767,
            38.857225853304286,
        ),
    ),
    ("nwpu", 8): _Bins(4, "4+", (4.415116493617592,)),
    ("nwpu", 16): _Bins(10, "10+", (12.161079133299465,)),
    ("nwpu", 32): _Bins(
        10,
        "10-11,12-13,14-15,16-17,18-19,20-22,23-25,26-28,29+",
        (
            10.430232514014007,
            12.443651182531521,
            14.44796316592564,
            16.44810396865088,
            18.45020520251715,
            20.880874592146835,
            23.895607954221944,
            26.882873430559926,
            36.85814205986137,
        ),
    ),
}
"""By data set and block size."""


def bins_by_name(name: str) -> BinSet:
    """Look published bins up by name.

    Args:
        name: One of `bin_names()`: `nwpu-8-4-fine` is CLIP-EBC's for NWPU-Crowd, blocks of 8,
            last bin open from 4; `zip-sha-16` is ZIP's for ShanghaiTech A, blocks of 16.

    Returns:
        The bins and what they stand for.

    Raises:
        ValueError: If no published model has bins of that name; all names are listed.
    """
    named = _by_name()
    if name not in named:
        raise ValueError(f"no published bins '{name}'; there are {', '.join(named)}")
    return named[name].bin_set()


def bin_names() -> tuple[str, ...]:
    """Give the names of all published bins."""
    return tuple(_by_name())


def _by_name() -> dict[str, _Bins]:
    of_ebc = {"-".join(str(part) for part in key): bins for key, bins in _EBC.items()}
    of_zip = {f"zip-{data_set}-{block_px}": bins for (data_set, block_px), bins in _ZIP.items()}
    return of_ebc | of_zip
