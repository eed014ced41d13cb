"""The name of what a model runs on: two machines of one site are rarely alike."""

import platform
import re
from functools import lru_cache
from pathlib import Path

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
