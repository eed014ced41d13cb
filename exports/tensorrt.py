"""Build a TensorRT engine on the machine that will run it, inside a model file like any other.

The engine is made by ONNX Runtime's own provider and embedded in the file, so the app opens it as
it opens every model. It fits one kind of graphics card and one version of TensorRT, and no other.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import onnx
import onnxruntime as ort
import platformdirs

from exports.errors import ExportError
from exports.model_file import check_place, drafting, read_model, stamp
from exports.onnx_graph import intake_of
from exports.pictures import patterned_pictures
from exports.verify import TOLERANCES, Comparison, Precision, compare, difference_of
from monitor.core.manifest import Manifest
from monitor.inference.files import holds_engine
from monitor.inference.model import Intake, load_model
from monitor.inference.providers import PROVIDER_NAMES

_PROVIDER = PROVIDER_NAMES["tensorrt"]


@dataclass(frozen=True)
class Profile:
    """The pictures that an engine with free sides is built for."""

    smallest_hw: tuple[int, int] = (64, 64)
    """Height and width, pixels."""
    usual_hw: tuple[int, int] = (720, 1280)
    """What it shall be fastest at."""
    largest_hw: tuple[int, int] = (1088, 1920)
    """Larger pictures are refused by the engine."""
    most_pictures: int = 4
    """Largest batch."""

    def sides(self, manifest: Manifest) -> tuple[tuple[int, int], ...]:
        """Give the three sizes as the graph takes them: filled up to its multiples."""
        multiple = manifest.size_multiple
        sizes = (self.smallest_hw, self.usual_hw, self.largest_hw)
        filled = tuple(
            (-(-height // multiple) * multiple, -(-width // multiple) * multiple)
            for height, width in sizes
        )
        if min(self.smallest_hw) < 1 or self.most_pictures < 1:
            raise ExportError("a profile needs sides and pictures of 1 or more")
        if any(a[axis] > b[axis] for a, b in pairwise(filled) for axis in (0, 1)):
            raise ExportError(
                "a profile goes from the smallest over the usual to the largest picture"
            )
        return filled


def provider_options(
    manifest: Manifest, intake: Intake, profile: Profile, *, context: Path, is_half: bool
) -> dict[str, str]:
    """Say to ONNX Runtime how to build an engine.

    Args:
        manifest: What the model is.
        intake: What its graph takes; fixed sides need no profile.
        profile: Pictures to build for.
        context: Where the file with the engine in it is to be written.
        is_half: Whether the engine may compute in sixteen bits.

    Returns:
        Options of the TensorRT provider, as text.

    Raises:
        ExportError: If the profile makes no sense.
    """
    timings = Path(platformdirs.user_cache_dir("crowd-monitor")) / "tensorrt"
    options = {
        "trt_dump_ep_context_model": "1",
        "trt_ep_context_embed_mode": "1",
        "trt_ep_context_file_path": str(context),
        "trt_timing_cache_enable": "1",
        "trt_timing_cache_path": str(timings),
        "trt_fp16_enable": str(int(is_half)),
        "trt_int8_enable": str(int(manifest.precision == "int8")),
        "trt_layer_norm_fp32_fallback": "1",
    }
    if intake.fixed_hw is not None and intake.batch is not None:
        return options
    sizes = profile.sides(manifest)
    if intake.fixed_hw is not None:
        sizes = (intake.fixed_hw,) * 3
    batches = (intake.batch,) * 3 if intake.batch else (1, 1, profile.most_pictures)
    for name, batch, (height, width) in zip(("min", "opt", "max"), batches, sizes, strict=True):
        options[f"trt_profile_{name}_shapes"] = f"frames:{batch}x{height}x{width}x3"
    return options


def build_engine(path: Path, out: Path, profile: Profile, *, is_half: bool) -> list[Comparison]:
    """Build an engine from a model file, prove it, and write it as a model file.

    Args:
        path: Model file without an engine.
        out: Where the file with the engine shall stand.
        profile: Pictures to build for, where sides are free.
        is_half: Whether the engine may compute in sixteen bits.

    Returns:
        The engine against the file on the processor, at the profile's sizes.

    Raises:
        ExportError: If there is no TensorRT here, it cannot build the engine, or the engine counts
            otherwise; then nothing is left.
    """
    check_place(out)
    model, manifest = read_model(path, with_weights=False)
    if holds_engine(path):
        raise ExportError(f"{path}: holds an engine already; start from the file it was made from")
    _refuse_without_tensorrt()
    with drafting(out) as draft:
        options = provider_options(
            manifest, intake_of(model), profile, context=draft, is_half=is_half
        )
        Path(options["trt_timing_cache_path"]).mkdir(parents=True, exist_ok=True)
        _run_builder(path, options)
        _finish(draft, manifest, is_half=is_half)
        sizes = sorted(set(profile.sides(manifest)))
        engine, reference = load_model(draft, provider="tensorrt"), load_model(path, provider="cpu")
        compared = compare(reference.count_blocks, engine.count_blocks, patterned_pictures(sizes))
        precision: Precision = "int8" if manifest.precision == "int8" else "fp16"
        worst = difference_of(compared, precision)
        if not worst < TOLERANCES[precision]:
            raise ExportError(
                f"{out}: the engine counts otherwise than {path.name} (by {worst:.1%}); not written"
            )
    return compared


def _refuse_without_tensorrt() -> None:
    offered = ort.get_available_providers()
    if _PROVIDER not in offered:
        raise ExportError(
            "a TensorRT engine is built on the machine with the NVIDIA card that will run it; the "
            f"ONNX Runtime installed here offers only {', '.join(offered)}; install the extra "
            "`gpu` and TensorRT there (`pip install tensorrt`), and run this command on it"
        )


def _run_builder(path: Path, options: dict[str, str]) -> None:
    try:
        session = ort.InferenceSession(str(path), providers=[(_PROVIDER, options)])
    except Exception as error:  # ONNX Runtime's own errors have no common root but this
        raise ExportError(f"{path.name}: TensorRT could not build an engine ({error})") from error
    if _PROVIDER not in session.get_providers():
        raise ExportError(
            f"{path.name}: ONNX Runtime offers TensorRT but could not load it; is TensorRT "
            "installed in the version that this ONNX Runtime wants, and the driver running?"
        )


def _finish(draft: Path, manifest: Manifest, *, is_half: bool) -> None:
    if not draft.is_file():
        raise ExportError("TensorRT built no engine: this ONNX Runtime is too old to embed one")
    model = onnx.load(str(draft))
    others = [node.op_type for node in model.graph.node if node.op_type != "EPContext"]
    if others:
        raise ExportError(
            f"TensorRT took only a part of the network ({', '.join(sorted(set(others)))} are left "
            "over); export with --fixed HEIGHT WIDTH --batch 1 and build again"
        )
    precision = "fp16" if is_half and manifest.precision == "fp32" else manifest.precision
    stamp(model, manifest.model_copy(update={"precision": precision}))
    onnx.save(model, str(draft))
