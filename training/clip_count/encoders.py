"""CLIP's two halves: prompts as vectors, and a vision transformer tuned by deep prompts.

Unlike the sentences of CLIP-EBC, prompts come when the network is used, so the text half stays in
the network, with learned context.
"""

import math
from collections.abc import Sequence
from typing import cast

import open_clip
import torch
from open_clip.model import _build_text_tower
from open_clip.transformer import VisionTransformer
from torch import Tensor, nn

from training.models.config import ClipCountConfig, Tower, VisualPrompts
from training.models.towers import build_visual, tower_architecture
from training.models.vit import Layer, VitTower, run_layer, to_map

_CONTEXT_STD = 0.02


class PromptEncoder(nn.Module):
    """Turns prompts into one feature each and one for each of their words.

    The transformer is frozen; the context is learned.

    Args:
        tower: Whose text half.
        context_tokens: Learned tokens between the start token and the words.
        reads_early: Read the feature of a prompt `context_tokens` places before its end, the fault
            of the released program.

    Attributes:
        width: Length of the features.
        places: Tokens that a prompt is cut or filled up to, its start and end included.

    Source:
        Learned context: Zhou et al., CoOp (arXiv 2109.01134). The end token is looked for where
        it stands after the context has been inserted.
    """

    def __init__(self, tower: Tower, *, context_tokens: int, reads_early: bool = False) -> None:
        super().__init__()
        architecture = tower_architecture(tower)
        # As in towers.py: open_clip has no public way to build one half alone.
        built = _build_text_tower(
            architecture["embed_dim"], architecture["text_cfg"], tower.quick_gelu
        )
        if getattr(built, "pool_type", "") != "argmax" or built.attn_mask is None:
            raise ValueError(f"{tower.name}: its text half is not CLIP's own, which is needed here")
        self.width = cast("int", architecture["embed_dim"])
        self.places = cast("int", built.context_length) - context_tokens
        self.token_embedding = built.token_embedding
        self.positional_embedding = built.positional_embedding
        self.layers = built.transformer.resblocks
        self.ln_final = built.ln_final
        self.text_projection = built.text_projection
        self.requires_grad_(requires_grad=False)
        self.context = nn.Parameter(
            torch.randn(context_tokens, self.positional_embedding.shape[1]) * _CONTEXT_STD
        )
        self._reads_early = reads_early

    def forward(self, tokens: Tensor) -> Tensor:
        """Encode prompts.

        Args:
            tokens: Shape (N, places), int64: start, words, end, zeros.

        Returns:
            Shape (N, 1 + places, width): the prompt's own feature, then one for each place. Rows
            of places that hold neither a word nor the end are zero, which means `no token`.
        """
        prompts, inserted = len(tokens), len(self.context)
        embedded = self.token_embedding(tokens)
        context = self.context.expand(prompts, -1, -1)
        rows = torch.cat([embedded[:, :1], context, embedded[:, 1:]], dim=1)
        rows = rows + self.positional_embedding
        for layer in self.layers:
            rows = run_layer(cast("Layer", layer), rows, is_causal=True)
        rows = self.ln_final(rows) @ self.text_projection
        end = tokens.argmax(dim=1, keepdim=True)  # the end token has the highest number of all
        place = torch.arange(tokens.shape[1], device=tokens.device)
        of_words = torch.cat([rows[:, :1], rows[:, 1 + inserted :]], dim=1)
        is_word = (place > 0) & (place <= end)
        read = end if self._reads_early else end + inserted
        whole = rows.gather(1, read[:, :, None].expand(-1, -1, self.width))
        return torch.cat([whole, of_words * is_word[:, :, None]], dim=1)

    def take_weights(self, model: open_clip.CLIP) -> None:
        """Copy the frozen weights of a CLIP model's text half; the context stays as it is."""
        given = getattr(model, "text", model)  # some of open_clip's keep the half whole
        self.token_embedding.load_state_dict(given.token_embedding.state_dict())
        self.layers.load_state_dict(given.transformer.resblocks.state_dict())
        self.ln_final.load_state_dict(given.ln_final.state_dict())
        with torch.no_grad():
            self.positional_embedding.copy_(given.positional_embedding)
            self.text_projection.copy_(given.text_projection)


class PromptTokens:
    """Turns prompts into tokens; its vocabulary is read once, which takes a tenth of a second.

    Args:
        tower: Says by which vocabulary.
        places: Tokens a prompt is filled up to; longer prompts lose their last words.
    """

    def __init__(self, tower: Tower, *, places: int) -> None:
        is_known = tower.architecture is None
        self._tokenizer = (
            open_clip.get_tokenizer(tower.name) if is_known else open_clip.SimpleTokenizer()
        )
        self._places = places

    def __call__(self, prompts: Sequence[str]) -> Tensor:
        """Give the tokens of prompts such as `red cars`, shape (prompts, places), int64."""
        return cast("Tensor", self._tokenizer(list(prompts), context_length=self._places))


