"""How Python is set so that the window waits for it as little as can be."""

import gc
import sys

SWITCH_EVERY_S = 0.0005
"""How long a thread may run Python before another gets its turn: busy decoding threads give way
to the window ten times sooner than usual."""


def give_way(switch_every_s: float = SWITCH_EVERY_S) -> None:
    """Let threads give way to each other sooner, and leave alone what will stay in memory.

    All threads stand still while Python looks for garbage among everything there is, which takes
    20 to 60 ms once the window and its libraries are loaded. What is there now stays until the end
    anyhow, so it is not looked through any more.

    Args:
        switch_every_s: How long a thread may run Python before another gets its turn.
    """
    sys.setswitchinterval(switch_every_s)
    gc.collect()
    gc.freeze()
