"""Write CLIP-Count so that it counts whatever is typed: picture half, text half, vocabulary."""

import logging
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx
import torch
from open_clip.tokenizer import default_bpe
from torch import Tensor, nn
from torch.export import Dim

from exports.convert import Report, compare_things
from exports.errors import ExportError
from exports.manifest import Windows, make_manifest
from exports.model_file import drafting, write_model
from exports.pictures import patterned_pictures, sizes_for
from exports.trace import OPSET, WholeCounter
from monitor.core.series import MOST_THINGS
from monitor.inference.model import load_model
from monitor.inference.prompted import text_file, vocabulary_file
from training.checkpoint import Checkpoint
from training.clip_count.network import ClipCounter

PROVEN_ON = ("people", "red cars")
"""Prompts that the files are compared with the checkpoint on."""
_MOST_PICTURES = 1024


class _WholeAsked(nn.Module):
    """The network as the app will run it, its prompt's features given beside the pictures."""

    def __init__(self, counter: ClipCounter) -> None:
        super().__init__()
        self.counter = counter
        self.colors = WholeCounter(counter)

    def forward(self, frames: Tensor, text: Tensor) -> Tensor:
        pictures = (frames.permute(0, 3, 1, 2).float() - self.colors.mean) * self.colors.scale
        features = self.counter.look(pictures)  # once, however many prompts there are
        count, prompts = frames.shape[0], text.shape[0]
        # (n, c, s, s), (p, t, d) -> (n * p, …): every picture with every prompt
        looked = features[:, None].expand(-1, prompts, -1, -1, -1).flatten(0, 1)
        asked = text[None].expand(count, -1, -1, -1).flatten(0, 1)
        blocks = self.counter.ask(looked, asked).blocks.float()
        return blocks.reshape(count, prompts, *blocks.shape[1:])


def write_open(
    checkpoint: Checkpoint, out: Path, *, name: str, sha256: str, report: Report
) -> None:
    """Write a checkpoint's network in the open form, and prove it.

    Args:
        checkpoint: Of CLIP-Count.
        out: Model file to write; the text half and the vocabulary go beside it.
        name: Name of the model, as people will see it.
        sha256: Hash of the checkpoint's file.
        report: Shows the proof and says whether it passes.

    Raises:
        ExportError: If it is another network, cannot be written, or counts otherwise.
    """
    counter = checkpoint.build()
    if not isinstance(counter, ClipCounter):
        raise ExportError("only CLIP-Count can be asked what to count")
    if out.suffix != ".onnx":
        raise ExportError(f"{out}: name a file that ends in .onnx")
    window_px, block_px = counter.config.window_px, counter.block_px
    stride_px = max(block_px, window_px // 2 // block_px * block_px)
    manifest = make_manifest(
        name=name,
        checkpoint=checkpoint,
        counter=counter,
        windows=Windows(window_px, stride_px),
        outputs={"density"},
        checkpoint_sha256=sha256,
    ).model_copy(update={"counts": "what is asked for"})
    text, image = _trace_text(counter), _trace_image(counter)
    with drafting(out) as draft:
        write_model(image, manifest, draft)
        write_model(text, manifest, text_file(draft))
        shutil.copyfile(default_bpe(), vocabulary_file(draft))
        opened = load_model(Path(f"{draft}?count={','.join(PROVEN_ON)}"), provider="cpu")
        proof = compare_things(PROVEN_ON, counter, opened, patterned_pictures(sizes_for(window_px)))
        if not report(proof, "fp32"):
            raise ExportError(f"{out}: would count otherwise than its checkpoint; not written")


def _trace_text(counter: ClipCounter) -> onnx.ModelProto:
    tokens = torch.zeros(1, counter.text.places, dtype=torch.int64)
    tokens[0, 1] = 1  # an end, wherever
    return _trace(counter.text, {"tokens": tokens}, "text", {})


def _trace_image(counter: ClipCounter) -> onnx.ModelProto:
    side = counter.config.window_px
    with torch.inference_mode():
        text = counter.encode(PROVEN_ON).clone()
    # Two prompts and three pictures: one would become a constant, equal numbers one dimension.
    frames = torch.zeros(3, side, side, 3, dtype=torch.uint8)
    pictures = Dim("batch", min=1, max=_MOST_PICTURES)
    free = {"frames": {0: pictures}, "text": {0: Dim("prompts", min=1, max=MOST_THINGS)}}
    return _trace(_WholeAsked(counter).eval(), {"frames": frames, "text": text}, "density", free)


def _trace(
    module: nn.Module,
    given: Mapping[str, Tensor],
    output: str,
    free: Mapping[str, Any],  # torch's symbolic dimensions have no public type
) -> onnx.ModelProto:
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # torch's own deprecations, not ours to mend
            logging.getLogger("torch.onnx").setLevel(logging.ERROR)
            program = torch.onnx.export(
                module,
                tuple(given.values()),
                input_names=list(given),
                output_names=[output],
                dynamic_shapes=dict(free) or None,
                opset_version=OPSET,
                dynamo=True,
                verbose=False,
            )
    except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
        raise ExportError(f"the network cannot be written as ONNX: {error}") from error
    if program is None:
        raise ExportError("torch gave no graph for this network")
    return program.model_proto
