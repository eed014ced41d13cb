"""Prompts as vectors: CLIP's text half with learned context, kept in the network.

Unlike the sentences of CLIP-EBC, prompts come when the network is used, so the text half stays.
"""

from collections.abc import Sequence
from typing import cast

import open_clip
import torch
from open_clip.model import _build_text_tower
from torch import Tensor, nn

from training.models.attention import Layer, run_layer
from training.models.config import Tower
from training.models.towers import tower_architecture

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
