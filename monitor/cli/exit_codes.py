"""The exit codes of every command."""

DONE = 0
INPUT_FAILED = 1
"""An input that was named could not be used; the others are done."""
WRONG_USE = 2
"""The command was called with something that cannot work; nothing was done."""
INTERRUPTED = 130
"""Ended by Ctrl-C, as shells have it: 128 and the number of the signal."""
