"""Tables of an evaluation, for people: a row for each set of pictures."""

import math
from collections.abc import Sequence

from rich.table import Table

from monitor.core.manifest import Calibration
from training.calibration import fit_fraction, score_fraction, score_spread
from training.scoring import PictureScore, mae_range, paired_difference, score_set


def error_table(
    names: Sequence[str], scores: Sequence[Sequence[PictureScore]], levels: Sequence[int]
) -> Table:
    """Show how wrong counts are.

    Args:
        names: Of the sets.
        scores: The pictures of each, one or more.
        levels: Grids whose GAME the scores carry.

    Returns:
        MAE and its range by chance (see `mae_range`), RMSE, NAE, bias, 99th percentile of the
        absolute error, share of pictures that are exact when rounded, and GAME.
    """
    games = [f"GAME({level})" for level in levels]
    table = Table(
        "set",
        "pictures",
        "people",
        "MAE",
        "by chance",
        "RMSE",
        "NAE",
        "bias",
        "99 %",
        "exact",
        *games,
    )
    for name, one in zip(names, scores, strict=True):
        measured = score_set(one)
        table.add_row(
            name,
            str(measured.pictures),
            f"{sum(picture.truth for picture in one):.0f}",
            f"{measured.mae:.2f}",
            _range(*mae_range(one)),
            f"{measured.rmse:.2f}",
            f"{measured.nae:.1%}",
            f"{measured.bias:+.2f}",
            f"{measured.rare:.1f}",
            f"{measured.exact:.0%}",
            *(f"{game:.2f}" for game in measured.game),
        )
    return table


def pair_table(
    names: Sequence[str],
    scores: Sequence[Sequence[PictureScore]],
    others: Sequence[Sequence[PictureScore]],
) -> Table:
    """Show two models side by side, picture by picture.

    Args:
        names: Of the sets.
        scores: The pictures of each set as the one model counts them.
        others: The same pictures as the other counts them.

    Returns:
        MAE of both, the difference with its range by chance, and what it says of the one.
    """
    table = Table("set", "MAE", "other's MAE", "difference", "by chance", "this model is")
    for name, one, other in zip(names, scores, others, strict=True):
        found = paired_difference(one, other)
        table.add_row(
            name,
            f"{score_set(one).mae:.2f}",
            f"{score_set(other).mae:.2f}",
            f"{found.difference:+.2f}",
            f"{found.low:+.2f} to {found.high:+.2f}",
            {"chance": "neither better nor worse"}.get(found.verdict, found.verdict),
        )
    return table


def band_table(scores: Sequence[Sequence[PictureScore]], limits: Sequence[float]) -> Table:
    """Show how wrong counts are by how many people are there, over all sets together.

    Args:
        scores: The pictures of each set.
        limits: Where one band ends and the next begins, people, in ascending order.

    Returns:
        MAE, NAE and bias of each band that holds a picture.
    """
    table = Table("people in the picture", "pictures", "MAE", "NAE", "bias")
    ends = [*limits, math.inf]
    for low, high in zip([0.0, *limits], ends, strict=True):
        inside = [picture for one in scores for picture in one if low <= picture.truth < high]
        if not inside:
            continue
        measured = score_set(inside)
        table.add_row(
            f"{low:.0f} or more" if math.isinf(high) else f"{low:.0f} to {high - 1:.0f}",
            str(measured.pictures),
            f"{measured.mae:.2f}",
            f"{measured.nae:.1%}",
            f"{measured.bias:+.2f}",
        )
    return table


def condition_table(
    names: Sequence[str], conditions: Sequence[tuple[str, Sequence[Sequence[PictureScore]]]]
) -> Table:
    """Show how wrong counts are under each condition.

    Args:
        names: Of the sets.
        conditions: Name, and the pictures of each set as counted under it.

    Returns:
        MAE and bias of each set, a row for each condition.
    """
    table = Table("condition", *(f"{name}: MAE (bias)" for name in names))
    for condition, scores in conditions:
        measured = [score_set(one) for one in scores]
        table.add_row(condition, *(f"{one.mae:.2f} ({one.bias:+.2f})" for one in measured))
    return table


def spread_table(
    names: Sequence[str], scores: Sequence[Sequence[PictureScore]], calibration: Calibration
) -> Table:
    """Show what intervals hold and cost, beside those of a constant fraction of the count.

    The fraction is fitted to the very pictures shown, which favors it.

    Args:
        names: Of the sets.
        scores: The pictures of each, all with variances.
        calibration: How variances become intervals.

    Returns:
        Coverage, width, interval score and CRPS of both.
    """
    fraction = fit_fraction(scores, level=calibration.level)
    table = Table(
        "set",
        f"{calibration.level:.0%} interval holds",
        "width",
        "interval score",
        "CRPS",
        f"± {fraction:.0%} of the count holds",
        "width",
        "interval score",
        "CRPS",
    )
    for name, one in zip(names, scores, strict=True):
        judged = (
            score_spread(one, calibration),
            score_fraction(one, fraction, calibration.level),
        )
        cells = [
            cell
            for each in judged
            for cell in (
                f"{each.coverage:.0%}",
                f"{each.width:.1f}",
                f"{each.interval_score:.1f}",
                f"{each.crps:.2f}",
            )
        ]
        table.add_row(name, *cells)
    return table


def _range(low: float, high: float) -> str:
    return "" if math.isnan(low) else f"{low:.1f} to {high:.1f}"
