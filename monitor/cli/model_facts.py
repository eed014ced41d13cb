"""What evidence and metrics say of the model that counts."""

from functools import lru_cache
from pathlib import Path

from monitor.engine.questions import Counter
from monitor.inference.device import device_name
from monitor.inference.model import Model
from monitor.outputs.evidence.facts import UNKNOWN_MODEL, ModelFacts
from monitor.outputs.evidence.hashes import sha256_of_file
from monitor.outputs.metrics import Backend


def model_facts(counter: Counter) -> ModelFacts:
    """Describe what counts for evidence; reads the whole model file the first time.

    Args:
        counter: What counts.

    Returns:
        The model's name, its manifest and the hash of its file.
    """
    if not isinstance(counter, Model):
        return UNKNOWN_MODEL
    return ModelFacts(
        name=counter.manifest.name,
        provider=str(counter.provider),
        file_name=counter.path.name,
        file_sha256=_hash_of(counter.path),
        manifest=counter.manifest.model_dump_json(indent=2),
    )


def backend_of(counter: Counter) -> Backend | None:
    """Describe what counts for the metrics; None where it is no model."""
    if not isinstance(counter, Model):
        return None
    manifest = counter.manifest
    return Backend(
        model=manifest.name,
        provider=counter.provider,
        device=device_name(counter.provider),
        precision=manifest.precision,
        sha256=manifest.checkpoint_sha256,
    )


@lru_cache(maxsize=8)
def _hash_of(path: Path) -> str:
    try:
        return sha256_of_file(path)
    except OSError:  # taken away while it counts: the rest is still worth keeping
        return ""
