"""What is said of a camera that was tried."""

import numpy as np
import pytest

from monitor.engine.camera_trial import CameraTrial
from monitor.ui.setup.trial_panel import trial_words


@pytest.mark.parametrize(
    ("rate_hz", "codec", "decoder", "said"),
    [
        (25.0, "h264", "CPU", "It works: 4 × 2, 25.0 pictures/s, h264, decoded by CPU"),
        (0.4, "mjpeg", "", "It works: 4 × 2, a picture every 2.5 s, mjpeg"),
        (None, "", "", "It works: 4 × 2"),
    ],
    ids=["camera", "slow", "picture"],
)
def test_what_is_known_is_said(rate_hz, codec, decoder, said):
    """Size, rate, codec, decoder; a slow camera has not none."""
    trial = CameraTrial(np.zeros((2, 4, 3), np.uint8), rate_hz, codec, decoder, "Gate")

    assert trial_words(trial) == said
