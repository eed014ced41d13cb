"""The interval of a count over time as a filled band, which a gap leaves open.

WORKAROUND pyqtgraph 0.14: `FillBetweenItem` pairs the pieces of both edges by their number, after
Qt has dropped those of a single point, and so fills wedges across gaps: remove when it pairs them
by their place.
"""

import numpy as np
import pyqtgraph as pg
from PyQt6.QtGui import QPainterPath

from monitor.ui.series import Column


def band_path(time_s: Column, low: Column, high: Column) -> QPainterPath:
    """Give the outline of a band, in the units of the plot.

    Args:
        time_s: Rising, seconds since 1970.
        low: Lower edge, people; NaN where it is not known.
        high: Upper edge, people.

    Returns:
        One closed piece for each run of points whose edges are known; a point alone has none.
    """
    path = QPainterPath()
    is_known = np.isfinite(low) & np.isfinite(high)
    turns = np.diff(np.concatenate([[False], is_known, [False]]).astype(np.int8))
    for begin, end in zip(np.flatnonzero(turns > 0), np.flatnonzero(turns < 0), strict=True):
        if end - begin > 1:
            run = slice(begin, end)
            x = np.concatenate([time_s[run], np.flip(time_s[run])])
            y = np.concatenate([high[run], np.flip(low[run])])
            path.addPolygon(pg.functions.arrayToQPolygonF(x, y))
            path.closeSubpath()
    return path
