"""`python -m training.small_clip FOLDER`: a CLIP model of the drawn world, in a minute or two.

It stands in for the weights of a real CLIP where none can be had: written are `clip.json`, its
description in open_clip's form, and `clip.pt`, its weights, so that
`--model clip-count:FOLDER/clip.json --pretrained FOLDER/clip.pt` begins as `--pretrained openai`.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from monitor.core.arrays import RgbImage
from training.console import OUT, fail, with_progress
from training.data.augment import normalize
from training.data.shapes import SIDE_PX, draw_scene, pair_names, plural
from training.errors import TrainingError
from training.models.config import CLIP, Tower
from training.models.towers import build_clip
from training.objective import Schedule, rate_share

ARCHITECTURE: dict[str, Any] = {  # open_clip's own free-form configuration
    "embed_dim": 48,
    "vision_cfg": {
        "image_size": SIDE_PX,
        "layers": 2,
        "width": 64,
        "head_width": 32,
        "patch_size": 8,
        "pool_type": "avg",
    },
    "text_cfg": {"context_length": 8, "vocab_size": 49408, "width": 48, "heads": 2, "layers": 2},
}
"""A vision and a text transformer of a few layers, with CLIP's own vocabulary."""

_BATCH = 32
_LEARNING_RATE = 2e-3
_WARM_UP = 20
_REPORTS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Words of the command line; None takes them from the system.

    Returns:
        Exit code: 0 done, 1 the folder cannot be written, 2 wrong use.
    """
    parser = argparse.ArgumentParser(prog="python -m training.small_clip", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write")
    parser.add_argument("--steps", type=int, default=400, help="default %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default %(default)s")
    options = parser.parse_args(arguments)
    try:
        model, accuracy = train_small_clip(steps=options.steps, seed=options.seed)
        write_clip(model, options.folder)
    except TrainingError as error:
        return fail(error)
    OUT.print(f"{options.folder}: named rightly {accuracy:.0%} of the last drawn pictures")
    return 0


def train_small_clip(
    *, steps: int, seed: int, names: Sequence[str] | None = None
) -> tuple[open_clip.CLIP, float]:
    """Teach a small CLIP model which name belongs to which picture.

    Args:
        steps: Optimizer steps.
        seed: Same seed, same model on the same machine.
        names: What there is in its world; None: all pairs.

    Returns:
        The model in evaluation mode, and the share of the last batches' pictures whose name was
        found among all names.

    Source:
        Radford et al., CLIP (arXiv 2103.00020). Here a batch holds several pictures of a name, so
        each picture is compared with all names, not with the batch's; and a picture's feature is
        the mean over its patches, so that patches learn early to say what they show, which a real
        CLIP learns from far more pictures.
    """
    torch.manual_seed(seed)
    model = build_clip(Tower(name="small", architecture=ARCHITECTURE)).train()
    names = pair_names() if names is None else names
    tokens = open_clip.SimpleTokenizer()(
        [plural(name) for name in names],
        context_length=ARCHITECTURE["text_cfg"]["context_length"],
    )
    # Random vectors tell a dozen words apart, and a table of 49,408 is slow to update.
    model.token_embedding.requires_grad_(requires_grad=False)
    torch.nn.init.normal_(model.token_embedding.weight, std=1.0)
    learned = [one for one in model.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=_LEARNING_RATE, weight_decay=0.01)
    shape = Schedule(steps=steps, warm_up_steps=min(_WARM_UP, steps // 2))
    schedule = LambdaLR(optimizer, lambda step: rate_share(shape, step))
    right: list[float] = []
    for step in with_progress("a small CLIP", steps)(range(steps)):
        pictures, which = _batch(np.random.default_rng((seed, step)), names)
        features = model.encode_image(pictures, normalize=True)
        scores = model.logit_scale.exp() * features @ model.encode_text(tokens, normalize=True).T
        loss = F.cross_entropy(scores, which)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        schedule.step()
        right.append(float((scores.argmax(dim=1) == which).float().mean()))
    return model.eval(), float(np.mean(right[-_REPORTS:]))


def write_clip(model: open_clip.CLIP, folder: Path) -> None:
    """Write a model's description and weights.

    Args:
        model: From `train_small_clip`.
        folder: Where to; made if missing.

    Raises:
        TrainingError: If it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "clip.json").write_text(json.dumps(ARCHITECTURE, indent=1) + "\n")
        torch.save(model.state_dict(), folder / "clip.pt")
    except (OSError, RuntimeError) as error:
        raise TrainingError(f"{folder}: cannot be written ({error})") from error


def _batch(draw: np.random.Generator, names: Sequence[str]) -> tuple[Tensor, Tensor]:
    which = draw.integers(len(names), size=_BATCH)
    images: list[RgbImage] = [draw_scene(draw, [names[int(one)]]).image for one in which]
    pictures = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
    return normalize(pictures, CLIP.mean, CLIP.std), torch.from_numpy(which)


if __name__ == "__main__":
    sys.exit(main())
