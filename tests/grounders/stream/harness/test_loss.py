"""The trigger loss against sums made by hand."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.grounders.stream.harness.loss import (  # noqa: E402
    TriggerWeights,
    trigger_loss,
    trigger_weights,
)

S, R, W = 1, 2, 3  # silence, response, a word
NOT = -100


def test_weights_go_by_runs_of_silence() -> None:
    labels = torch.tensor([[NOT, S, NOT, S, S, R, W, NOT, S, NOT, S], [R, W, W, R, S, NOT, NOT, NOT, NOT, NOT, S]])
    expected = [[0, 1, 0, 0.8, 0.8, 1.5, 1, 0, 1, 0, 0.8], [1.5, 1, 1, 1.5, 1, 0, 0, 0, 0, 0, 0.8]]
    assert torch.allclose(trigger_weights(labels, S, R), torch.tensor(expected))


def test_the_loss_is_the_weighted_sum_over_the_number_of_tokens() -> None:
    labels = torch.tensor([[NOT, S, S, R, W]])
    p = [0.5, 0.25, 0.125, 0.8]  # of the four labels that count
    logits = torch.full((1, 5, 4), 0.0)
    for j, (label, value) in enumerate(zip(labels[0, 1:].tolist(), p, strict=True)):
        rest = math.log((1 - value) / 3)
        logits[0, j] = rest
        logits[0, j, label] = math.log(value)
    by_hand = -(1.0 * math.log(0.5) + 0.8 * math.log(0.25) + 1.5 * math.log(0.125) + 1.0 * math.log(0.8)) / 4
    assert trigger_loss(logits, labels, S, R).item() == pytest.approx(by_hand, rel=1e-5)


def test_the_gradient_is_that_of_weighted_probabilities() -> None:
    torch.manual_seed(0)
    logits = torch.randn(2, 7, 5, dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([[NOT, S, S, NOT, R, W, S], [R, W, S, S, S, NOT, R]])
    trigger_loss(logits, labels, S, R).backward()
    weights = trigger_weights(labels, S, R)[:, 1:, None]
    wanted = labels[:, 1:]
    one_hot = torch.nn.functional.one_hot(wanted.clamp_min(0), 5)
    expected = weights * (logits[:, :-1].softmax(-1) - one_hot) / (wanted != NOT).sum()
    assert logits.grad is not None
    assert torch.allclose(logits.grad[:, :-1], expected.double(), atol=1e-6)
    assert logits.grad[:, -1].abs().max() == 0


def test_with_weights_of_one_it_is_the_usual_loss_and_without_tokens_it_is_zero() -> None:
    torch.manual_seed(1)
    logits, labels = torch.randn(2, 6, 5), torch.tensor([[NOT, S, S, R, W, S], [NOT, NOT, R, W, W, S]])
    usual = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
    assert trigger_loss(logits, labels, S, R, weights=TriggerWeights(1, 1, 1, 1)).item() == pytest.approx(usual.item())
    assert trigger_loss(logits, torch.full((2, 6), NOT), S, R).item() == 0.0


def test_larger_weights_of_repeated_silence_make_a_model_quieter() -> None:
    learned = []
    for repeated in (0.2, 0.8):
        bias = torch.zeros(4, requires_grad=True)
        labels = torch.tensor([[NOT, S, S, S, R, S, S, S]])
        step = torch.optim.SGD([bias], lr=0.5)
        for _ in range(200):
            step.zero_grad()
            weights = TriggerWeights(repeated_silence=repeated)
            trigger_loss(bias.expand(1, 8, 4), labels, S, R, weights=weights).backward()
            step.step()
        learned.append(bias.softmax(0)[S].item())
    # the optimum is each token's share of the weights: silences 2 + 4 × repeated, the response 1.5
    assert learned == [pytest.approx(2.8 / 4.3, abs=0.01), pytest.approx(5.2 / 6.7, abs=0.01)]
