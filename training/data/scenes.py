"""Hold out whole scenes, so that validation asks about places the model has not seen.

Published sets hold several pictures of one place. A split by picture puts the same wall, light
and camera into both halves and flatters the model. Here pictures that show the same place from
nearly the same spot are joined into scenes, and a scene goes to one side whole.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import RgbImage

_LONG_SIDE_PX = 640
_FEATURES = 400
_MATCH_DISTANCE_BITS = 48
"""Bits of 256 in which two ORB descriptors may differ and still be taken for one corner."""
_SHARED_CORNERS = 12
"""Corners that must move alike (one homography) for two pictures to count as one place. On
ShanghaiTech B, pairs seen to show one street corner share 12 to 200, chance pairs up to 8."""
_CORNER_SLACK_PX = 4.0
_ROWS_AT_ONCE = 40
"""Corners compared with all of another picture at once: few enough for the processor's cache, and
for memory that need not be asked of the system anew each time."""


@dataclass(frozen=True)
class Corners:
    """What a place looks like: corners and how each looks."""

    places_xy: NDArray[np.float32]
    """Shape (N, 2), pixels of the shrunk picture."""
    looks: NDArray[np.uint8]
    """Shape (N, 32): ORB descriptors."""


def find_corners(image: RgbImage) -> Corners:
    """Describe a place by its corners; people move, corners of buildings stay.

    Args:
        image: Shape (H, W, 3), uint8, RGB.

    Returns:
        Up to 400 corners; none in a picture without structure.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    scale = _LONG_SIDE_PX / max(grey.shape)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    keypoints, looks = cv2.ORB.create(nfeatures=_FEATURES).detectAndCompute(small, None)
    if not keypoints:
        return Corners(np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8))
    places = np.array([one.pt for one in keypoints], dtype=np.float32)
    return Corners(places, np.asarray(looks, dtype=np.uint8))


def matching_corners(one: Corners, other: Corners) -> NDArray[np.intp]:
    """Find the corners that look alike in two pictures and are each other's nearest.

    A cross-checking matcher of OpenCV finds the same and takes five times as long, nearly all of
    it for matches of corners that look nothing alike.

    Args:
        one: Corners of a picture.
        other: Corners of another.

    Returns:
        Shape (M, 2): numbers of a corner here and of its match there, ascending; none where they
        are too few for one place.
    """
    here, there, bits = _alike(one, other)
    if len(here) < _SHARED_CORNERS:
        return np.zeros((0, 2), np.intp)
    mutual = np.intersect1d(
        _first_of_each(here, np.lexsort((there, bits, here))),
        _first_of_each(there, np.lexsort((here, bits, there))),
    )
    return np.stack([here[mutual], there[mutual]], axis=1)


def _alike(
    one: Corners, other: Corners
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Give all pairs of corners that look alike, and in how many bits each pair differs."""
    here = np.ascontiguousarray(one.looks).view(np.uint64)
    there = np.ascontiguousarray(np.ascontiguousarray(other.looks).view(np.uint64).T)
    rows: list[NDArray[np.intp]] = []
    columns: list[NDArray[np.intp]] = []
    for start in range(0, len(here), _ROWS_AT_ONCE):
        part = here[start : start + _ROWS_AT_ONCE]
        # Three words of four: their 192 bits fit a byte, and hardly any pair is left for the last.
        bits = np.bitwise_count(part[:, 0, None] ^ there[0])
        for word in (1, 2):
            bits += np.bitwise_count(part[:, word, None] ^ there[word])
        row, column = np.divmod(np.flatnonzero(bits < _MATCH_DISTANCE_BITS), there.shape[1])
        rows.append(row + start)
        columns.append(column)
    row, column = np.concatenate(rows), np.concatenate(columns)
    bits = np.bitwise_count(here[row] ^ there.T[column]).sum(axis=1, dtype=np.intp)
    is_alike = bits < _MATCH_DISTANCE_BITS
    return row[is_alike], column[is_alike], bits[is_alike]


def _first_of_each(keys: NDArray[np.intp], order: NDArray[np.intp]) -> NDArray[np.intp]:
    """Give the first place of each key in an order that keeps equal keys together."""
    return order[np.unique(keys[order], return_index=True)[1]]


def shared_corners(one: Corners, other: Corners) -> int:
    """Count the corners that two pictures share and that moved alike between them."""
    if not len(one.looks) or not len(other.looks):
        return 0
    pairs = matching_corners(one, other)
    if len(pairs) < _SHARED_CORNERS:
        return 0
    here, there = one.places_xy[pairs[:, 0]], other.places_xy[pairs[:, 1]]
    _, agree = cv2.findHomography(here, there, cv2.RANSAC, _CORNER_SLACK_PX)
    return 0 if agree is None else int(np.count_nonzero(agree))


def group_scenes(
    corners: Sequence[Corners],
    *,
    progress: Callable[[Iterable[int]], Iterable[int]] = lambda steps: steps,
) -> list[int]:
    """Join pictures of one place into scenes; chains of likeness are one scene.

    Every pair is compared, which takes 1 to 2 ms a pair: a minute for 300 pictures.

    Args:
        corners: One a picture, from `find_corners`.
        progress: Wraps the pictures, to show how far comparing is.

    Returns:
        One number a picture; equal numbers are one scene, numbered in order of appearance.
    """
    neighbors: list[set[int]] = [set() for _ in corners]
    for here in progress(range(len(corners))):
        for there in range(here):
            if shared_corners(corners[here], corners[there]) >= _SHARED_CORNERS:
                neighbors[here].add(there)
                neighbors[there].add(here)
    return connect(neighbors)


def connect(neighbors: Sequence[set[int]]) -> list[int]:
    """Number the connected parts of a graph, in order of their first member."""
    part = [-1] * len(neighbors)
    count = 0
    for start in range(len(neighbors)):
        if part[start] >= 0:
            continue
        reached = [start]
        while reached:
            one = reached.pop()
            if part[one] < 0:
                part[one] = count
                reached.extend(neighbors[one])
        count += 1
    return part


def hold_out(scenes: Sequence[int], *, share: float, seed: int) -> list[bool]:
    """Choose whole scenes for validation until about the wanted share is held out.

    Args:
        scenes: One number a picture, from `group_scenes`.
        share: Share of pictures to hold out, 0 to 1.
        seed: Same seed, same choice.

    Returns:
        One claim a picture: it is held out. A scene that would overshoot the share by more than
        half of it is passed over, so a set of one scene holds out nothing.
    """
    sizes = {scene: list(scenes).count(scene) for scene in dict.fromkeys(scenes)}
    order = np.random.default_rng(seed).permutation(np.array(list(sizes), dtype=np.int64))
    wanted = share * len(scenes)
    most = 1.5 * wanted
    chosen: set[int] = set()
    held = 0
    for scene in (int(one) for one in order):
        if held >= wanted:
            break
        if held + sizes[scene] <= most:
            chosen.add(scene)
            held += sizes[scene]
    return [scene in chosen for scene in scenes]


def hold_out_tail(count: int, *, share: float) -> list[bool]:
    """Hold out the last pictures of one fixed camera, a stretch of time the model has not seen."""
    first = count - round(share * count)
    return [index >= first for index in range(count)]