PUBLISHED_LAYERS = 10
"""Layers from the first on that have prompts in the published model."""

_NORM_EPSILON = 1e-6


class PublishedTower(nn.Module):
    """The tower as published: prompts in ten layers, through a shared projection, and a new norm.

    The prompts of the first layer pass the tower's first norm as patches do; those of later
    layers do not. After the last prompted layer the patches go on alone.

    Args:
        vit: A tower without prompts; frozen here but for its last norm, which is a new one.
        prompts: How many, with how much dropout.
        shifts_rows: Layer i takes row i - 1 of the table, the fault of the released program.
    """

    def __init__(self, vit: VitTower, prompts: VisualPrompts, *, shifts_rows: bool = False) -> None:
        super().__init__()
        vit.requires_grad_(requires_grad=False)
        width = vit.channels
        vit.ln_post = nn.LayerNorm(width, eps=_NORM_EPSILON)
        self.vit = vit
        self.stride_px, self.channels = vit.stride_px, width
        self.count = prompts.count
        layers = min(PUBLISHED_LAYERS, len(vit.resblocks))
        reach = math.sqrt(6 / (3 * vit.stride_px**2 + width))
        self.table = nn.Parameter(torch.empty(layers, prompts.count, width).uniform_(-reach, reach))
        self.projection = nn.Linear(width, width)
        nn.init.kaiming_normal_(self.projection.weight, a=0, mode="fan_out")
        self.dropout = nn.Dropout(prompts.dropout)
        self._shifts_rows = shifts_rows

    def forward(self, pictures: Tensor) -> Tensor:
        """Give features (N, channels, H / patch, W / patch) of pictures (N, 3, H, W)."""
        vit = self.vit
        patches = vit.conv1(pictures)
        grid = (patches.shape[2], patches.shape[3])
        of_class = vit.class_embedding.expand(len(pictures), 1, -1)
        tokens = torch.cat([of_class, patches.flatten(2).transpose(1, 2)], dim=1)
        tokens = tokens + vit.positional_embedding
        for index, layer in enumerate(vit.resblocks):
            tokens = self._run(cast("Layer", layer), tokens, index)
        return to_map(vit.ln_post(tokens[:, 1:]), grid)

    def _run(self, layer: Layer, tokens: Tensor, index: int) -> Tensor:
        if index >= len(self.table):
            return run_layer(layer, tokens)
        row = max(0, index - 1) if self._shifts_rows else index
        inserted = self.dropout(self.projection(self.table[row])).expand(len(tokens), -1, -1)
        tokens = torch.cat([tokens[:, :1], inserted, tokens[:, 1:]], dim=1)
        tokens = run_layer(layer, self.vit.ln_pre(tokens) if index == 0 else tokens)
        return torch.cat([tokens[:, :1], tokens[:, 1 + self.count :]], dim=1)


def vit_sides(tower: Tower) -> tuple[int, int]:
    """Give the sides of a tower's patches and of the pictures that it was made for, pixels.

    Args:
        tower: Any tower.

    Returns:
        Patch and picture.

    Raises:
        ValueError: If it is not CLIP's own vision transformer.
    """
    vision = tower_architecture(tower)["vision_cfg"]
    if "timm_model_name" in vision or not isinstance(vision["layers"], int):
        raise ValueError(f"{tower.name} is not CLIP's vision transformer, which CLIP-Count needs")
    return int(vision["patch_size"]), int(vision["image_size"])


def build_tower(config: ClipCountConfig) -> PublishedTower | VitTower:
    """Build the prompted tower of a network, with weights as they start.

    Args:
        config: Which network.

    Returns:
        The tower; all but prompts, their projection and a new norm is frozen.

    Raises:
        ValueError: If the tower is no vision transformer.
    """
    tower = config.tower
    visual = build_visual(tower)
    if not isinstance(visual, VisionTransformer):
        raise ValueError(f"{tower.name} is no vision transformer, which CLIP-Count needs")
    if config.variant == "improved":
        vit = VitTower(visual, tower, antialiases=True)
        if tower.prompts is None:
            vit.requires_grad_(requires_grad=False)
        return vit
    bare = VitTower(visual, tower.model_copy(update={"prompts": None}), antialiases=False)
    prompts = tower.prompts or VisualPrompts(count=20, dropout=0.1)
    return PublishedTower(bare, prompts, shifts_rows=config.released_faults)


def take_visual_weights(
    tower: PublishedTower | VitTower, visual: VisionTransformer, config: ClipCountConfig
) -> None:
    """Copy the frozen weights of a CLIP model's image half; what is learned stays as it is."""
    vit = tower.vit if isinstance(tower, PublishedTower) else tower
    bare = config.tower.model_copy(update={"prompts": None})
    antialiases = config.variant == "improved"
    given = VitTower(visual, bare, antialiases=antialiases).state_dict()
    if isinstance(tower, PublishedTower):
        given = {name: one for name, one in given.items() if not name.startswith("ln_post.")}
    vit.load_state_dict({**vit.state_dict(), **given})
