"""Has the camera moved since its ground and zones were marked?

A camera that was bumped, turned or zoomed goes on counting, but its meters are wrong and its zones
lie elsewhere. Corners of what stands still are found again in the new picture; people come and go,
so most corners on them find no partner. Nothing of the picture is kept but the corners'
fingerprints and a blurred map of edges, from which nobody can be recognized.
"""

import zipfile
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import RgbImage

MOVED_SHARE = 0.015
"""Shift in the picture, as a share of its width, from which a camera has moved: 29 px of full HD,
about the width of a person in the middle distance."""
CHECK_EVERY_S = 20.0
_HEIGHT_PX = 480
_CORNERS = 1500
_EDGES_WH = (160, 90)
_PARTNERS_MIN = 15  # that move alike; by chance it is hardly ever more than six
_STRUCTURE_MIN = 80  # corners; fewer and the picture is dark, foggy or covered
_REACH_PX = 4.0  # of the 480 rows: within which a corner lies where the others say
_SAME_EDGES = (
    0.2  # correlation; of two different places it is 0.0 to 0.15, of one place 0.5 or more
)
_AGREEING = 3  # checks in a row that say the same: a lorry before the lens passes
_STRANGE = 10  # checks in a row that recognize nothing: longer, for dusk and weather


class Verdict(Enum):
    """What a comparison of two pictures says."""

    SAME = auto()
    MOVED = auto()
    STRANGE = auto()
    """There is much to see, and nothing of it is known."""
    UNKNOWN = auto()
    """Too little can be seen: night, fog, a bag over the lens."""


@dataclass(frozen=True, slots=True)
class View:
    """What a camera sees, as far as it stands still; arrays are only read."""

    corners_xy: NDArray[np.float32]
    """Shape (N, 2), shares of the picture's width and height."""
    marks: NDArray[np.uint8]
    """Shape (N, 32): a fingerprint of each corner's surroundings."""
    edges: NDArray[np.float32]
    """Shape (90, 160): where edges are, blurred, mean 0 and length 1."""
    aspect: float
    """Width of the picture divided by its height."""


def view_of(image: RgbImage) -> View:
    """Take down what a camera sees; about 20 ms.

    Args:
        image: Shape (H, W, 3), uint8, RGB.

    Returns:
        Corners and edges.
    """
    height, width = image.shape[:2]
    size_wh = (max(32, round(_HEIGHT_PX * width / height)), _HEIGHT_PX)
    small = cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)
    gray = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    found, described = cv2.ORB.create(nfeatures=_CORNERS).detectAndCompute(gray, None)
    places = np.array([one.pt for one in found], dtype=np.float32).reshape(-1, 2) / size_wh
    # Without a single corner OpenCV gives no array of marks, whatever its types say.
    marks = np.zeros((0, 32), np.uint8) if not len(found) else np.asarray(described, np.uint8)
    return View(places.astype(np.float32), marks, _edges(gray), width / height)


def _edges(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    small = cv2.resize(gray, _EDGES_WH, interpolation=cv2.INTER_AREA).astype(np.float32)
    across, along = cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1)
    # The root keeps one bright lamp from outweighing a whole facade.
    strength = cv2.GaussianBlur(np.sqrt(cv2.magnitude(across, along)), (0, 0), 1.0)
    strength -= strength.mean()
    length = float(np.linalg.norm(strength))
    return np.asarray(strength / length if length > 0 else strength, dtype=np.float32)


def compare(before: View, now: View) -> Verdict:
    """Say whether two pictures were taken by a camera that has not moved in between.

    Args:
        before: What it saw when its ground was marked.
        now: What it sees now.

    Returns:
        MOVED if what stands still lies elsewhere by more than `MOVED_SHARE`.
    """
    if min(len(before.marks), len(now.marks)) < _STRUCTURE_MIN:
        return Verdict.UNKNOWN
    shift = _shift_share(before, now)
    if shift is not None:
        return Verdict.MOVED if shift > MOVED_SHARE else Verdict.SAME
    is_alike = float((before.edges * now.edges).sum()) > _SAME_EDGES
    return Verdict.UNKNOWN if is_alike else Verdict.STRANGE


