"""CLIP's text half: used once to embed sentences, then left behind."""

from collections.abc import Sequence
from typing import cast

import open_clip
import torch
import torch.nn.functional as F
from open_clip.model import _build_text_tower
from torch import Tensor, nn

from training.models.config import Tower
from training.models.towers import tower_architecture

_SENTENCES_A_BATCH = 64


class TextTower(nn.Module):
    """Embeds sentences; never trained, never kept.

    Args:
        encoder: A text half of open_clip, or a whole CLIP model.
        tower: Says how sentences become tokens.
    """

    def __init__(self, encoder: nn.Module, tower: Tower) -> None:
        super().__init__()
        self.encoder = encoder.eval().requires_grad_(requires_grad=False)
        self._tower = tower

    def forward(self, sentences: Sequence[str]) -> Tensor:
        """Give unit vectors (sentences, width) for sentences."""
        tokens = tokenize(self._tower, sentences)
        encode = getattr(self.encoder, "encode_text", self.encoder)
        with torch.no_grad():
            starts = range(0, len(tokens), _SENTENCES_A_BATCH)
            vectors = [encode(tokens[start : start + _SENTENCES_A_BATCH]) for start in starts]
        return F.normalize(torch.cat(vectors).float(), dim=1)


def tokenize(tower: Tower, sentences: Sequence[str]) -> Tensor:
    """Turn sentences into tokens (sentences, context length), int64, as the tower expects."""
    architecture = tower_architecture(tower)
    if tower.architecture is None:
        tokenizer = open_clip.get_tokenizer(tower.name)
    else:
        length = architecture["text_cfg"].get(
            "context_length", open_clip.CLIPTextCfg.context_length
        )
        tokenizer = open_clip.SimpleTokenizer(context_length=length)
    return cast("Tensor", tokenizer(list(sentences)))


def random_text_tower(tower: Tower) -> TextTower:
    """Build the text half of a CLIP model with random weights; nothing is downloaded."""
    architecture = tower_architecture(tower)
    # As in towers.py: open_clip has no public way to build one half alone.
    encoder: nn.Module = _build_text_tower(
        architecture["embed_dim"], architecture["text_cfg"], tower.quick_gelu
    )
    return TextTower(encoder, tower)
