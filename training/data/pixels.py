"""Transforms that change what a picture looks like and leave the heads where they are."""

from abc import abstractmethod

import torch
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import v2


class PixelTransform(v2.Transform):  # type: ignore[misc]  # torchvision is not typed
    """Changes pictures and lets heads pass; a subclass says how."""

    @abstractmethod
    def change(self, picture: Tensor) -> Tensor:
        """Change one picture.

        Args:
            picture: Shape (3, H, W), uint8, RGB; not to be written to.

        Returns:
            The same shape; uint8, or float of any value, which is rounded and clipped.
        """

    def transform(self, inpt: object, params: dict[str, object]) -> object:
        """Change a picture; heads pass as they are.

        Args:
            inpt: Picture of shape (3, H, W), uint8, or heads.
            params: Not used.

        Returns:
            The same kind of thing.
        """
        if not isinstance(inpt, tv_tensors.Image):
            return inpt
        changed = self.change(inpt.as_subclass(Tensor))
        if changed.is_floating_point():
            changed = changed.round().clamp(0, 255).to(torch.uint8)
        return tv_tensors.Image(changed)


def uniform(low: float, high: float) -> float:
    """Draw a number from torch's generator, so that a seed decides it."""
    return low + (high - low) * float(torch.rand(()))
