"""Gives a network its first weights: from the hubs where trunks and CLIP models are kept.

Only what the network needs is fetched, and one sentence says when that cannot be done. A network
that is read from a checkpoint skips all this.
"""

import logging
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import open_clip
import torchvision
from huggingface_hub import constants
from torch import Tensor, nn

from monitor.core.bins import Bin
from training.clip_count.network import ClipCounter
from training.errors import TrainingError
from training.models.backbones import VIT_NAMES
from training.models.build import BlockCounter, build_counter
from training.models.config import (
    ClipCountConfig,
    ClipEbcConfig,
    ClipZipConfig,
    CounterConfig,
    PyramidConfig,
    Tower,
)
from training.models.heads import ClassHead, Similarity, ZipHead
from training.models.output import Counter
from training.models.pyramid import PyramidCounter
from training.models.sentences import most_distinct, sentence_sets
from training.models.shufflenet import SHUFFLENET
from training.models.towers import TextTower, dense_tower, load_clip, random_text_tower
from training.models.trunks import TimmTrunk, TorchvisionVit, timm_encoder
from training.models.vit import resize_positions

_PROBE_TIMEOUT_S = 5.0


@contextmanager
def fetching(what: str) -> Iterator[None]:
    """Surround a download of weights that the library inside does by itself.

    Where the hub does not answer, the library is told to look in its cache alone, so that cached
    weights load at once and missing ones are told of at once, not after minutes of retries.

    Args:
        what: Whose weights, for the message.

    Yields:
        Nothing.

    Raises:
        TrainingError: If the weights are neither cached nor to be had.
        RuntimeError: Whatever else goes wrong inside.
    """
    was_offline, was_disabled = constants.HF_HUB_OFFLINE, logging.root.manager.disable
    # The library reads this switch at every request, but offers only an environment variable,
    # read once, to set it.
    constants.HF_HUB_OFFLINE = was_offline or not _hub_answers()
    logging.disable(logging.ERROR)  # its own account of the failure, repeated for every retry
    try:
        yield
    except OSError as error:
        raise TrainingError(_advice(what)) from error
    except RuntimeError as error:
        if "download" not in str(error):
            raise
        raise TrainingError(_advice(what)) from error
    finally:
        constants.HF_HUB_OFFLINE = was_offline
        logging.disable(was_disabled)


def _advice(what: str) -> str:
    return (
        f"the weights of {what} are not in this machine's cache and cannot be fetched; connect it "
        "to the network once, copy the cache from a machine that has them, or start without them"
    )


def _hub_answers() -> bool:
    request = urllib.request.Request(constants.ENDPOINT, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=_PROBE_TIMEOUT_S):
            return True
    except urllib.error.HTTPError:
        return True  # it answered, if only to refuse this very page
    except OSError:
        return False


PUBLISHED = "published"
"""First weights of a trunk without CLIP: those that its authors published, from ImageNet."""

_EMPTY_BINS = (Bin(0, 0), Bin(1, None))


def start_counter(config: CounterConfig, *, weights: str | None) -> Counter:
    """Build a network that is ready to be trained.

    Args:
        config: Which network.
        weights: `PUBLISHED` for a trunk without CLIP; a tag of open_clip, such as `openai`, for
            a CLIP tower; a file for the trunk of a pyramid that reads one; None for random
            weights throughout.

    Returns:
        The network; embeddings of its sentences are in place, the text tower is gone.

    Raises:
        TrainingError: If the weights are not known, or neither cached nor to be had.
    """
    if isinstance(config, PyramidConfig):
        return _start_pyramid(config, weights)
    if isinstance(config, ClipCountConfig):
        model = None if weights is None else fetch_clip(config.tower, weights)
        asking: ClipCounter = ClipCounter(config)
        if model is not None:
            asking.take_clip(model)
        return asking
    counter = cast("BlockCounter", build_counter(config))
    if isinstance(config, ClipEbcConfig | ClipZipConfig):
        _start_clip(counter, config, weights)
    elif weights is not None:
        if weights != PUBLISHED:
            raise TrainingError(f"weights '{weights}' of {config.backbone}: only '{PUBLISHED}'")
        _start_trunk(counter.features.trunk, config.backbone)
    return counter


