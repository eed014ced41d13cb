"""Where a model runs: which of ONNX Runtime's execution providers is asked for, which is got.

ONNX Runtime falls back to the processor without an error. Here what was asked for is compared
with what was got, so that nobody believes in a graphics card that sleeps.
"""

from collections.abc import Sequence

from monitor.core.errors import ModelError

PROVIDER_NAMES = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
"""What people type, and what ONNX Runtime calls it."""

_PREFERENCE = ("cuda", "directml", "coreml", "cpu")
"""What `auto` takes, in this order. TensorRT and OpenVINO only when asked for: they spend minutes
building an engine at the first start."""


def choose_providers(asked: str, available: Sequence[str]) -> list[str]:
    """Choose the providers to ask ONNX Runtime for.

    Args:
        asked: One of `PROVIDER_NAMES`, or `auto`.
        available: ONNX Runtime's names of what this machine's installation offers.

    Returns:
        ONNX Runtime's names, the wanted one first and the processor last.

    Raises:
        ModelError: If the provider is unknown or not offered here.
    """
    offered = [name for name, full in PROVIDER_NAMES.items() if full in available]
    if asked == "auto":
        chosen = next((name for name in _PREFERENCE if name in offered), "cpu")
    elif asked not in PROVIDER_NAMES:
        raise ModelError(
            f"no execution provider is called '{asked}'; there are auto, "
            f"{', '.join(PROVIDER_NAMES)}"
        )
    elif asked not in offered:
        raise ModelError(
            f"execution provider '{asked}' is not offered by the installed ONNX Runtime, which "
            f"has {', '.join(offered)}; install the matching package (for CUDA and TensorRT: "
            "the extra `gpu` instead of `cpu`) or choose another"
        )
    else:
        chosen = asked
    names = [PROVIDER_NAMES[chosen], PROVIDER_NAMES["cpu"]]
    return list(dict.fromkeys(names))


def short_name(provider: str) -> str:
    """Give the name that people type for one of ONNX Runtime's; unknown ones stay as they are."""
    return next((name for name, full in PROVIDER_NAMES.items() if full == provider), provider)
