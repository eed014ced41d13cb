"""Hashes of files, and the list of them that goes with a pack."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor import __version__

MANIFEST = "manifest.json"
_AT_ONCE = 1 << 20


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileHash(_Record):
    """One file of a pack."""

    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class PackManifest(_Record):
    """`manifest.json`: every other file of the folder, so that a change of any of them shows."""

    schema_version: Annotated[int, Field(ge=1, le=1)] = 1
    made_by: str
    made_at_utc: datetime
    follows_sha256: str = ""
    """Hash of the manifest that this one goes on from; empty for the first."""
    files: dict[str, FileHash]


def manifest_of(
    files: Mapping[str, bytes], made_at_utc: datetime, *, follows_sha256: str = ""
) -> bytes:
    """Write the list of a folder's files.

    Args:
        files: Their contents, by name.
        made_at_utc: Time of day.
        follows_sha256: Hash of the manifest that this one goes on from; empty for the first.

    Returns:
        The text of `manifest.json`.
    """
    manifest = PackManifest(
        made_by=f"crowd-monitor {__version__}",
        made_at_utc=made_at_utc,
        follows_sha256=follows_sha256,
        files={
            name: FileHash(bytes=len(content), sha256=sha256_of(content))
            for name, content in sorted(files.items())
        },
    )
    return json.dumps(manifest.model_dump(mode="json"), indent=2).encode() + b"\n"


def read_manifest(text: bytes) -> PackManifest | None:
    """Read a list of files; None where it is none of ours."""
    try:
        return PackManifest.model_validate_json(text)
    except ValidationError:
        return None


def sha256_of(content: bytes) -> str:
    """Give the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def sha256_of_file(path: Path) -> str:
    """Give the SHA-256 of a file of any size, in hexadecimal; raises `OSError`."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_AT_ONCE):
            digest.update(block)
    return digest.hexdigest()
