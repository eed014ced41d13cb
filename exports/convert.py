"""Make a model file: trace, reduce, write, prove, and only then put it into its place.

CLIP-Count with prompts that are fixed: what the network becomes, and how each is proven.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import onnx

from exports.card import write_card
from exports.errors import ExportError
from exports.half import share_of_half, to_half
from exports.int8 import to_int8
from exports.manifest import Windows, make_manifest
from exports.mixed_precision import Progress
from exports.model_file import MOST_BYTES, check_place, drafting, read_model, write_model
from exports.onnx_graph import facts_of, intake_of
from exports.pictures import halves_of, patterned_pictures, sizes_for
from exports.trace import InputShape, trace
from exports.verify import Comparison, Precision, compare, torch_counter
from monitor.core.arrays import RgbImage
from monitor.core.manifest import Manifest
from monitor.core.series import check_things, things_named
from monitor.inference.model import Model, load_model
from training.checkpoint import Checkpoint
from training.clip_count.network import ClipCounter, Prompted
from training.models.output import Counter
from training.models.pyramid import PyramidCounter


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


Report = Callable[[Sequence[Comparison], Precision], bool]
"""Shows a comparison, and says whether it passes for files of that precision."""

_JUDGING_FOR_PROOF = 4
"""Pictures of those that judged int8 which the written file is compared on once more."""


@dataclass(frozen=True)
class Wish:
    """What kind of file is asked for."""

    precision: Precision = "fp32"
    """Arithmetic of the layers."""
    window_px: int | None = None
    """Side of the windows to look through; None: the network's own, or pictures taken whole."""
    stride_px: int | None = None
    """Distance between windows; None: side by side."""
    fixed_hw: tuple[int, int] | None = None
    """Height and width of the only pictures taken; None: free, or the window."""
    batch: int | None = None
    """Pictures taken at once; None: any number."""
    prompts: tuple[str, ...] = ()
    """What CLIP-Count shall count, one density map each; none: what its checkpoint says."""
    data: Path | None = None
    """Real pictures that int8 is fitted to and judged on; None draws some."""
    pictures: int = 36
    """How many of them: a quarter for ranges, a quarter to choose layers, half to judge."""
    max_change: float = 0.01
    """Share of the people counted by which counts may move in int8."""
    most_bytes: int = MOST_BYTES
    """Weights above this stand in a second file."""

    def __post_init__(self) -> None:
        if self.fixed_hw is not None and self.window_px is not None:
            raise ExportError("--fixed and --window exclude each other: a window is a fixed size")
        if not 0 < self.max_change < 1:
            raise ExportError(
                f"--max-error {self.max_change}: a share between 0 and 1, such as 0.01"
            )


@dataclass(frozen=True)
class Source:
    """A graph in full precision, what it is, and how it must count."""

    model: onnx.ModelProto
    manifest: Manifest
    prove: Callable[[Model, Sequence[RgbImage]], list[Comparison]]
    """Compares an opened file with what the graph was made from."""
    made: str
    """Where the graph is from, one sentence."""


def from_checkpoint(checkpoint: Checkpoint, wish: Wish, *, name: str, sha256: str) -> Source:
    """Trace a checkpoint's network.

    Args:
        checkpoint: What to make a file from.
        wish: What kind of file.
        name: Name of the model, as people will see it.
        sha256: Hash of the checkpoint's file.

    Returns:
        The graph and its manifest.

    Raises:
        ExportError: If what is asked for does not suit the network, or it cannot be traced.
        CheckpointError: If the checkpoint's weights do not fit its own description.
    """
    built = checkpoint.build()
    # The network has its own copy; unless the caller keeps them too, the others make room now.
    checkpoint = replace(checkpoint, weights={})
    counter, things = prompted(built, wish.prompts)
    if len(things) > 1 and wish.precision == "int8":
        raise ExportError("int8 is judged on one kind of thing; give one --prompt, or fp16")
    window_px = wish.window_px or counter.window_px
    if counter.window_px is not None and wish.fixed_hw is not None:
        raise ExportError(
            f"this network looks through windows of {counter.window_px} px; leave --fixed out"
        )
    if wish.stride_px is not None and window_px is None:
        raise ExportError("--stride is the distance of windows, and there are none; add --window")
    fixed_hw = wish.fixed_hw if window_px is None else (window_px, window_px)
    stride_px = wish.stride_px or (_half_window(counter, window_px) if things else window_px)
    if window_px is not None and isinstance(counter, PyramidCounter):
        counter.familiarity = None  # it speaks of whole pictures, not of windows
    model = trace(counter, InputShape(fixed_hw, wish.batch))
    outputs = {one.name for one in model.graph.output}
    try:
        manifest = make_manifest(
            name=name,
            checkpoint=checkpoint,
            counter=counter,
            windows=Windows(window_px, stride_px) if window_px and stride_px else None,
            outputs=outputs,
            checkpoint_sha256=sha256,
        )
    except ValueError as error:
        raise ExportError(f"the manifest would not be valid: {error}") from error
    return Source(
        model,
        asked_for(manifest, things),
        lambda opened, images: _proof(built, things, opened, images),
        f"Traced from a {checkpoint.network.network} network by `python -m exports onnx`.",
    )


