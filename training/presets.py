"""Networks by the names that people type after `--model`."""

from monitor.contract.bins import BinSet
from training.errors import TrainingError
from training.models.config import CounterConfig, PyramidConfig, grid_of

BLOCK_PX = 8
"""Side of a block in every preset, pixels."""

PRESETS = {
    "ebc-mobilenet": "mobilenetv4_conv_small",
    "ebc-mobilenet-half": "mobilenetv4_conv_small_050",
    "ebc-mobilenet-medium": "mobilenetv4_conv_medium",
}
"""Name of the preset, and the timm trunk under its pyramid."""


def network_for(name: str, bins: BinSet) -> CounterConfig:
    """Describe the network that a name stands for.

    Args:
        name: One of `PRESETS`.
        bins: The bins it shall have.

    Returns:
        Its description.

    Raises:
        TrainingError: If nothing has that name.
    """
    if name not in PRESETS:
        raise TrainingError(f"no model is called '{name}'; there are {', '.join(PRESETS)}")
    return PyramidConfig(trunk=PRESETS[name], grid=grid_of(BLOCK_PX, bins))
