"""`crowd-monitor evidence verify`: whether a pack is as it was written."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from monitor.cli.exit_codes import DONE, INPUT_FAILED
from monitor.cli.past import asked_history
from monitor.cli.screen import results, tell_failure
from monitor.core.errors import MonitorError
from monitor.outputs.evidence.folder import CLIP, moment_of
from monitor.outputs.evidence.notes import clip_of_note, pack_of_note
from monitor.outputs.evidence.verifying import Verification, verify_pack
from monitor.outputs.history.history import History

_WRITTEN_WITHIN = timedelta(days=1)
"""A full disk may have held a pack up before the journal was told of it."""


def verify_packs(packs: Sequence[Path], config: Path | None) -> int:
    """Compare packs with their hashes and, where a site is named, with the alarm journal.

    Args:
        packs: Their folders.
        config: Site file that says where the journal is; None: it is not asked.

    Returns:
        Exit code: failed where any pack was changed or is none.

    Raises:
        SettingsError: If the site file cannot be read.
        StoreError: If the journal cannot be had.
    """
    if config is None:
        return _verify(packs, None)
    with asked_history(config) as history:
        return _verify(packs, history)


def _verify(packs: Sequence[Path], history: History | None) -> int:
    is_good = True
    for pack in packs:
        try:
            found = verify_pack(pack)
        except MonitorError as error:
            tell_failure(error)
            is_good = False
            continue
        lines, is_noted = _journal_lines(pack, found, history)
        for line in (*_lines(pack, found), *lines):
            results().print(line)
        is_good = is_good and found.is_whole and is_noted
    return DONE if is_good else INPUT_FAILED


def _lines(pack: Path, found: Verification) -> list[str]:
    whole = "as it was written" if found.is_whole else "NOT as it was written"
    return [
        f"{pack}: {whole}",
        *(f"  {one.verdict.value:15}  {one.name}" for one in found.files),
        f"  manifest SHA-256 {found.manifest_sha256}",
    ]


def _journal_lines(
    pack: Path, found: Verification, history: History | None
) -> tuple[list[str], bool]:
    """Say whether the journal noted the same hash, in words and as a claim."""
    if history is None:
        return ["  compare it with the alarm journal, or name the site with --config"], True
    moment = moment_of(pack.name)
    if moment is None:
        return ["  its name is not the one it was written under: not found in the journal"], False
    events = history.events_between(moment, moment + _WRITTEN_WITHIN)
    noted = dict(known for one in events if (known := pack_of_note(one.note)) is not None)
    if pack.resolve().name not in noted:
        return ["  the alarm journal does not know of it"], False
    if noted[pack.resolve().name] != found.manifest_sha256:
        return ["  the alarm journal noted another hash: it was CHANGED and listed anew"], False
    clips = dict(known for one in events if (known := clip_of_note(one.note)) is not None)
    told, is_good = _clip_line(clips.get(pack.resolve().name), found.parts_sha256.get(CLIP))
    return ["  the alarm journal noted the same hash", *told], is_good


def _clip_line(noted: str | None, found: str | None) -> tuple[list[str], bool]:
    """Say whether the journal noted the hash of the video's list, in words and as a claim."""
    if noted is None and found is None:
        return [], True
    if found is None:
        return ["  its video is MISSING: the alarm journal noted one"], False
    if noted is None:  # the power may have gone between the video and the note
        return ["  the alarm journal does not know of its video"], True
    if noted != found:
        return ["  the alarm journal noted another hash of its video: it was CHANGED"], False
    return ["  the alarm journal noted the same hash of its video"], True
