"""TimeSuite (arXiv:2410.19702): fewer frame tokens without losing any, and tokens that know their place in time.

Names in the state dict are the official ones (OpenGVLab/TimeSuite, `LinearProAda`): `merge_proj` for the token shuffle,
`temp_adap` for TAPE with `linear_input`, `linear_output`, `DwConv1`, `DwConv2`, `fc`, `UpConv1`, `UpConv0`.
The frozen `mistral_proj` of the same checkpoint only served to initialise `merge_proj` and is not kept here.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool1d, interpolate

__all__ = ["TemporalAdapter", "VideoTokens", "as_clips"]

CLIPS, CLIP_FRAMES, CLIP_TOKENS = 16, 8, 96  # 128 frames; the Q-Former gives 96 tokens per clip
MERGED = 4  # adjacent tokens that become one: 24 per clip, 3 per frame
STEP = 4  # each of the two descents of TAPE shortens time by it


class _OverChannels(nn.Module):
    """LayerNorm of (B, C, L) over C."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layer_norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        normed: Tensor = self.layer_norm(x.transpose(1, 2)).transpose(1, 2)
        return normed


def _depthwise(width: int, kernel: int, stride: int) -> nn.Sequential:
    spread = nn.Conv1d(width, width, kernel, stride, padding=kernel // 2, groups=width)
    return nn.Sequential(spread, nn.Conv1d(width, width, 1), _OverChannels(width), nn.GELU())


class TemporalAdapter(nn.Module):
    """TAPE: a small U of depthwise temporal convolutions whose zero padding marks where the video begins and ends.

    tokens (B, L, in_width) -> (B, L / merged, out_width), to be added to the merged tokens. L / merged must be a
    multiple of 16. The last layer starts at zero, so that an untrained adapter changes nothing.
    """

    def __init__(
        self, in_width: int, out_width: int, *, width: int | None = None, merged: int = MERGED, clips: int = CLIPS
    ) -> None:
        super().__init__()
        width = width or in_width // 4
        self.merged = merged
        self.linear_input = nn.Linear(in_width, width)
        self.linear_output = nn.Linear(width, out_width)
        self.DwConv1 = _depthwise(width, 2 * merged + 1, STEP)
        self.DwConv2 = _depthwise(width, 2 * merged + 1, STEP)
        self.fc = nn.Sequential(nn.Conv1d(width, width, clips + 1, padding=clips // 2), _OverChannels(width), nn.GELU())
        self.UpConv1 = _depthwise(width, merged + 1, 1)
        self.UpConv0 = _depthwise(width, merged + 1, 1)
        nn.init.zeros_(self.linear_output.weight)
        nn.init.zeros_(self.linear_output.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """What to add to each merged token."""
        length = tokens.shape[1]
        if length % (self.merged * STEP * STEP):
            raise ValueError(f"TAPE needs a multiple of {self.merged * STEP * STEP} tokens, got {length}")
        fine = avg_pool1d(self.linear_input(tokens).transpose(1, 2), self.merged)
        middle = self.DwConv1(fine)
        coarse = self.fc(self.DwConv2(middle))
        middle = self.UpConv1(interpolate(coarse, scale_factor=STEP) + middle)
        fine = self.UpConv0(interpolate(middle, scale_factor=STEP) + fine)
        placed: Tensor = self.linear_output(fine.transpose(1, 2))
        return placed


class VideoTokens(nn.Module):
    """Token shuffle plus TAPE: Q-Former tokens (B, L, in_width) -> language-model tokens (B, L / merged, out_width).

    Adjacent tokens are laid side by side along channels and mapped by one linear layer, `merge_proj`.
    """

    def __init__(self, in_width: int, out_width: int, *, merged: int = MERGED, clips: int = CLIPS) -> None:
        super().__init__()
        self.merged = merged
        self.merge_proj = nn.Linear(in_width * merged, out_width)
        self.temp_adap = TemporalAdapter(in_width, out_width, merged=merged, clips=clips)

    @torch.no_grad()
    def start_as_mean_pooling_of(self, projection: nn.Linear) -> None:
        """Make the shuffle equal to averaging `merged` tokens after `projection` (in_width -> out_width)."""
        self.merge_proj.weight.copy_(projection.weight.repeat(1, self.merged) / self.merged)
        if projection.bias is None:
            self.merge_proj.bias.zero_()
        else:
            self.merge_proj.bias.copy_(projection.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """Merged tokens that carry their place in the video."""
        batch, length, width = tokens.shape
        if length % self.merged:
            raise ValueError(f"{length} tokens cannot be merged by {self.merged}; give a multiple of it")
        beside = tokens.reshape(batch, length // self.merged, self.merged * width)
        merged: Tensor = self.merge_proj(beside) + self.temp_adap(tokens)
        return merged


def as_clips(frames: Tensor, clip_frames: int = CLIP_FRAMES) -> Tensor:
    """Cut frames (B, T, ...) into clips (B × T / clip_frames, clip_frames, ...), each seen by the encoder on its own.

    >>> as_clips(torch.zeros(2, 128, 3, 4, 4)).shape
    torch.Size([32, 8, 3, 4, 4])
    """
    batch, length = frames.shape[:2]
    if length % clip_frames:
        raise ValueError(f"{length} frames cannot be cut into clips of {clip_frames}; sample a multiple of it")
    return frames.reshape(batch * length // clip_frames, clip_frames, *frames.shape[2:])
