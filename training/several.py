"""Several crops of one picture in a row, as the published programs take them."""

import numpy as np
from torch import Tensor
from torch.utils.data import Dataset

from training.data.augment import CropSettings
from training.data.crops import CropDataset, Source


class SeveralCrops(Dataset[tuple[Tensor, Tensor]]):
    """Crop number i, for any i of 0 or more; a picture serves several numbers in a row.

    Args:
        sources: Where pictures come from.
        settings: How crops are taken.
        seed: Same seed, same crops.
        crops_per_picture: How many in a row.
        cache_bytes: Decoded pictures kept in memory, up to this; shared out evenly.
    """

    def __init__(
        self,
        sources: list[Source],
        settings: CropSettings,
        *,
        seed: int,
        crops_per_picture: int,
        cache_bytes: int = 3 * 2**30,
    ) -> None:
        self._sources = sources
        weights = np.array([source.weight for source in sources], dtype=np.float64)
        self._shares = weights / weights.sum()
        self._settings, self._seed, self._in_a_row = settings, seed, crops_per_picture
        self._cache_bytes = cache_bytes // sum(len(source.pictures) for source in sources)
        self._of_picture: dict[tuple[int, int], CropDataset] = {}

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Give crop number `index`: uint8 (3, side, side) and heads (N, 2), pixels."""
        # 1: apart from the sequence that a crop's own chances are drawn from.
        draw = np.random.default_rng((self._seed, index // self._in_a_row, 1))
        source = int(draw.choice(len(self._shares), p=self._shares))
        picture = int(draw.integers(len(self._sources[source].pictures)))
        return self._crops_of(source, picture)[index]

    def _crops_of(self, source: int, picture: int) -> CropDataset:
        place = (source, picture)
        if place not in self._of_picture:
            self._of_picture[place] = CropDataset(
                [Source((self._sources[source].pictures[picture],))],
                self._settings,
                seed=self._seed,
                cache_bytes=self._cache_bytes,
            )
        return self._of_picture[place]
