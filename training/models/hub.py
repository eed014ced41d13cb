"""Fetches published weights, and says in one sentence when it cannot."""

import logging
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from huggingface_hub import constants

from training.errors import TrainingError

_PROBE_TIMEOUT_S = 5.0


@contextmanager
def fetching(what: str) -> Iterator[None]:
    """Surround a download of weights that the library inside does by itself.

    Where the hub does not answer, the library is told to look in its cache alone, so that cached
    weights load at once and missing ones are told of at once, not after minutes of retries.

    Args:
        what: Whose weights, for the message.

    Yields:
        Nothing.

    Raises:
        TrainingError: If the weights are neither cached nor to be had.
        RuntimeError: Whatever else goes wrong inside.
    """
    was_offline, was_disabled = constants.HF_HUB_OFFLINE, logging.root.manager.disable
    # The library reads this switch at every request, but offers only an environment variable,
    # read once, to set it.
    constants.HF_HUB_OFFLINE = was_offline or not _hub_answers()
    logging.disable(logging.ERROR)  # its own account of the failure, repeated for every retry
    try:
        yield
    except OSError as error:
        raise TrainingError(_advice(what)) from error
    except RuntimeError as error:
        if "download" not in str(error):
            raise
        raise TrainingError(_advice(what)) from error
    finally:
        constants.HF_HUB_OFFLINE = was_offline
        logging.disable(was_disabled)


def _advice(what: str) -> str:
    return (
        f"the weights of {what} are not in this machine's cache and cannot be fetched; connect it "
        "to the network once, copy the cache from a machine that has them, or start without them"
    )


def _hub_answers() -> bool:
    request = urllib.request.Request(constants.ENDPOINT, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=_PROBE_TIMEOUT_S):
            return True
    except urllib.error.HTTPError:
        return True  # it answered, if only to refuse this very page
    except OSError:
        return False
