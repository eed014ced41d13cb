"""How long a picture took from its camera to its count, and in which company it was counted.

Where a count is late, this says who kept it: the decoder, the row before the model, or the model.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stages:
    """What became of one picture before its count was known."""

    decode_s: float = 0.0
    """Seconds that the decoder took for it and for what it skipped; 0 where nothing is decoded."""
    queue_s: float = 0.0
    """Seconds from its capture until its turn with the model: what a slow model costs."""
    preprocess_s: float = 0.0
    """Seconds that turning it into RGB took."""
    inference_s: float = 0.0
    """Seconds that the model took; its share of the run where several pictures shared one."""
    postprocess_s: float = 0.0
    """Seconds from the model's answer to the reading: zones, ground, smoothing."""
    batch_size: int = 1
    """Pictures in its run of the model."""
