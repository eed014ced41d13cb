"""The name of what a model runs on."""

from pathlib import Path

from monitor.inference.providers import card_name, device_name, processor_name


def test_a_processor_is_called_by_its_name(tmp_path: Path) -> None:
    """As Linux writes it, for the first of several cores."""
    file = tmp_path / "cpuinfo"
    file.write_text("processor\t: 0\nmodel name\t: Abacus 9000 @ 1 Hz\n\nprocessor\t: 1\n")

    assert processor_name(file) == "Abacus 9000 @ 1 Hz"


def test_a_card_is_called_by_its_name(tmp_path: Path) -> None:
    """As NVIDIA's driver writes it, for the first of several cards."""
    for bus, name in (("0000:01:00.0", "Beads 2"), ("0000:02:00.0", "Beads 1")):
        (tmp_path / bus).mkdir()
        (tmp_path / bus / "information").write_text(f"Model: \t\t {name}\nIRQ: 7\n")

    assert card_name(tmp_path) == "Beads 2"


def test_a_system_that_tells_nothing_still_gets_an_answer(tmp_path: Path) -> None:
    """Never empty: a label without a value says less than the kind of machine."""
    assert processor_name(tmp_path / "nothing")
    assert card_name(tmp_path / "nothing") == "NVIDIA"
    assert device_name("openvino") == "openvino"
