"""The worst layers are left out first, ever more of them, as long as eight bits are worth it."""

from itertools import islice

import numpy as np
import pytest

from exports.pictures import MarkedPicture
from exports.sensitive import LEAST_SHARE, attempts

PICTURES = [MarkedPicture("one", np.zeros((8, 8, 3), np.uint8), 0.0)]
HARMS = {"a": 1.0, "b": 9.0, "c": 4.0, "d": 2.0, "e": 8.0, "f": 3.0, "g": 7.0, "h": 5.0}
WORST_FIRST = ("b", "e", "g", "h", "c", "f", "d", "a")


class PlayedTrials:
    """Every layer has the same work, and counts move by the harm of what is not left out."""

    def __init__(self, harms=HARMS):
        self.layers = tuple(harms)
        self.measured = []
        self._harms = harms

    def share(self, left_out):
        """Share of the work in eight bits."""
        return 1 - len(left_out) / len(self.layers)

    def change(self, left_out, pictures):
        """How far counts move."""
        assert pictures == PICTURES
        return sum(harm for name, harm in self._harms.items() if name not in left_out)

    def harm(self, layer, pictures):
        """What one layer alone does."""
        self.measured.append(layer)
        return self._harms[layer]


def proposed(trials, target):
    return list(attempts(trials, PICTURES, target, iter))


def test_nothing_is_left_out_where_that_will_do():
    """And then no layer is measured by itself, which takes most of the time."""
    trials = PlayedTrials()

    first = next(attempts(trials, PICTURES, sum(HARMS.values()), iter))

    assert first == ()
    assert trials.measured == []


@pytest.mark.parametrize(("target", "number"), [(30.5, 1), (22.5, 2), (10.5, 4)])
def test_as_few_as_will_do_are_left_out_the_worst_first(target, number):
    """One, two or four; harms of 39 in all, less 9, 8, 7 and 5."""
    trials = PlayedTrials()

    first = next(attempts(trials, PICTURES, target, iter))

    assert first == WORST_FIRST[:number]
    assert sorted(trials.measured) == sorted(HARMS)


def test_last_proposal_is_as_much_as_may_be_left_out():
    """Whether it meets the target or not: other pictures decide."""
    trials = PlayedTrials()

    last = proposed(trials, 0.0)

    assert last == [WORST_FIRST[:5]]
    assert trials.share(last[0]) >= LEAST_SHARE > trials.share(WORST_FIRST[:6])


def test_who_asks_again_gets_more_left_out():
    """What was not confirmed is followed by a larger proposal; the target has become stricter."""
    found = list(islice(attempts(PlayedTrials(), PICTURES, 30.5, iter), 4))

    # 30 people move after one layer, 22 after two, which is too many for 0.7 × 30.5.
    assert [len(one) for one in found] == [1, 4, 5]


def test_a_single_layer_is_never_left_out():
    """A file of one layer in full precision is no file in eight bits."""
    assert proposed(PlayedTrials({"a": 1.0}), 0.0) == [()]
