"""The first weights of a run: from the hubs, at random, or from a checkpoint to go on from."""

from pathlib import Path

import torch

from monitor.core.bins import BinSet
from training.checkpoint import Checkpoint, load_checkpoint
from training.config import FitConfig
from training.console import OUT
from training.errors import TrainingError
from training.models.build import build_counter
from training.models.config import (
    ClipCountConfig,
    ClipEbcConfig,
    ClipZipConfig,
    CounterConfig,
    PyramidConfig,
    RegressionConfig,
    grid_of,
)
from training.models.output import Counter
from training.models.sentences import bin_sentences
from training.models.start import search_sentences, start_counter

_OWN_TO_NETWORK = (
    "model", "block", "colors", "vpt", "vpt_shallow", "vpt_dropout", "variant", "context",
)  # fmt: skip


def read_initial(config: FitConfig) -> Checkpoint | None:
    """Read the checkpoint that a run goes on from.

    Args:
        config: Options of the run.

    Returns:
        The checkpoint; None for a run that begins without.

    Raises:
        TrainingError: If it cannot be read, or options describe another network than it holds.
    """
    if config.init is None:
        return None
    described = [name for name in _OWN_TO_NETWORK if name in config.model_fields_set]
    if described:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in described)
        raise TrainingError(f"--init brings its network along; leave {options} away")
    return load_checkpoint(Path(config.init))


def block_px_of(network: CounterConfig) -> int:
    """Give the side of a network's blocks, pixels."""
    if isinstance(network, RegressionConfig | ClipCountConfig):
        return network.block_px
    return network.grid.block_px


def kept_bins(config: FitConfig, checkpoint: Checkpoint | None) -> BinSet | None:
    """Give the bins that a checkpoint brings along; None where the options decide."""
    if checkpoint is None or "bins" in config.model_fields_set:
        return None
    network = checkpoint.network
    if isinstance(network, RegressionConfig | ClipCountConfig):
        return None
    return network.grid.bin_set()


def adapted_network(config: FitConfig, network: CounterConfig, bins: BinSet) -> CounterConfig:
    """Describe a checkpoint's network with the bins of a new run.

    Args:
        config: Options of the run.
        network: As the checkpoint has it.
        bins: The new bins.

    Returns:
        The same network with these bins, and sentences on them where it has sentences.

    Raises:
        TrainingError: If sentences are new and no text tower was named to read them, or a branch
            for details is asked for where there is another.
    """
    if isinstance(network, RegressionConfig | ClipCountConfig):
        return network
    update: dict[str, object] = {"grid": grid_of(network.grid.block_px, bins)}
    if isinstance(network, PyramidConfig) and "least_pixels" in config.model_fields_set:
        update["least_pixels"] = config.least_pixels
    if isinstance(network, PyramidConfig) and "detail" in config.model_fields_set:
        if network.detail not in (0, config.detail):
            raise TrainingError(
                f"--detail {config.detail}: the network of --init has a branch of "
                f"{network.detail} channels already; leave it away"
            )
        update["detail"] = config.detail
    if bins.bins != network.grid.bin_set().bins and isinstance(
        network, ClipEbcConfig | ClipZipConfig
    ):
        if config.pretrained is None:
            raise TrainingError(
                "new bins need new sentences: name the text tower's weights, such as "
                "--pretrained openai"
            )
        update["sentences"] = _sentences(config, network, bins)
    return network.model_copy(update=update)


def initial_counter(
    config: FitConfig, network: CounterConfig, checkpoint: Checkpoint | None
) -> Counter:
    """Build a run's network with its first weights.

    Args:
        config: Options of the run.
        network: What to build.
        checkpoint: What to go on from; None to begin.

    Returns:
        The network.

    Raises:
        TrainingError: If weights cannot be had or do not fit.
    """
    try:
        if checkpoint is None and isinstance(network, PyramidConfig) and not config.pretrained:
            return build_counter(network)  # asks no hub
        if checkpoint is None:
            return start_counter(network, weights=config.pretrained)
        has_new_sentences = _sentences_of(network) != _sentences_of(checkpoint.network)
        counter = (
            start_counter(network, weights=config.pretrained)
            if has_new_sentences
            else build_counter(network)
        )
    except (ValueError, RuntimeError) as error:
        raise TrainingError(f"this network cannot be built: {error}") from error
    _take_weights(counter, network, checkpoint)
    return counter


def has_new_bins(network: CounterConfig, checkpoint: Checkpoint) -> bool:
    """Say whether a network sorts counts into other bins than a checkpoint's."""
    old = checkpoint.network
    without = RegressionConfig | ClipCountConfig
    if isinstance(network, without) or isinstance(old, without):
        return False
    return network.grid.bin_set().bins != old.grid.bin_set().bins


def _take_weights(counter: Counter, network: CounterConfig, checkpoint: Checkpoint) -> None:
    own, given = counter.state_dict(), dict(checkpoint.weights)
    is_clip = isinstance(network, ClipEbcConfig | ClipZipConfig)
    is_new = has_new_bins(network, checkpoint)
    old = checkpoint.network
    has_new_branch = isinstance(old, PyramidConfig) and not old.detail  # if it was asked for

    def is_started_anew(name: str) -> bool:
        if name.rpartition(".")[2] == "values":  # what bins stand for
            return True
        if name.startswith("detail."):
            return has_new_branch
        if is_clip:
            return is_new and name in ("head.score.text", "head.count.text")
        return is_new and name.startswith("head.")

    taken = {name: value for name, value in given.items() if not is_started_anew(name)}
    wanted = {name for name in own if not is_started_anew(name)}
    unfit = [
        name
        for name in sorted(wanted | taken.keys())
        if name not in wanted or name not in taken or own[name].shape != taken[name].shape
    ]
    if unfit:
        raise TrainingError(
            f"the weights of --init do not fit its own description: {', '.join(unfit[:5])}"
        )
    with torch.no_grad():
        counter.load_state_dict({**own, **taken})
    if is_new:
        what = "sentences are new" if is_clip else "the head is started anew"
        OUT.print(f"the bins differ from those of the checkpoint: {what}")


def _sentences_of(network: CounterConfig) -> tuple[str, ...] | None:
    return network.sentences if isinstance(network, ClipEbcConfig | ClipZipConfig) else None


def _sentences(
    config: FitConfig, network: ClipEbcConfig | ClipZipConfig, bins: BinSet
) -> tuple[str, ...]:
    if isinstance(network, ClipEbcConfig):
        return bin_sentences(bins.bins, config.prompts or "word")
    described = bins.bins[1:] if network.zero_inflated else bins.bins
    if config.prompts is not None or not network.zero_inflated:
        return bin_sentences(described, config.prompts or "word")
    return search_sentences(network.tower, bins.bins, weights=config.pretrained)[1]
