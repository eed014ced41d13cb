"""CLIP-Count with prompts that are fixed: what the network becomes, and how each is proven."""

from collections.abc import Sequence
from functools import partial

from exports.errors import ExportError
from exports.verify import Comparison, compare, torch_counter
from monitor.core.arrays import RgbImage
from monitor.core.manifest import Manifest
from monitor.core.series import check_things, things_named
from monitor.inference.model import Model
from training.models.clip_count.counter import ClipCounter, Prompted
from training.models.output import Counter


def prompted(counter: Counter, prompts: Sequence[str]) -> tuple[Counter, tuple[str, ...]]:
    """Fix what CLIP-Count counts, which leaves its text half behind.

    Args:
        counter: Any network.
        prompts: What was asked for; none: what CLIP-Count was made for.

    Returns:
        The network to write, and what it counts; nothing where it counts what it learned.

    Raises:
        ExportError: If it is another network, or cannot be asked so.
    """
    if not isinstance(counter, ClipCounter):
        if prompts:
            raise ExportError("--prompt is for CLIP-Count; this network counts what it learned")
        return counter, ()
    try:
        things = tuple(one for prompt in prompts for one in things_named(prompt) or ("",))
        check_things(things)
    except ValueError as error:
        raise ExportError(f"--prompt: {error}; say what to count, such as `people`") from error
    chosen = things or (counter.config.prompt,)
    return Prompted(counter, chosen).eval(), chosen


def asked_for(manifest: Manifest, things: Sequence[str]) -> Manifest:
    """Say in a manifest what is counted; nothing: as it was."""
    if not things:
        return manifest
    names = tuple(things)
    several = names if len(names) > 1 else ()
    update = {"counts": ", ".join(names), "things": several, "prompts": names}
    return manifest.model_copy(update=update)


def compare_things(
    things: Sequence[str], counter: ClipCounter, opened: Model, images: Sequence[RgbImage]
) -> list[Comparison]:
    """Compare a file with its network, thing by thing.

    Args:
        things: What to count.
        counter: The network.
        opened: The file.
        images: Pictures of any sizes.

    Returns:
        One comparison a thing and picture.

    Raises:
        ExportError: If the two do not count in the same blocks.
    """
    return [
        one
        for thing in things
        for one in compare(
            torch_counter(Prompted(counter, [thing]).eval(), opened),
            partial(opened.count_blocks, thing=thing),
            images,
        )
    ]
