"""Packs on the disk: written whole or not at all, kept for a time, thrown away oldest first.

A pack is a folder. It is written under another name and renamed when the disk has all of it, so
that a power cut leaves a whole pack or none. The video, and what happened in the minutes after the
alarm, come later, each into a folder of its own inside, in the same way; what was written first is
never touched.
"""

import math
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.core.errors import OutputError
from monitor.outputs.evidence.hashes import MANIFEST, manifest_of, sha256_of

AFTER = "after"
"""Folder inside a pack with what happened after the alarm."""
CLIP = "clip"
"""Folder inside a pack with the video around the alarm."""
PARTS = (CLIP, AFTER)
"""Folders inside a pack that come later than the pack."""
KEEP = "KEEP"
"""A file of this name, made by a person inside a pack, keeps it from being thrown away."""

_UNFINISHED = ".unfinished-"
_NAME = re.compile(r"^(\d{8}T\d{6}Z) ")
_STAMP = "%Y%m%dT%H%M%SZ"
_NAME_MOST = 80


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long and how much is kept."""

    keep_for: timedelta = timedelta(days=90)
    bytes_max: int = 5_000_000_000
    """Size of all packs together."""
    free_bytes_min: int = 1_000_000_000
    """Room that is left to others on the disk."""


@dataclass(frozen=True, slots=True)
class Written:
    """A pack that is on the disk."""

    path: Path
    manifest_sha256: str
    """Hash of its list of hashes: whoever writes this down elsewhere can prove the whole pack."""


def pack_name(alarm_id: str, at_utc: datetime) -> str:
    """Give the name of a pack: when, and which alarm, in letters that every disk takes."""
    plain = "".join(one if one.isalnum() or one in "-_." else "-" for one in alarm_id)
    return f"{at_utc.astimezone(UTC).strftime(_STAMP)} {plain.strip('-.') or 'alarm'}"[:_NAME_MOST]


def moment_of(name: str) -> datetime | None:
    """Say when the alarm of a pack was, from its name; None: it is no pack of ours."""
    found = _NAME.match(name)
    if found is None:
        return None
    try:
        return datetime.strptime(found.group(1), _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def packs_in(folder: Path) -> list[Path]:
    """Give the packs of a folder, oldest first; none where there is no such folder."""
    try:
        found = [one for one in folder.iterdir() if moment_of(one.name) and one.is_dir()]
    except OSError:
        return []
    return sorted(found, key=lambda one: one.name)


def write_pack(
    folder: Path, name: str, files: Mapping[str, bytes], made_at_utc: datetime
) -> Written:
    """Write a pack, whole or not at all.

    Args:
        folder: Where packs are kept; made where it is not there.
        name: Of the pack; a number is added where there is one of that name.
        files: Their contents, by name.
        made_at_utc: Time of day.

    Returns:
        What was written.

    Raises:
        OutputError: If it cannot be; then nothing is left of it.
    """
    number = 1
    path = folder / name
    while path.exists():
        number += 1
        path = folder / f"{name} {number}"
    return _write_folder(path, files, made_at_utc)


def write_part(
    pack: Path, part: str, files: Mapping[str, bytes], made_at_utc: datetime
) -> Written | None:
    """Add to a pack what came later, whole or not at all.

    Args:
        pack: The pack.
        part: One of `PARTS`.
        files: Their contents, by name.
        made_at_utc: Time of day.

    Returns:
        What was written; None where the pack is gone, or has it already.

    Raises:
        OutputError: If it cannot be; then nothing is left of it.
    """
    try:
        first = sha256_of((pack / MANIFEST).read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(f"{pack}: cannot be read: {error.strerror}") from error
    if (pack / part).exists():
        return None
    return _write_folder(pack / part, files, made_at_utc, follows_sha256=first)


def make_room(folder: Path, keeping: Keeping, now_utc: datetime) -> list[Path]:
    """Throw away packs that are too old or too many, the oldest first.

    The newest pack stays, and so do those in which a person has put a file `KEEP`.

    Args:
        folder: Where packs are kept.
        keeping: How much is kept.
        now_utc: Time of day.

    Returns:
        What was thrown away.
    """
    packs = packs_in(folder)
    if not packs:
        return []
    sizes = {one: _size_of(one) for one in packs}
    used = sum(sizes.values())
    gone: list[Path] = []
    for pack in packs[:-1]:
        if (pack / KEEP).exists():
            continue
        moment = moment_of(pack.name)
        is_old = moment is not None and moment < now_utc - keeping.keep_for
        is_tight = _free_bytes(folder) < keeping.free_bytes_min
        if is_old or used > keeping.bytes_max or is_tight:
            shutil.rmtree(pack, ignore_errors=True)
            used -= sizes[pack]
            gone.append(pack)
    return gone


def clear_unfinished(folder: Path) -> None:
    """Take away what a power cut has left half written."""
    for place in (folder, *packs_in(folder)):
        with suppress(OSError):  # a folder that is away is told when it is written to
            for one in list(place.glob(f"{_UNFINISHED}*")):
                shutil.rmtree(one, ignore_errors=True)


def _write_folder(
    path: Path, files: Mapping[str, bytes], made_at_utc: datetime, *, follows_sha256: str = ""
) -> Written:
    manifest = manifest_of(files, made_at_utc, follows_sha256=follows_sha256)
    unfinished = _unfinished(path)
    try:
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        for name, content in {**files, MANIFEST: manifest}.items():
            _write_file(unfinished / name, content)
        _settle(unfinished)
        unfinished.rename(path)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise OutputError(
            f"evidence: {path} cannot be written: {error.strerror}; free some space, or name "
            "another folder in [evidence]"
        ) from error
    with suppress(OSError):  # it is there and whole; at worst a power cut now takes all of it
        _settle(path.parent)
    return Written(path, sha256_of(manifest))


def _unfinished(path: Path) -> Path:
    """Say where a folder is written at first: beside the packs, so that each is always whole."""
    if path.name not in PARTS:
        return path.with_name(f"{_UNFINISHED}{path.name}")
    pack = path.parent
    return pack.with_name(f"{_UNFINISHED}{pack.name} {path.name}")


def _write_file(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Wait until the disk knows the names in a folder; Windows keeps no handle of folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _free_bytes(folder: Path) -> float:
    try:
        return shutil.disk_usage(folder).free
    except OSError:  # a disk that is away is told when it is written to
        return math.inf


def _size_of(pack: Path) -> int:
    total = 0
    for one in pack.rglob("*"):
        with suppress(OSError):  # thrown away by somebody else meanwhile
            total += one.stat().st_size
    return total
