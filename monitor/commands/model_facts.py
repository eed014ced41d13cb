"""What evidence says of the model: its file's hash, worked out once and only when it is asked."""

from functools import lru_cache
from pathlib import Path

from monitor.evidence.facts import ModelFacts
from monitor.evidence.hashes import sha256_of_file
from monitor.inference.model import Model


def model_facts(model: Model) -> ModelFacts:
    """Describe a model for evidence; reads the whole file the first time.

    Args:
        model: What counts.

    Returns:
        Its name, its manifest and the hash of its file.
    """
    return ModelFacts(
        name=model.manifest.name,
        provider=str(model.provider),
        file_name=model.path.name,
        file_sha256=_hash_of(model.path),
        manifest=model.manifest.model_dump_json(indent=2),
    )


@lru_cache(maxsize=8)
def _hash_of(path: Path) -> str:
    try:
        return sha256_of_file(path)
    except OSError:  # taken away while it counts: the rest is still worth keeping
        return ""
