"""Which packets make a clip and when each is shown: arithmetic, without a picture."""

from fractions import Fraction

import pytest

from monitor.video.clip import ClipCut, ClipSpan, cut_clip
from monitor.video.packets import EncodedPacket, Kept, Run, StreamFormat

FORM = StreamFormat("h264", Fraction(1, 1000))
LARGER = StreamFormat("h264", Fraction(1, 1000), sequence=b"larger")
ALARM_S = 100.0
SPAN = ClipSpan(ALARM_S, before_s=10.0, after_s=5.0)


def packet(at_s: float, pts_s: float | None = None, *, is_key: bool = False) -> EncodedPacket:
    """A packet that nobody decodes."""
    return EncodedPacket(b"", is_key, None if pts_s is None else round(1000 * pts_s), at_s)


def run_of(
    first_s: float, last_s: float, *, form: StreamFormat = FORM, key_every_s: int = 2
) -> Run:
    """Packets each half second, whose stamps run with their arrival, some hours ahead."""
    count = round(2 * (last_s - first_s)) + 1
    return Run(
        form,
        tuple(
            packet(first_s + n / 2, 9000 + n / 2, is_key=n % (2 * key_every_s) == 0)
            for n in range(count)
        ),
    )


def cut_of(*runs: Run, span: ClipSpan = SPAN, crowded_out_s: float | None = None) -> ClipCut:
    """Cut what can be cut."""
    cut = cut_clip(Kept(runs, crowded_out_s=crowded_out_s), span)
    assert isinstance(cut, ClipCut)
    return cut


def test_a_clip_is_what_was_asked_for_and_begins_with_a_key_picture():
    """Key pictures at 81, 83, …: the one at 89 is the last that is early enough."""
    cut = cut_of(run_of(81, 120))

    assert (cut.begins_s, cut.ends_s) == (-11.0, 5.0)
    assert cut.packets[0].is_key
    assert len(cut.packets) == 33
    assert cut.remarks == ()


@pytest.mark.parametrize(
    ("runs", "begins_s", "ends_s", "words"),
    [
        ([run_of(95, 120)], -5.0, 5.0, ["begins 5.0 s before the alarm: no key picture"]),
        ([run_of(103, 120)], 3.0, 5.0, ["begins 3.0 s after the alarm: no key picture"]),
        ([run_of(81, 102)], -11.0, 2.0, ["ends 2.0 s after the alarm: nothing came after"]),
        ([run_of(81, 94)], -11.0, -6.0, ["ends 6.0 s before the alarm: nothing came after"]),
        (
            [run_of(81, 96), run_of(96.5, 120, form=LARGER)],
            -3.5, 5.0, ["begins 3.5 s before the alarm: size or codec"],
        ),
        (
            [run_of(81, 102), run_of(102.5, 120, form=LARGER)],
            -11.0, 2.0, ["ends 2.0 s after the alarm: size or codec"],
        ),
        (
            [run_of(81, 96), run_of(99.5, 120)],
            -11.0, 5.0, ["nothing came for 3.5 s from 4.0 s before the alarm on"],
        ),
        ([run_of(81, 99, key_every_s=7), run_of(99.5, 120, form=LARGER)],
            -0.5, 5.0, ["begins 0.5 s before the alarm: size or codec"]),
    ],
    ids=["young", "younger", "ended", "lost", "changed before", "changed after", "hole", "late"],
)  # fmt: skip
def test_what_is_not_as_it_was_asked_for_is_told(runs, begins_s, ends_s, words):
    """In one sentence each; the seconds are those of arrival."""
    cut = cut_of(*runs)

    assert (cut.begins_s, cut.ends_s) == (begins_s, ends_s)
    assert len(cut.remarks) == len(words)
    for remark, begins in zip(cut.remarks, words, strict=True):
        assert remark.startswith(begins)


def test_memory_that_was_too_small_is_told():
    """A person can do something about it."""
    cut = cut_of(run_of(95, 120), crowded_out_s=94.5)

    assert "clip_max_mib" in cut.remarks[0]
    assert "clip_max_mib" in str(cut_clip(Kept((), "", 94.5), SPAN))


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (Kept((), "the camera gives raw pictures"), "raw pictures"),
        (Kept(), "no video was kept"),
        (Kept((run_of(60, 85),)), "no video came in the time"),
        (Kept((run_of(106, 120),)), "no video was kept"),
    ],
    ids=["refused", "empty", "long lost", "too late"],
)
def test_where_there_is_no_clip_it_is_said_why(kept, words):
    """Never an empty file."""
    assert words in str(cut_clip(kept, SPAN))


def test_pictures_before_the_first_key_picture_are_left_out():
    """Two that are shown before it are sent after it and built on what the clip does not have."""
    first = (
        packet(89, 1.0, is_key=True), packet(89.1, 0.8), packet(89.2, 0.9), packet(89.3, 1.3),
        packet(99, 2.0, is_key=True), packet(99.1, 1.8), packet(99.2, 1.9),
    )  # fmt: skip
    cut = cut_of(Run(FORM, first))

    assert [one.pts for one in cut.packets] == [1000, 1300, 2000, 1800, 1900]


def test_the_last_pictures_leave_no_gap():
    """A picture that came in time is shown after two that came late: they come along."""
    sent = (
        packet(89, 1.0, is_key=True), packet(104.9, 17.0), packet(105.1, 16.8),
        packet(105.2, 16.9), packet(105.3, 17.3), packet(105.4, 17.1),
    )  # fmt: skip
    cut = cut_of(Run(FORM, sent))

    assert [one.pts for one in cut.packets] == [1000, 17000, 16800, 16900]
