"""What runs where is chosen in the open."""

import pytest

from monitor.core.errors import ModelError
from monitor.inference.providers import choose_providers, short_name

CPU, CUDA, TENSORRT = "CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider"


@pytest.mark.parametrize(
    ("asked", "available", "expected"),
    [
        ("auto", [CPU], [CPU]),
        ("auto", [TENSORRT, CUDA, CPU], [CUDA, CPU]),
        ("cpu", [CUDA, CPU], [CPU]),
        ("tensorrt", [TENSORRT, CUDA, CPU], [TENSORRT, CPU]),
    ],
)
def test_choice(asked, available, expected):
    """The wanted one first, the processor last; TensorRT only when asked for."""
    assert choose_providers(asked, available) == expected


def test_provider_that_is_not_installed_is_refused():
    """Falling back in silence is what ONNX Runtime does, not us."""
    with pytest.raises(ModelError, match=r"'cuda' is not offered.*has cpu.*gpu"):
        choose_providers("cuda", [CPU])


def test_short_names():
    """Known ones are shortened, unknown ones shown as they are."""
    assert short_name(CUDA) == "cuda"
    assert short_name("NewExecutionProvider") == "NewExecutionProvider"