def _shift_share(before: View, now: View) -> float | None:
    """Give how far the picture has shifted, as a share of its width; None: too few partners."""
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(before.marks, now.marks)
    if len(pairs) < _PARTNERS_MIN:
        return None
    scale = np.array([_HEIGHT_PX * before.aspect, _HEIGHT_PX], dtype=np.float32)
    old = before.corners_xy[[one.queryIdx for one in pairs]] * scale
    new = now.corners_xy[[one.trainIdx for one in pairs]] * scale
    cv2.setRNGSeed(0)  # the same pictures get the same answer
    turn, agreeing = cv2.estimateAffinePartial2D(
        old, new, method=cv2.RANSAC, ransacReprojThreshold=_REACH_PX
    )
    if turn is None or int(agreeing.sum()) < _PARTNERS_MIN:
        return None
    frame = np.array([(0, 0), (1, 0), (0, 1), (1, 1), (0.5, 0.5)], dtype=np.float64) * scale
    moved = frame @ turn[:, :2].T + turn[:, 2] - frame
    return float(np.median(np.linalg.norm(moved, axis=1)) / scale[0])


class ViewGuard:
    """Watches that a camera does not move; one thread looks at a time, any may ask `has_moved`."""

    def __init__(self, reference: View | None = None) -> None:
        """Begin to watch.

        Args:
            reference: What the camera saw when its ground was marked; None: what it sees first,
                as soon as there is enough to see.
        """
        self._reference = reference
        self._recent = reference
        self._last: Verdict | None = None
        self._times = 0
        self._checked_s: float | None = None
        self._has_moved = False

    @property
    def has_moved(self) -> bool:
        """Whether the camera stands otherwise than it did; it may have been put back since."""
        return self._has_moved

    def is_due(self, now_s: float) -> bool:
        """Say whether a picture should be looked at again, by the monotonic clock."""
        return self._checked_s is None or now_s - self._checked_s >= CHECK_EVERY_S

    def check(self, image: RgbImage, now_s: float) -> bool:
        """Look at a picture.

        Args:
            image: Shape (H, W, 3), uint8, RGB.
            now_s: Monotonic clock, seconds.

        Returns:
            Whether the camera has moved: after some pictures in a row that say so, until some in
            a row say that it is back.
        """
        self._checked_s = now_s
        now = view_of(image)
        if self._reference is None:
            if len(now.marks) >= _STRUCTURE_MIN:
                self._reference = self._recent = now
            return self._has_moved
        verdict = self._verdict(self._reference, now)
        if verdict is Verdict.UNKNOWN:
            return self._has_moved
        if verdict is Verdict.SAME:
            self._recent = now
        self._times = self._times + 1 if verdict is self._last else 1
        self._last = verdict
        if self._times >= (_STRANGE if verdict is Verdict.STRANGE else _AGREEING):
            self._has_moved = verdict is not Verdict.SAME
        return self._has_moved

    def _verdict(self, reference: View, now: View) -> Verdict:
        # A stand full of people looks like no empty stand, but it fills bit by bit; a camera
        # turns at once. So what is strange is compared with how the place was last known.
        verdict = compare(reference, now)
        if verdict is Verdict.STRANGE and self._recent is not None:
            is_known = compare(self._recent, now) is Verdict.SAME
            return Verdict.SAME if is_known else verdict
        return verdict


def save_view(view: View, path: Path) -> None:
    """Write a view into a file that `load_view` reads; an `OSError` is the caller's to tell."""
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            corners_xy=view.corners_xy,
            marks=view.marks,
            edges=view.edges,
            aspect=np.float64(view.aspect),
        )


def load_view(path: Path) -> View:
    """Read a view from a file.

    Args:
        path: Written by `save_view`.

    Returns:
        The view.

    Raises:
        ValueError: If it cannot be read, or is no such file.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            view = View(
                np.asarray(file["corners_xy"], np.float32),
                np.asarray(file["marks"], np.uint8),
                np.asarray(file["edges"], np.float32),
                float(file["aspect"]),
            )
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (KeyError, EOFError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: is no camera's reference") from error
    fits = (
        len(view.marks) <= _CORNERS * 2
        and view.corners_xy.ndim == 2
        and view.corners_xy.shape == (len(view.marks), 2)
    )
    if not fits or view.marks.shape[1:] != (32,) or view.edges.shape != _EDGES_WH[::-1]:
        raise ValueError(f"{path}: is no camera's reference")
    return view
