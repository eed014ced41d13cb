"""The headless program: the same engine without a window, with its state on a page of its own.

It logs what changes, answers questions on 127.0.0.1 or, with a token, on the network, takes over a
changed site file while it runs, and ends cleanly on SIGTERM and SIGINT.
"""
