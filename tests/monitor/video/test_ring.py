"""Shared memory: slots are written once and kept until they are let go, and nothing is left."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitor.video.ring import SLOTS, FrameRing, create_memory, forget_memory


def two_ends(slot_bytes: int) -> tuple[FrameRing, FrameRing, Path]:
    """Open one memory twice, as two processes do."""
    path = create_memory(slot_bytes)
    return FrameRing(path, slot_bytes), FrameRing(path, slot_bytes), path


def test_what_one_writes_the_other_reads() -> None:
    """Also after the name is gone."""
    writer, reader, path = two_ends(100)
    forget_memory(path)

    slot = writer.take()
    assert slot is not None
    writer.slot(slot)[:] = np.arange(100)

    assert not path.exists()
    assert reader.slot(slot).tolist() == list(range(100))


def test_only_this_user_may_look() -> None:
    """The pictures of a camera are nobody else's business."""
    path = create_memory(10)

    mode = path.stat().st_mode
    forget_memory(path)
    forget_memory(path)

    assert mode & 0o077 == 0


@given(st.lists(st.integers(-1, SLOTS - 1), max_size=60))
def test_a_held_slot_is_never_given_out_again(steps: list[int]) -> None:
    """-1 takes a slot, any other number lets that one go: against a plain set."""
    writer, reader, path = two_ends(1)
    forget_memory(path)
    held: set[int] = set()

    for step in steps:
        if step >= 0:
            reader.release(step)
            held.discard(step)
            continue
        slot = writer.take()
        assert (slot is None) == (len(held) == SLOTS)
        if slot is not None:
            assert slot not in held
            held.add(slot)

    assert reader.held == len(held)
