"""The contrastive alignment beside the official criterion."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from drawn import normal  # noqa: E402

from whenabouts.grounders.learned.detr.alignment import alignment_loss  # noqa: E402
from whenabouts.grounders.learned.detr.criterion import Criterion, DETROutput, matched_losses  # noqa: E402
from whenabouts.grounders.learned.detr.moment_detr import MomentDETR, MomentDETRConfig  # noqa: E402
from whenabouts.grounders.learned.detr.qd_detr import QDDETR, QDDETRConfig  # noqa: E402


def batch() -> list[torch.Tensor]:
    shapes = {"video": (2, 9, 10), "text": (2, 4, 6)}
    video, text = (torch.tensor(normal(name, 5, shape), dtype=torch.float32) for name, shape in shapes.items())
    return [video, torch.ones(2, 9), text, torch.ones(2, 4)]


SPANS = (torch.tensor([[0.3, 0.2]]), torch.tensor([[0.5, 0.4], [0.8, 0.1]]))


def test_the_loss_by_hand() -> None:
    queries = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    words = torch.tensor([[[1.0, 0.0], [1.0, 0.0]]])  # their sum agrees with the first query by 2, with the second by 0
    loss = alignment_loss(queries, words, torch.tensor([[1.0, 0.0]]), temperature=0.5)
    assert loss.item() == pytest.approx(math.log(math.exp(4) + 1) - 4, abs=1e-6)
    assert alignment_loss(queries, words, torch.zeros(1, 2), temperature=0.5).item() == 0


def test_every_layer_is_taught_and_its_gradient_reaches_the_projections() -> None:
    model = MomentDETR(MomentDETRConfig(10, 6, hidden=16, feedforward=16, queries=3, words=4, contrastive=5)).eval()
    output: DETROutput = model(*batch())
    losses = matched_losses(output, SPANS)
    assert {"loss_contrastive_align", "loss_contrastive_align_0"} < set(losses)
    losses["loss_contrastive_align"].backward()
    assert model.contrastive_align_projection_query.weight.grad.abs().sum() > 0
    assert "loss_contrastive_align_0" not in matched_losses(output, SPANS, Criterion(earlier=False))


def test_where_no_words_are_left_the_loss_is_the_logarithm_of_the_queries() -> None:
    """As qd_detr/model.py:loss_contrastive_align gives for the memory of clips alone."""
    model = QDDETR(QDDETRConfig(10, 6, hidden=16, feedforward=16, queries=3, words=4, contrastive=5)).eval()
    losses = matched_losses(model(*batch()), SPANS)
    assert losses["loss_contrastive_align"].item() == pytest.approx(math.log(3))


def test_official_options_of_the_losses_are_read() -> None:
    told = Criterion.of({"eos_coef": 0.3, "set_cost_class": 2, "saliency_margin": 1, "aux_loss": False})
    assert told.no_moment == 0.3 and told.costs == (10, 1, 2) and told.margin == 1 and not told.earlier
    assert Criterion.of({}) == Criterion()
