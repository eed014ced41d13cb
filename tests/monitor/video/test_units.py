"""Units of a stream, whichever way they are laid out: the same ones come out."""

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.video.units import joined, read_configuration, units
from tests.rigs.clips import write_film
from tests.rigs.encoded import numbered_pictures

# The standards keep start codes out of units, and no unit ends in a zero.
parts = st.lists(st.binary(min_size=1, max_size=50).map(lambda one: one.replace(b"\0", b"\1")))


@given(parts)
def test_units_come_back_from_start_codes(units_in):
    """In order, none lost."""
    assert list(units(joined(units_in), 0)) == units_in


@given(parts, st.sampled_from([1, 2, 4]))
def test_units_come_back_from_lengths(units_in, length_bytes):
    """As MP4 lays them out, with lengths of each size that it knows."""
    data = b"".join(len(one).to_bytes(length_bytes, "big") + one for one in units_in)

    assert list(units(data, length_bytes)) == units_in


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_the_record_of_an_mp4_holds_what_decoding_needs(tmp_path, codec):
    """Packets with start codes, decoded with nothing but the parameter sets that were read."""
    film = write_film(tmp_path / "a.mp4", numbered_pictures(20), codec=codec)
    with av.open(str(film)) as container:
        context = container.streams.video[0].codec_context
        name, found = context.name, read_configuration(context.name, context.extradata)
        datas = [bytes(one) for one in container.demux(video=0) if one.size]

    decoder = av.CodecContext.create(name, "r")
    plain = [joined(units(one, found.length_bytes)) for one in datas]
    plain[0] = joined(found.units) + plain[0]
    pictures = [one for data in plain for one in decoder.decode(av.Packet(data))]
    pictures += decoder.decode(None)

    assert found.length_bytes == 4
    assert len(pictures) == 20
    assert {(one.width, one.height) for one in pictures} == {(320, 240)}


@pytest.mark.parametrize("codec", ["h264", "hevc", "mjpeg"])
def test_what_says_nothing_gives_nothing(codec):
    """No record, an empty one, one that ends too early."""
    for extradata in (None, b"", b"\1", b"\1\2\3"):
        assert read_configuration(codec, extradata).units == ()