def _proof(
    counter: Counter, things: Sequence[str], opened: Model, images: Sequence[RgbImage]
) -> list[Comparison]:
    if isinstance(counter, ClipCounter):
        return compare_things(things, counter, opened, images)
    return compare(torch_counter(counter, opened), opened.count_blocks, images)


def _half_window(counter: Counter, window_px: int | None) -> int | None:
    # As it is scored: whatever a window cuts in two lies whole in another.
    if window_px is None:
        return None
    return max(counter.block_px, window_px // 2 // counter.block_px * counter.block_px)


def from_file(path: Path, wish: Wish, *, name: str | None) -> Source:
    """Take the graph of a model file in full precision, to make a smaller one of it.

    Args:
        path: Model file.
        wish: What kind of file; its sides and batch stay as they are.
        name: Name of the new model; None keeps the name.

    Returns:
        The graph and its manifest.

    Raises:
        ExportError: If it is not in full precision, or something else than precision is asked for.
        ManifestError: If it is not of this project.
    """
    if wish.window_px or wish.stride_px or wish.fixed_hw or wish.batch or wish.prompts:
        raise ExportError(
            f"{path}: of a model file only the precision can be changed; sides, windows, batch and "
            "prompt need the checkpoint"
        )
    if wish.precision == "fp32":
        raise ExportError(f"{path}: is a model file already; add --precision fp16 or int8")
    model, manifest = read_model(path)
    if manifest.precision != "fp32":
        raise ExportError(f"{path}: is in {manifest.precision}; start from the file in fp32")
    opened = load_model(path, provider="cpu")
    return Source(
        model,
        manifest.model_copy(update={"name": name or manifest.name}),
        lambda made, images: compare(opened.count_blocks, made.count_blocks, images),
        f"Made from `{path.name}` by `python -m exports onnx`.",
    )


def make(
    source: Source, wish: Wish, out: Path, *, report: Report, progress: Progress = iter
) -> None:
    """Make a file, prove it, and put it with its card into its place.

    Args:
        source: What to make it from.
        wish: What kind of file.
        out: Where it shall stand.
        report: Shows the proof and says whether it passes.
        progress: Shows how far the search for sensitive layers is.

    Raises:
        ExportError: If it cannot be written, or does not count as it should; then nothing is left.
    """
    check_place(out)
    with drafting(out) as draft:
        model, made, images = _reduced(source, wish, progress)
        manifest = source.manifest.model_copy(update={"precision": wish.precision})
        facts, intake = facts_of(model, manifest), intake_of(model)
        write_model(model, manifest, draft, most_bytes=wish.most_bytes)
        opened = load_model(draft, provider="cpu")
        proof = source.prove(opened, images)
        if not report(proof, wish.precision):
            raise ExportError(
                f"{out}: the file would count otherwise than what it is made from; not written"
            )
        write_card(draft, manifest, facts, intake=intake, proof=proof, made=[source.made, *made])


_Reduced = tuple[onnx.ModelProto, list[str], list[RgbImage]]
"""A graph, how it was made in sentences, and pictures to prove it on."""


def _reduced(source: Source, wish: Wish, progress: Progress) -> _Reduced:
    patterns = patterned_pictures(sizes_for(source.manifest.window_px))
    match wish.precision:
        case "fp32":
            return source.model, [], patterns
        case "fp16":
            half = to_half(source.model)
            share = share_of_half(half)
            told = (
                f"{share:.0%} of the weights are in sixteen bits; normalization, softmax, "
                "expectation and sums stay in full precision."
            )
            return half, [told], patterns
        case "int8":
            return _int8(source, wish, progress)


def _int8(source: Source, wish: Wish, progress: Progress) -> _Reduced:
    pictures = halves_of(wish.data, most=wish.pictures)
    found = to_int8(
        source.model, source.manifest, pictures, max_change=wish.max_change, progress=progress
    )
    told = [
        f"Ranges fitted to, and layers chosen on, {len(pictures.fitting)} pictures of "
        f"{pictures.origin}.",
        f"{len(found.left_out)} of {found.layers} layers stay in full precision, found by "
        f"measuring: {', '.join(found.left_out) or 'none'}; {found.share:.0%} of the "
        "multiplications are in eight bits.",
        f"On {len(pictures.judging)} other pictures of the same set the counts move by "
        f"{found.change:.2%} of the people counted ({wish.max_change:.2%} allowed).",
    ]
    return found.model, told, [one.image for one in pictures.judging[:_JUDGING_FOR_PROOF]]
