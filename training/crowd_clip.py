"""`python -m training.crowd_clip --data FOLDER…`: CrowdCLIP's way of counting, as a baseline.

A picture is cut into patches, CLIP is asked of each patch first whether there is a crowd in it,
then whether human heads, and only then which of six numbers fits it best. No mark is needed for
that, and no density map comes of it. It shows what the text half of CLIP alone can do.

Source:
    Liang et al., CrowdCLIP (arXiv 2304.04231). The published program counts all patches of a
    picture in which no patch passes the questions, 180 people at least in an empty place; here
    nobody is counted there. Weights are CLIP's own unless a file is named.
"""

import argparse
import itertools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import open_clip
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from monitor.core.arrays import RgbImage
from training.console import OUT, fail, with_progress
from training.data.augment import normalize
from training.data.crops import read_rgb
from training.data.folder import read_folder
from training.errors import DataError, TrainingError
from training.models.config import CLIP, Tower
from training.models.start import fetch_clip
from training.models.towers import tokenize
from training.scoring import PictureScore, score_set

RANKED_COUNTS = (20, 55, 90, 125, 160, 195)
"""Numbers in CrowdCLIP's sentences, one for each crop from the smallest on."""


def nested_crops(pictures: Tensor, crops: int) -> Tensor:
    """Cut concentric crops, each holding the one before, and bring them to one size.

    Args:
        pictures: Shape (N, 3, side, side).
        crops: How many, K.

    Returns:
        Shape (K, N, 3, side, side), smallest first: relative sides 1/K, 2/K … 1.
    """
    side = pictures.shape[-1]
    cut = []
    for rank in range(1, crops + 1):
        inner = max(1, round(side * rank / crops))
        start = (side - inner) // 2
        crop = pictures[..., start : start + inner, start : start + inner]
        cut.append(F.interpolate(crop, size=(side, side), mode="bilinear", align_corners=False))
    return torch.stack(cut)


def ranking_loss(scores: Tensor) -> Tensor:
    """Ask that the sentence of a larger crop fits it better than every smaller crop.

    Args:
        scores: Shape (N, K, K): crop by sentence, both in ascending order.

    Returns:
        Scalar: mean over pictures and pairs i < j of max(0, score[i, j] - score[j, j]).

    Source:
        Liang et al., CrowdCLIP (arXiv 2304.04231), equation 3, margin 0.
    """
    crops = scores.shape[1]
    own = scores.diagonal(dim1=1, dim2=2)[:, None]  # (n, 1, k): each sentence with its crop
    smaller = torch.ones(crops, crops, dtype=torch.bool, device=scores.device).triu(1)
    excess = (scores - own).clamp(min=0)[:, smaller]
    return excess.mean()


GRID = 3
"""Patches along each side."""
_SIDE_PX = 224

CROWD = tuple(f"The object is {one}" for one in ("crowd", "tree", "car", "traffic light"))
"""A patch goes on if the first fits best."""
HEADS = tuple(
    f"The objects are {one}"
    for one in ("human heads", "hands", "legs", "road", "house", "shadow of man")
)
"""A patch goes on if the first is among the three that fit best."""
_HEADS_AMONG = 3
NUMBERS = tuple(f"There are {count} persons in the crowd" for count in RANKED_COUNTS)

Compare = Callable[[Sequence[RgbImage], Sequence[str]], NDArray[np.float32]]
"""Gives how well each sentence fits each picture, shape (pictures, sentences)."""


def count_crowd(image: RgbImage, compare: Compare) -> float:
    """Count people by asking of patches.

    Args:
        image: Shape (H, W, 3), uint8, RGB, at least `GRID` pixels high and wide.
        compare: Compares patches with sentences.

    Returns:
        Sum of the numbers that fit the patches that passed both questions; 0 if none passed.
    """
    patches = cut_grid(image, GRID)
    crowds = compare(patches, CROWD)
    patches = [one for one, scores in zip(patches, crowds, strict=True) if scores.argmax() == 0]
    if patches:
        heads = compare(patches, HEADS)
        ranks = (heads > heads[:, :1]).sum(axis=1)
        patches = [one for one, rank in zip(patches, ranks, strict=True) if rank < _HEADS_AMONG]
    if not patches:
        return 0.0
    fits = compare(patches, NUMBERS).argmax(axis=1)
    return float(sum(RANKED_COUNTS[int(one)] for one in fits))


def cut_grid(image: RgbImage, cells: int) -> list[RgbImage]:
    """Cut a picture into cells × cells patches that cover it, each pixel in one of them."""
    rows = np.linspace(0, image.shape[0], cells + 1).round().astype(int)
    columns = np.linspace(0, image.shape[1], cells + 1).round().astype(int)
    return [
        image[top:bottom, left:right]
        for top, bottom in itertools.pairwise(rows)
        for left, right in itertools.pairwise(columns)
    ]


def comparing(model: open_clip.CLIP, tower: Tower) -> Compare:
    """Let a CLIP model compare; its own statistics of colors are used, and whole patches."""
    known: dict[tuple[str, ...], Tensor] = {}

    def compare(patches: Sequence[RgbImage], sentences: Sequence[str]) -> NDArray[np.float32]:
        with torch.inference_mode():
            if tuple(sentences) not in known:
                encoded = model.encode_text(tokenize(tower, sentences))
                known[tuple(sentences)] = F.normalize(encoded, dim=1)
            size = tower.window_px or _SIDE_PX
            squares = [cv2.resize(one, (size, size)) for one in patches]
            pictures = torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2)
            features = model.encode_image(normalize(pictures, CLIP.mean, CLIP.std), normalize=True)
            scores: NDArray[np.float32] = (features @ known[tuple(sentences)].T).numpy()
        return scores

    return compare


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Words of the command line; None takes them from the system.

    Returns:
        Exit code: 0 done, 1 something a person can mend, 2 wrong use.
    """
    parser = argparse.ArgumentParser(prog="python -m training.crowd_clip", description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="FOLDER")
    parser.add_argument("--tower", default="ViT-B-16", help="as open_clip names it")
    parser.add_argument("--pretrained", default="openai", help="tag of open_clip, or FILE.pt")
    parser.add_argument("--all", action="store_true", help="count training pictures too")
    options = parser.parse_args(arguments)
    tower = Tower(name=options.tower, quick_gelu=options.pretrained == "openai")
    try:
        compare = comparing(fetch_clip(tower, options.pretrained).eval(), tower)
        for folder in options.data:
            _score(folder, compare, all_pictures=options.all)
    except ValueError as error:
        parser.error(str(error))
    except TrainingError as error:
        return fail(error)
    return 0


def _score(folder: Path, compare: Compare, *, all_pictures: bool) -> None:
    split_set = read_folder(folder)
    pictures = split_set.labelled.pictures if all_pictures else split_set.part(held_out=True)
    name = split_set.labelled.name
    if not pictures:
        raise DataError(f"{name}: nothing is held out in it; add --all to count every picture")
    scores = [
        PictureScore(
            one.name,
            truth=float(len(one.points_xy)),
            count=count_crowd(read_rgb(one), compare),
            variance=None,
        )
        for one in with_progress(f"counting {name}")(pictures)
    ]
    measured = score_set(scores)
    OUT.print(
        f"{name}: MAE {measured.mae:.2f}, RMSE {measured.rmse:.2f}, bias {measured.bias:+.2f}"
    )


if __name__ == "__main__":
    sys.exit(main())
