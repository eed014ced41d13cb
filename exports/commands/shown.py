"""Tables that several commands print."""

from collections.abc import Sequence

from rich.table import Table

from exports.verify import (
    TOLERANCES,
    Comparison,
    LabelledComparison,
    Precision,
    difference_of,
)
from training.console import OUT
from training.scoring import SetScore


def show_comparison(
    compared: Sequence[Comparison], precision: Precision, tolerance: float | None = None
) -> bool:
    """Print how two counters compare, picture by picture.

    Args:
        compared: One or more pictures.
        precision: Coarsest arithmetic of the two.
        tolerance: Largest difference that passes; None: what the precision allows.

    Returns:
        Whether they count the same.
    """
    table = Table("picture", "before", "file", "relative", "worst block", "worst variance")
    for one in compared:
        table.add_row(
            f"{one.size_hw[1]}x{one.size_hw[0]}",
            f"{one.count_reference:.4f}",
            f"{one.count_file:.4f}",
            f"{one.relative:.1e}",
            f"{one.worst_block:.1e}",
            "-" if one.worst_variance is None else f"{one.worst_variance:.1e}",
        )
    OUT.print(table)
    allowed = TOLERANCES[precision] if tolerance is None else tolerance
    difference = difference_of(compared, precision)
    what = "counts together move by" if precision == "int8" else "largest relative difference"
    OUT.print(f"{what} {difference:.1e}, allowed {allowed:.0e}")
    return difference < allowed  # a difference that is no number passes nothing


def show_scores(scored: LabelledComparison, origin: str) -> None:
    """Print what both counters get wrong on marked pictures."""
    table = Table("", "pictures", "MAE", "RMSE", "NAE", "bias", title=origin)
    for name, score in (("before", scored.reference), ("file", scored.file)):
        table.add_row(name, *_row(score))
    OUT.print(table)
    OUT.print(f"counts move by {scored.change:.3%} of the people counted")


def _row(score: SetScore) -> tuple[str, ...]:
    return (
        str(score.pictures),
        f"{score.mae:.2f}",
        f"{score.rmse:.2f}",
        f"{score.nae:.1%}",
        f"{score.bias:+.2f}",
    )
