"""Codes of places are what the formula says."""

import math

import torch

from training.models.clip_count.positions import line_code, plane_code


def test_line_code_is_the_formula():
    """Entry 2k: sin(place / 10000^(2k / width)); entry 2k + 1: its cosine."""
    code = line_code(7, 8)

    for place in range(7):
        for k in range(4):
            angle = place / 10000 ** (2 * k / 8)
            assert math.isclose(code[place, 2 * k], math.sin(angle), abs_tol=1e-6)
            assert math.isclose(code[place, 2 * k + 1], math.cos(angle), abs_tol=1e-6)


def test_plane_code_tells_rows_from_columns():
    """One row has one first half, one column one second half; transposing swaps the halves."""
    code = plane_code(5, 16).view(5, 5, 16)

    torch.testing.assert_close(code[2, :, :8], code[2, :1, :8].expand(5, 8))
    torch.testing.assert_close(code[:, 3, 8:], code[:1, 3, 8:].expand(5, 8))
    torch.testing.assert_close(code.transpose(0, 1)[..., :8], code[..., 8:])
    assert len(torch.unique(code.view(25, 16).round(decimals=4), dim=0)) == 25
