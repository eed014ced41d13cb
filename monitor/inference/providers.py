"""Where a model runs: which of ONNX Runtime's execution providers is asked for, which is got.

ONNX Runtime falls back to the processor without an error. Here what was asked for is compared
with what was got, so that nobody believes in a graphics card that sleeps.
"""

import platform
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

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


_ON_CARDS_OF_NVIDIA = frozenset({"cuda", "tensorrt"})
_PROCESSORS = Path("/proc/cpuinfo")
_CARDS = Path("/proc/driver/nvidia/gpus")
_NAME_OF_PROCESSOR = re.compile(r"^model name\s*:\s*(\S.*)$", re.MULTILINE)
_NAME_OF_CARD = re.compile(r"^Model:\s*(\S.*)$", re.MULTILINE)


@lru_cache
def device_name(provider: str) -> str:
    """Name the processor or the card that a provider uses.

    Args:
        provider: Where a model runs: cpu, cuda, …

    Returns:
        Its name as its maker gives it; where the system does not tell, something that is true.
    """
    if provider in _ON_CARDS_OF_NVIDIA:
        return card_name(_CARDS)
    if provider == "cpu":
        return processor_name(_PROCESSORS)
    return provider


def processor_name(processors: Path) -> str:
    """Name the processor.

    Args:
        processors: The file in which Linux describes it.

    Returns:
        Its name, or the kind of machine.
    """
    return _first(_NAME_OF_PROCESSOR, processors) or platform.processor() or platform.machine()


def card_name(cards: Path) -> str:
    """Name the first graphics card, which is the one that counts.

    Args:
        cards: The folder in which NVIDIA's driver describes each.

    Returns:
        Its name, or what is known of it.
    """
    files = sorted(cards.glob("*/information"))
    return (_first(_NAME_OF_CARD, files[0]) if files else "") or "NVIDIA"


def _first(pattern: re.Pattern[str], file: Path) -> str:
    try:
        found = pattern.search(file.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""
    return "" if found is None else found[1].strip()
