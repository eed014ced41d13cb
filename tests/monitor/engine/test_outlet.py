"""One output after another in one place: each thing goes to exactly one of them."""

import threading

from monitor.engine.outlet import Outlet
from tests.rigs.load import scaled_s


def test_what_is_handed_over_while_outputs_change_goes_to_exactly_one() -> None:
    """A thousand things, ten exchanges meanwhile: none twice, none lost, the order kept."""
    lists: list[list[int]] = [[] for _ in range(11)]
    outlet = Outlet(lists[0])
    has_begun = threading.Event()

    def hand_over() -> None:
        for number in range(1000):
            outlet.use(lambda sink, number=number: sink.append(number))  # type: ignore[misc]
            has_begun.set()

    thread = threading.Thread(target=hand_over)
    thread.start()
    has_begun.wait(scaled_s(10))
    former = [outlet.exchange(one) for one in lists[1:]]
    thread.join()

    assert former == lists[:-1]
    assert [number for one in lists for number in one] == list(range(1000))


def test_the_new_one_inherits_before_anything_reaches_it() -> None:
    """What the former knew is there when the first thing comes."""
    outlet = Outlet(["known"])
    outlet.exchange([], inherit=lambda old, new: new.extend(old))
    outlet.use(lambda sink: sink.append("first"))

    assert outlet.sink == ["known", "first"]


def test_an_empty_outlet_takes_nothing() -> None:
    """Neither before an output came nor after the last has gone."""
    outlet: Outlet[list[int]] = Outlet()
    outlet.use(lambda sink: sink.append(1))
    assert outlet.sink is None
    outlet.exchange([])
    assert outlet.exchange(None) == []
    outlet.use(lambda sink: sink.append(2))

    assert outlet.sink is None
