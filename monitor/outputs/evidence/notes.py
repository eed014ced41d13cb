"""What the alarm journal says of evidence: the name of a pack, and the hash that proves it."""

from monitor.outputs.evidence.folder import Written

NOTE_BEGINS = "evidence kept: "
"""What the journal's entry on a pack begins with; its name and the hash of its list follow."""
CLIP_NOTE_BEGINS = "evidence clip: "
"""What the journal's entry on the video of a pack begins with; the same follows."""
_HASH_WORDS = ", manifest SHA-256 "


def note_of(written: Written) -> str:
    """Give the words with which the journal notes a pack."""
    return f"{NOTE_BEGINS}{written.path.name}{_HASH_WORDS}{written.manifest_sha256}"


def clip_note_of(pack: str, written: Written) -> str:
    """Give the words with which the journal notes the video of a pack."""
    return f"{CLIP_NOTE_BEGINS}{pack}{_HASH_WORDS}{written.manifest_sha256}"


def pack_of_note(note: str) -> tuple[str, str] | None:
    """Read the name of a pack and the hash of its list out of a journal's note.

    Args:
        note: Of any entry.

    Returns:
        Both; None where the entry is about something else.
    """
    return _read_note(note, NOTE_BEGINS)


def clip_of_note(note: str) -> tuple[str, str] | None:
    """Read the name of a pack and the hash of its video's list, as `pack_of_note` does."""
    return _read_note(note, CLIP_NOTE_BEGINS)


def _read_note(note: str, begins: str) -> tuple[str, str] | None:
    if not note.startswith(begins):
        return None
    name, _, sha256 = note.removeprefix(begins).partition(_HASH_WORDS)
    return name, sha256
