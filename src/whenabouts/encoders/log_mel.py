"""The spectrogram that PANN and CLAP look at: power at 64 mel bands in decibels, one frame every 320 samples.

Window, Fourier basis and bands are parameters, as in torchlibrosa, whose names they have, so a checkpoint brings its
own: they are never computed here.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

__all__ = ["BANDS", "HOP", "LogMel"]

WINDOW, HOP, BANDS = 1024, 320, 64
FLOOR = 1e-10  # the least power, -100 dB


class LogMel(nn.Module):
    """Samples (B, N) -> (B, 1, frames, 64) in dB; frame k is centred at sample 320 k, the ends are mirrored."""

    def __init__(self) -> None:
        super().__init__()
        self.spectrogram_extractor, self.logmel_extractor = _Spectrogram(), _Bands()

    def forward(self, samples: Tensor) -> Tensor:
        """The spectrogram; samples are at most 1 in size, and more than 512."""
        power: Tensor = self.logmel_extractor(self.spectrogram_extractor(samples))
        return 10 * power.clamp(min=FLOOR).log10()[:, None]


class _Spectrogram(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stft = _Fourier()

    def forward(self, samples: Tensor) -> Tensor:
        """Power (B, frames, 513)."""
        power: Tensor = self.stft(pad(samples[:, None], (WINDOW // 2, WINDOW // 2), mode="reflect"))
        return power.transpose(1, 2)


class _Fourier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv_real, self.conv_imag = (
            nn.Conv1d(1, WINDOW // 2 + 1, WINDOW, stride=HOP, bias=False) for _ in range(2)
        )

    def forward(self, samples: Tensor) -> Tensor:
        power: Tensor = self.conv_real(samples) ** 2 + self.conv_imag(samples) ** 2
        return power


class _Bands(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.melW = nn.Parameter(torch.zeros(WINDOW // 2 + 1, BANDS))

    def forward(self, power: Tensor) -> Tensor:
        return power @ self.melW
