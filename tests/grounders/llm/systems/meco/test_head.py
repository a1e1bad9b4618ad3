"""MeCo's matching of structural tokens and frames."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.grounders.llm.systems.meco.head import (  # noqa: E402
    EVENT,
    TRANSITION,
    StructuralMatcher,
    decode,
    matching_loss,
)
from whenabouts.moment import tiou  # noqa: E402


def spans(logits: list[list[float]], kinds: list[str], **options: object) -> list[tuple[float, float]]:
    return [(m.start, m.end) for m in decode(torch.tensor(logits), kinds, 6.0, **options)]  # type: ignore[arg-type]


def test_runs_above_the_rescaled_threshold_are_windows() -> None:
    assert spans([[0.0, 9, 10, 8, 0, 1]], [EVENT]) == [(1, 3)]
    assert spans([[0.0, 0, 0, 0, 10, 0]], [EVENT]) == [(4, 5)]
    assert spans([[0.0, 0, 7, 0, 0, 10]], [EVENT]) == [(5, 6)]  # 0.7 itself is not above
    assert spans([[0.0, 8, 0, 0, 10, 9]], [EVENT]) == [(4, 5), (1, 2)]  # best softmax first


def test_nothing_found_is_the_whole_video() -> None:
    [flat] = decode(torch.ones(1, 6), [EVENT], 6.0)
    [background] = decode(torch.eye(6)[:1], [TRANSITION], 6.0)
    assert (flat.start, flat.end, flat.score) == (background.start, background.end, background.score) == (0, 6, 0)


def test_charades_keeps_frames_next_to_where_the_event_beats_the_others() -> None:
    logits = [[0.0, 9, 9, 9, 9, 0], [0.0, 0, 0, 10, 10, 10]]
    assert spans(logits, [EVENT, TRANSITION]) == [(1, 4)]
    assert spans(logits, [EVENT, TRANSITION], dataset="charades") == [(1, 3)]


def test_the_same_window_twice_is_one() -> None:
    assert spans([[0.0, 9, 10, 9, 0, 0], [0.0, 9, 9, 9, 0, 0]], [EVENT, EVENT]) == [(1, 3)]


def test_loss_weighs_both_kinds_alike_however_many_of_each() -> None:
    logits = torch.tensor([[0.0, 0, 0, 0], [0.0, 0, 0, 0], [2.0, 0, 0, 0]])
    inside = torch.tensor([[1, 1, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]], dtype=torch.bool)
    background = torch.logsumexp(logits[2], 0) - 2
    expected = (torch.tensor(4.0).log() + background) / 2
    torch.testing.assert_close(matching_loss(logits, inside, torch.tensor([True, True, False])), expected)
    torch.testing.assert_close(
        matching_loss(logits[:2], inside[:2], torch.tensor([True, True])), torch.tensor(4.0).log()
    )


def test_one_kind_is_needed_per_row() -> None:
    with pytest.raises(ValueError, match="2 rows of logits but 1"):
        decode(torch.zeros(2, 4), [EVENT], 4.0)


def planted(count: int, generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    """Videos of 32 random frames; the query's hidden state is a rotation of what the frames of its segment share."""
    rotation = torch.linalg.qr(torch.randn(16, 16, generator=torch.Generator().manual_seed(7)))[0]
    theme = torch.randn(count, 1, 16, generator=generator)
    start = torch.randint(0, 20, (count, 1), generator=generator)
    end = start + torch.randint(4, 12, (count, 1), generator=generator)
    place = torch.arange(32)
    inside = (place >= start) & (place <= end)
    frames = 0.3 * torch.randn(count, 32, 16, generator=generator) + theme * inside[..., None]
    return frames, theme @ rotation, inside


def test_learns_to_find_planted_segments() -> None:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    model = StructuralMatcher(16)
    adam = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(200):
        frames, token, inside = planted(32, generator)
        logits = model(frames, token)[:, 0]
        loss = matching_loss(logits, inside, torch.ones(32, dtype=torch.bool))
        adam.zero_grad()
        loss.backward()
        adam.step()
    assert all(parameter.grad is not None for parameter in model.parameters())
    frames, token, inside = planted(64, generator)
    overlaps = []
    for logits, frames_inside in zip(model(frames, token), inside, strict=True):
        found = decode(logits, [EVENT], 32.0)[0]
        truth = frames_inside.nonzero()
        overlaps.append(tiou([found.start, found.end], [truth.min().item(), truth.max().item()])[0, 0])
    assert sum(overlaps) / len(overlaps) > 0.7
