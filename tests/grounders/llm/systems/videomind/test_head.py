"""VideoMind's span head on tiny widths: shapes, padding, loss, decoding, and whether it learns."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.grounders.llm.systems.videomind.head import (  # noqa: E402
    SpanHead,
    Spans,
    decode,
    pool_patches,
    span_loss,
)
from whenabouts.moment import tiou  # noqa: E402


def said(logits: list[float], spans: list[tuple[float, float]], patches: int) -> Spans:
    """Spans of one video given in patches, all at stride 2 and centred on their own middle."""
    ends = torch.tensor(spans, dtype=torch.float32)
    centres, half = ends.mean(1), (ends[:, 1] - ends[:, 0]) / 4
    frames = torch.ones(1, patches, dtype=torch.bool)
    mask = torch.ones(1, len(spans), dtype=torch.bool)
    offsets = torch.stack([half, half], -1)[None]
    strides = torch.full((len(spans),), 2.0)
    return Spans(centres, strides, torch.tensor([logits]), offsets, mask, torch.zeros(1, patches), frames)


def test_points_of_four_levels() -> None:
    out = SpanHead(16, 32, heads=4)(torch.randn(2, 16), torch.randn(2, 24, 16))
    assert out.logits.shape == (2, 24 + 12 + 6 + 3) and out.offsets.shape == (2, 45, 2)
    assert out.centres[[0, 24, 36, 42]].tolist() == [0.5, 1, 2, 4]
    short = SpanHead(16, 32, heads=4)(torch.randn(1, 16), torch.randn(1, 3, 16))
    assert short.logits.shape == (1, 3 + 1)  # levels longer than the video are skipped


def test_padding_changes_nothing() -> None:
    torch.manual_seed(0)
    head = SpanHead(16, 32, heads=4).eval()
    reg, patches = torch.randn(1, 16), torch.randn(1, 16, 16)
    padded = torch.cat([patches, torch.randn(1, 8, 16)], 1)
    mask = torch.arange(24)[None] < 16
    alone, beside = decode(head(reg, patches), [40.0]), decode(head(reg, padded, mask), [40.0])
    assert np.allclose([(m.start, m.end) for m in beside[0]], [(m.start, m.end) for m in alone[0]], atol=1e-4)


def test_spans_are_fractions_of_patches_times_duration() -> None:
    [moments] = decode(said([2.0, 3.0], [(2, 6), (10, 18)], 20), [60.0])
    assert np.allclose([(m.start, m.end) for m in moments], [(30, 54), (6, 18)])
    assert moments[0].score == pytest.approx(1 / (1 + math.exp(-3)))


def test_spans_end_with_the_video_and_near_doubles_go() -> None:
    [moments] = decode(said([3.0, 2.0, 1.0], [(10, 22), (10, 19), (-6, -2)], 20), [20.0])
    assert [(m.start, m.end) for m in moments] == [(10, 20)]  # 0.9 of the second lies in the first; the third is empty


def test_at_most_a_hundred() -> None:
    spans = [(2.0 * i, 2.0 * i + 2) for i in range(150)]
    [moments] = decode(said([float(-i) for i in range(150)], spans, 300), [300.0])
    assert len(moments) == 100 and moments[-1].start == pytest.approx(198)


def test_patches_are_averaged_one_after_the_other() -> None:
    tokens = torch.arange(6.0).reshape(1, 6, 1)
    assert pool_patches(tokens, 3).flatten().tolist() == [0.5, 2.5, 4.5]
    with pytest.raises(ValueError, match="6 frame tokens cannot be shared evenly by 4"):
        pool_patches(tokens, 4)


def test_loss_is_least_for_the_truth() -> None:
    truth = [torch.tensor([[0.1, 0.3]])]
    right, elsewhere = said([9.0, -9.0], [(2, 6), (10, 18)], 20), said([-9.0, 9.0], [(2, 6), (10, 18)], 20)
    longer = said([9.0, -9.0], [(1, 7), (10, 18)], 20)
    assert span_loss(right, truth) < span_loss(longer, truth) < span_loss(elsewhere, truth)
    # the span is matched exactly and every saliency is the same: 4 of 20 frames lie inside
    assert float(span_loss(right, truth)) == pytest.approx(0.05 * math.log(20 / 4), abs=1e-4)
    # one patch too far at each end is half a stride
    assert float(span_loss(longer, truth) - span_loss(right, truth)) == pytest.approx(0.5, abs=1e-4)


def test_official_names_inside_the_parts_and_every_parameter_learns() -> None:
    torch.manual_seed(0)
    head = SpanHead(16, 32, heads=4)
    windows = torch.tensor([[i / 12, (i + n) / 12] for n in (1, 3, 6, 9) for i in (0, 3)])
    span_loss(head(torch.randn(1, 16), torch.randn(1, 24, 16)), [windows]).backward()
    learning = {name for name, parameter in head.named_parameters() if parameter.grad is not None}
    assert learning == set(dict(head.named_parameters()))
    blocks = {f"pyramid.blocks.3.{layer}.weight" for layer in (1, 3, 6, 8, 11, 13)}
    assert blocks | {"class_head.module.1.weight", "coord_head.module.3.bias", "coef.scale"} <= learning


def planted(count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Videos of 32 random patches; those of one stretch carry the query's own direction."""
    theme = torch.randn(count, 16, generator=generator)
    start = torch.randint(0, 20, (count,), generator=generator)
    end = start + torch.randint(3, 13, (count,), generator=generator)
    place = torch.arange(32)
    inside = (place >= start[:, None]) & (place < end[:, None])
    patches = 0.5 * torch.randn(count, 32, 16, generator=generator) + 1.5 * theme[:, None] * inside[..., None]
    return theme, patches, torch.stack([start, end], -1) / 32


def test_learns_to_find_planted_segments() -> None:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    head = SpanHead(16, 32, heads=4)
    adam = torch.optim.AdamW(head.parameters(), 2e-3)
    for _ in range(250):
        reg, patches, windows = planted(32, generator)
        loss = span_loss(head(reg, patches), windows[:, None].unbind())
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        adam.step()
    reg, patches, windows = planted(64, generator)
    answers = decode(head.eval()(reg, patches), [32.0] * 64)
    best = [[answer[0].start, answer[0].end] for answer in answers]
    assert tiou(best, windows * 32).diagonal().mean() > 0.7
