"""Whether a pack is as it was written: every file against its hash, and nothing more or less."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from monitor.core.errors import OutputError
from monitor.outputs.evidence.folder import KEEP, PARTS
from monitor.outputs.evidence.hashes import (
    MANIFEST,
    PackManifest,
    read_manifest,
    sha256_of,
    sha256_of_file,
)


class Verdict(StrEnum):
    """What was found of one file."""

    WHOLE = "as written"
    CHANGED = "changed"
    MISSING = "missing"
    EXTRA = "not of the pack"


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """What was found of one file."""

    name: str
    """Its name inside the pack."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found of a pack."""

    manifest_sha256: str
    """Hash of its first list of hashes, as the alarm journal noted it."""
    files: tuple[FileVerdict, ...]
    parts_sha256: Mapping[str, str] = field(default_factory=dict)
    """Hash of the list of hashes of each part that came later, by the name of the part."""

    @property
    def is_whole(self) -> bool:
        """Whether every file is as it was written and nothing is missing or added."""
        return all(one.verdict is Verdict.WHOLE for one in self.files)


def verify_pack(pack: Path) -> Verification:
    """Compare a pack with its hashes.

    Args:
        pack: Its folder.

    Returns:
        What was found of every file.

    Raises:
        OutputError: If there is no pack, or it cannot be read.
    """
    try:
        text = _manifest_text(pack)
        files = _verdicts(pack, _manifest_of(pack, text), "")
        hashes: dict[str, str] = {}
        for part in PARTS:
            if not (pack / part).is_dir():
                continue
            later = _manifest_text(pack / part)
            manifest = _manifest_of(pack / part, later)
            files += _verdicts(pack / part, manifest, f"{part}/")
            hashes[part] = sha256_of(later)
            if manifest.follows_sha256 != sha256_of(text):
                files.append(FileVerdict(MANIFEST, Verdict.CHANGED))
    except OSError as error:
        raise OutputError(f"{pack}: cannot be read: {error.strerror}") from error
    return Verification(sha256_of(text), tuple(files), hashes)


def _manifest_text(folder: Path) -> bytes:
    try:
        return (folder / MANIFEST).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise OutputError(
            f"{folder}: no {MANIFEST} is there, so it is no pack of evidence; name the folder of "
            "one alarm"
        ) from error


def _manifest_of(folder: Path, text: bytes) -> PackManifest:
    manifest = read_manifest(text)
    if manifest is None:
        raise OutputError(f"{folder / MANIFEST}: is not what this program writes: it was changed")
    return manifest


def _verdicts(folder: Path, manifest: PackManifest, prefix: str) -> list[FileVerdict]:
    found = []
    for name, wanted in manifest.files.items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            verdict = Verdict.MISSING
        elif path.stat().st_size == wanted.bytes and sha256_of_file(path) == wanted.sha256:
            verdict = Verdict.WHOLE
        else:
            verdict = Verdict.CHANGED
        found.append(FileVerdict(prefix + name, verdict))
    expected = {*manifest.files, MANIFEST, KEEP, *PARTS}
    strangers = [one.name for one in sorted(folder.iterdir()) if one.name not in expected]
    if prefix:
        strangers += [one for one in PARTS if (folder / one).exists()]
    return [*found, *(FileVerdict(prefix + name, Verdict.EXTRA) for name in strangers)]
