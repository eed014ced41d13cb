"""Heads: counts and variances from scores."""

import numpy as np
import pytest
import torch
from torch import nn

from monitor.core.bins import BinSet, parse_bins
from training.models.heads import (
    ClassHead,
    RegressionHead,
    Similarity,
    ZipHead,
    classifier,
    positive_rate,
)

BINS = BinSet(parse_bins("0,1,2-3,4+"), (0.0, 1.0, 2.4, 5.0))


def test_zip_density_and_variance_are_those_of_draws() -> None:
    """A million draws of a zero-inflated Poisson law have the mean and variance stated."""
    draw = np.random.default_rng(0)
    head = ZipHead(nn.Identity(), nn.Conv2d(3, 2, 1), BINS)
    features = torch.tensor([0.2, 1.0, -0.5]).view(1, 3, 1, 1)

    with torch.inference_mode():
        output = head(features)

    assert output.zero_logits is not None
    assert output.logits is not None
    assert output.variance is not None
    is_empty = float(output.zero_logits.softmax(dim=1)[0, 0])
    rate = float((output.logits.softmax(dim=1).flatten() * torch.tensor(BINS.values[1:])).sum())
    counts = draw.poisson(rate, 1_000_000) * (draw.random(1_000_000) >= is_empty)
    assert float(output.density) == pytest.approx(counts.mean(), rel=0.01)
    assert float(output.variance) == pytest.approx(counts.var(), rel=0.01)


def test_ebc_density_and_variance_are_those_of_draws() -> None:
    """Draws of bins with the predicted chances have the mean and variance stated."""
    draw = np.random.default_rng(0)
    logits = torch.tensor([0.5, 0.1, -0.3, 0.7]).view(1, 4, 1, 1)

    output = ClassHead(nn.Identity(), BINS)(logits)

    chances = logits.softmax(dim=1).flatten().double().numpy()
    counts = draw.choice(BINS.values, 1_000_000, p=chances / chances.sum())
    assert output.variance is not None
    assert float(output.density) == pytest.approx(counts.mean(), rel=0.01)
    assert float(output.variance) == pytest.approx(counts.var(), rel=0.01)


def test_rate_stays_within_the_positive_values() -> None:
    """However extreme the scores, λ is one of the positive bins' values or between them."""
    for favored in range(3):
        logits = torch.zeros(1, 3, 1, 1)
        logits[0, favored] = 1000

        rate = positive_rate(logits, torch.tensor(BINS.values[1:]))

        assert float(rate) == pytest.approx(BINS.values[1 + favored])


def test_zip_needs_a_bin_for_nobody() -> None:
    """Emptiness has its own branch, so the first bin must be 0 alone."""
    with pytest.raises(ValueError, match="a bin for 0 alone"):
        ZipHead(nn.Identity(), nn.Identity(), BinSet(parse_bins("0-1,2+"), (0.3, 2.5)))


def test_similarity_is_cosine_times_scale() -> None:
    """Scores are cosines of the projected features with the sentences, times e^log_scale."""
    torch.manual_seed(0)
    similarity = Similarity(6, 4, 3, has_bias=True)
    sentences = 7 * torch.randn(3, 4)
    similarity.hold(sentences)
    features = torch.randn(2, 6, 2, 2)

    with torch.inference_mode():
        scores = similarity(features)
        projected = similarity.projection(features)

    cosine = torch.cosine_similarity(projected[:, None], sentences[None, :, :, None, None], dim=2)
    torch.testing.assert_close(scores, cosine / 0.07)


def test_similarity_refuses_other_embeddings() -> None:
    """Embeddings of another number or length are a mistake."""
    with pytest.raises(ValueError, match=r"shape \(2, 4\), not \(3, 4\)"):
        Similarity(6, 4, 3, has_bias=False).hold(torch.zeros(2, 4))


def test_wide_features_are_classified_in_two_steps() -> None:
    """Up to 512 channels one convolution, from there two through 512."""
    assert len(classifier(512, 5)) == 1
    assert [one.out_channels for one in classifier(513, 5) if isinstance(one, nn.Conv2d)] == [
        512,
        5,
    ]


def test_regression_is_never_negative() -> None:
    """The baseline's number is cut at 0 and has no variance."""
    output = RegressionHead(4)(torch.randn(1, 4, 8, 8))

    assert float(output.density.detach().min()) == 0
    assert output.variance is None
