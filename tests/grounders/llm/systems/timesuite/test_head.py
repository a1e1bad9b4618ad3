"""TimeSuite's token shuffle and position encoding, on tiny widths."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from torch import nn  # noqa: E402

from whenabouts.grounders.llm.systems.timesuite.head import (  # noqa: E402
    CLIP_FRAMES,
    CLIP_TOKENS,
    CLIPS,
    TemporalAdapter,
    VideoTokens,
    as_clips,
)


def test_128_frames_become_three_tokens_each() -> None:
    frames = torch.arange(128.0).reshape(1, 128, 1, 1, 1)
    clips = as_clips(frames)
    assert clips.shape[:2] == (CLIPS, CLIP_FRAMES) and clips[3, 2].item() == 26
    tokens = VideoTokens(8, 12)(torch.randn(1, CLIPS * CLIP_TOKENS, 8))
    assert tokens.shape == (1, 3 * 128, 12)


def test_at_the_start_the_shuffle_is_average_pooling() -> None:
    torch.manual_seed(0)
    tokens, projection, model = torch.randn(2, 128, 8), nn.Linear(8, 12), VideoTokens(8, 12, clips=2)
    model.start_as_mean_pooling_of(projection)
    pooled = projection(tokens).reshape(2, 32, 4, 12).mean(2)
    torch.testing.assert_close(model(tokens), pooled)


def test_after_training_the_shuffle_can_tell_the_order_of_tokens() -> None:
    torch.manual_seed(0)
    model = VideoTokens(4, 4, clips=2)
    tokens = torch.randn(1, 64, 4)
    swapped = tokens.reshape(1, 16, 4, 4).flip(2).reshape(1, 64, 4)
    assert not torch.allclose(model(tokens), model(swapped))


def test_official_names_and_every_parameter_learns() -> None:
    model = VideoTokens(8, 12, clips=2)
    nn.init.normal_(model.temp_adap.linear_output.weight)
    model(torch.randn(2, 128, 8)).square().mean().backward()
    names = {name for name, parameter in model.named_parameters() if parameter.grad is not None}
    assert names == set(dict(model.named_parameters()))
    assert {"merge_proj.weight", "temp_adap.DwConv1.0.weight", "temp_adap.fc.1.layer_norm.weight"} <= names


def test_tape_learns_where_in_the_video_a_token_stands() -> None:
    """Every token is the same: only the padding at both ends can tell how far it is."""
    torch.manual_seed(0)
    tape = TemporalAdapter(8, 1, width=16, clips=16)
    tokens, place = torch.ones(1, 1024, 8), torch.linspace(0, 1, 256)
    adam = torch.optim.Adam(tape.parameters(), 1e-2)
    for _ in range(200):
        adam.zero_grad()
        loss = (tape(tokens)[0, :, 0] - place).square().mean()
        loss.backward()
        adam.step()
    assert (tape(tokens)[0, :, 0] - place).abs().mean() < 0.05


def test_lengths_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 64 tokens, got 96"):
        TemporalAdapter(8, 8)(torch.zeros(1, 96, 8))
    with pytest.raises(ValueError, match="clips of 8"):
        as_clips(torch.zeros(1, 12, 3))
