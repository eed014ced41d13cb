"""Visual prompt tuning: learned tokens beside a picture's own, for frozen transformers."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from training.models.config import VisualPrompts


class PromptTokens(nn.Module):
    """Learned tokens for some layers of a transformer.

    Args:
        prompts: How many, for which layers, with how much dropout.
        layers: Layers of the transformer.
        width: Length of a token.
        patch_px: Side of a patch; sets the range of the first values.

    Source:
        Jia et al., Visual Prompt Tuning (arXiv 2203.12119), deep and shallow. First values
        uniform within ±√(6 / (3·patch + width)) as published with CLIP-EBC, where VPT's own
        program has 3·patch².
    """

    def __init__(self, prompts: VisualPrompts, *, layers: int, width: int, patch_px: int) -> None:
        super().__init__()
        reach = math.sqrt(6 / (3 * patch_px + width))
        self.tokens = nn.ParameterList(
            nn.Parameter(torch.empty(prompts.count, width).uniform_(-reach, reach))
            for _ in range(layers if prompts.deep else 1)
        )
        self.dropout = nn.Dropout(prompts.dropout)
        self.count = prompts.count

    def of_layer(self, index: int, pictures: int) -> Tensor | None:
        """Give the tokens of a layer, shape (N, count, width); None if it has none of its own."""
        if index >= len(self.tokens):
            return None
        dropped: Tensor = self.dropout(self.tokens[index].expand(pictures, -1, -1))
        return dropped


def through_layers(
    layers: Sequence[Callable[[Tensor], Tensor]], tokens: Tensor, prompts: PromptTokens | None
) -> Tensor:
    """Send tokens through a transformer, each layer seeing its prompts after the class token.

    Args:
        layers: The transformer's layers, in order.
        tokens: Shape (N, 1 + patches, width), the class token first.
        prompts: Learned tokens; None: the layers see the picture alone.

    Returns:
        Shape (N, 1 + patches, width); prompts are taken out after every layer, and those of
        shallow prompting are put into the next one as they came out.
    """
    if prompts is None:
        for layer in layers:
            tokens = layer(tokens)
        return tokens
    carried: Tensor | None = None
    for index, layer in enumerate(layers):
        given = prompts.of_layer(index, tokens.shape[0])
        inserted = carried if given is None else given
        assert inserted is not None  # the first layer always has tokens of its own
        tokens = layer(torch.cat([tokens[:, :1], inserted, tokens[:, 1:]], dim=1))
        carried = tokens[:, 1 : 1 + prompts.count]
        tokens = torch.cat([tokens[:, :1], tokens[:, 1 + prompts.count :]], dim=1)
    return tokens