def search_sentences(
    tower: Tower, bins: Sequence[Bin], *, weights: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Choose ZIP's sentences: those that are least like one another to the tower.

    Args:
        tower: The tower whose text half is asked.
        bins: All bins, the first one for 0 alone.
        weights: As in `start_counter`.

    Returns:
        The two sentences on emptiness, and one for each bin but the first.

    Raises:
        TrainingError: As in `start_counter`.
    """
    text = _text_tower(tower, weights)
    return (
        most_distinct(sentence_sets(_EMPTY_BINS), text),
        most_distinct(sentence_sets(bins[1:]), text),
    )


def embed_sentences(tower: Tower, sentences: Sequence[str], *, weights: str | None) -> Tensor:
    """Embed sentences with a tower's text half, shape (sentences, width); as `start_counter`."""
    embedded: Tensor = _text_tower(tower, weights)(sentences)
    return embedded


def _start_pyramid(config: PyramidConfig, weights: str | None) -> PyramidCounter:
    is_fetched = weights == PUBLISHED
    if is_fetched and config.trunk == SHUFFLENET:
        raise TrainingError(
            f"no hub serves weights of {SHUFFLENET} in the order of channels used here; "
            "give a file: --pretrained shufflenetv2_x0_5_backbone.pth"
        )
    with fetching(config.trunk):
        counter = PyramidCounter(config, pretrained=is_fetched)
    if weights is not None and not is_fetched:
        counter.load_trunk(Path(weights))
    return counter


def _start_clip(
    counter: BlockCounter, config: ClipEbcConfig | ClipZipConfig, weights: str | None
) -> None:
    tower = config.tower
    if weights is None:
        text = random_text_tower(tower)
    else:
        model = fetch_clip(tower, weights)
        fetched = dense_tower(
            model.visual,
            tower,
            last_stride_removed=False,  # strides have no weights
            antialiases=isinstance(config, ClipZipConfig),
        )
        counter.features.trunk.load_state_dict(fetched.state_dict())
        text = TextTower(model, tower)
    head = counter.head
    if isinstance(head, ZipHead) and isinstance(config, ClipZipConfig):
        cast("Similarity", head.count).hold(text(config.sentences))
        cast("Similarity", head.empty).hold(text(config.empty_sentences))
    elif isinstance(head, ClassHead):
        cast("Similarity", head.score).hold(text(config.sentences))


def _text_tower(tower: Tower, weights: str | None) -> TextTower:
    if weights is None:
        return random_text_tower(tower)
    return TextTower(fetch_clip(tower, weights), tower)


def fetch_clip(tower: Tower, weights: str) -> open_clip.CLIP:
    """Get a whole CLIP model with its weights.

    Args:
        tower: Which model.
        weights: A tag of open_clip, such as `openai`, or a file ending in `.pt`.

    Returns:
        The model.

    Raises:
        TrainingError: If the weights are not known, or neither cached nor to be had.
    """
    if weights.endswith(".pt"):
        return load_clip(tower, Path(weights))
    known = open_clip.list_pretrained_tags_by_model(tower.name)
    if weights not in known:
        raise TrainingError(
            f"open_clip has no weights '{weights}' for {tower.name}; it has {', '.join(known)}"
        )
    with fetching(f"{tower.name} ({weights})"):
        return cast(
            "open_clip.CLIP",
            open_clip.create_model(
                tower.name, pretrained=weights, force_quick_gelu=tower.quick_gelu
            ),
        )


def _start_trunk(trunk: nn.Module, backbone: str) -> None:
    if isinstance(trunk, TimmTrunk):
        with fetching(trunk.name):
            encoder = timm_encoder(trunk.name, window_px=trunk.window_px, pretrained=True)
        trunk.encoder.load_state_dict(encoder.state_dict())
        return
    name = backbone.removesuffix("_ae")
    if name.startswith(("csrnet", "cannet")):
        name = "vgg16_bn" if name.endswith("_bn") else "vgg16"
    with fetching(name):
        published = torchvision.models.get_model_weights(name)["IMAGENET1K_V1"]
        weights = cast("Mapping[str, Tensor]", published.get_state_dict(check_hash=True))
    if backbone in VIT_NAMES:
        _load_vit(cast("TorchvisionVit", trunk), weights)
    else:
        layers = trunk.get_submodule("0") if backbone.startswith("cannet") else trunk
        _load_vgg(layers, weights)


def _load_vgg(trunk: nn.Module, weights: Mapping[str, Tensor]) -> None:
    trunk.load_state_dict({key: weights[f"features.{key}"] for key in trunk.state_dict()})


def _load_vit(trunk: TorchvisionVit, weights: Mapping[str, Tensor]) -> None:
    wanted = {key: weights[key] for key in trunk.state_dict()}
    positions = wanted["encoder.pos_embedding"].squeeze(0)
    before = round((len(positions) - 1) ** 0.5)
    after = trunk.window_px // trunk.stride_px
    resized = resize_positions(positions, (before, before), (after, after), antialias=False)
    wanted["encoder.pos_embedding"] = resized.unsqueeze(0)
    trunk.load_state_dict(wanted)
