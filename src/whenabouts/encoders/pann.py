"""PANN's Cnn14 (arXiv:1912.10211): a clip of sound as 2048 numbers, as in Lighthouse's features.

Six blocks of two convolutions look at a spectrogram; the embedding is the layer before the 527 classes of AudioSet.
Parameters are named as in the published `Cnn14_mAP=0.431.pth`, which holds window and mel bands too.
"""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from whenabouts.encoders.device import torch_device
from whenabouts.encoders.log_mel import BANDS, LogMel
from whenabouts.errors import ModelError
from whenabouts.files.weights import fill_whole, parameters, read_weights

__all__ = ["Cnn14", "PANNEncoder"]

CHANNELS = (1, 64, 128, 256, 512, 1024, 2048)
CHECKPOINT_VARIABLE = "WHENABOUTS_PANN"


class Cnn14(LogMel):
    """The network without its classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.bn0 = nn.BatchNorm2d(BANDS)
        for number, (size_in, size_out) in enumerate(pairwise(CHANNELS), 1):
            setattr(self, f"conv_block{number}", _Block(size_in, size_out))
        self.fc1 = nn.Linear(CHANNELS[-1], CHANNELS[-1])

    def forward(self, samples: Tensor) -> Tensor:
        """Samples (B, N) -> (B, 2048)."""
        x = self.bn0(super().forward(samples).transpose(1, 3)).transpose(1, 3)
        for number in range(1, len(CHANNELS)):
            x = getattr(self, f"conv_block{number}")(x)
            x = avg_pool2d(x, 2) if number + 1 < len(CHANNELS) else x
        x = x.mean(dim=3)
        embedding: Tensor = self.fc1(x.amax(dim=2) + x.mean(dim=2)).relu()
        return embedding


class _Block(nn.Module):
    def __init__(self, size_in: int, size_out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(size_in, size_out, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(size_out, size_out, 3, padding=1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(size_out), nn.BatchNorm2d(size_out)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn1(self.conv1(x)).relu()
        out: Tensor = self.bn2(self.conv2(x)).relu()
        return out


class PANNEncoder:
    """Clips of sound -> (N, 2048).

    path:   `Cnn14_mAP=0.431.pth`; by default the value of $WHENABOUTS_PANN
    device: torch's name of the device; by default a GPU if one is available

    Raises ModelError if the checkpoint is missing or does not fit.
    """

    name = "pann"
    rate = 32_000
    least = 9_920  # samples: what five halvings leave a frame of
    most: int | None = None
    dim = CHANNELS[-1]

    def __init__(self, path: Path | None = None, *, device: str | None = None) -> None:
        checkpoint = path or (Path(value) if (value := os.environ.get(CHECKPOINT_VARIABLE)) else None)
        if checkpoint is None:
            raise ModelError(
                f"PANN needs the checkpoint Cnn14_mAP=0.431.pth of its authors; set {CHECKPOINT_VARIABLE} to its path"
            )
        self.device = torch_device(device)
        content, self.sha256 = read_weights(checkpoint)
        state = parameters(content, "model", checkpoint)
        self._network = fill_whole(Cnn14(), state, checkpoint, "a Cnn14 checkpoint").to(self.device)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights."""
        return sum(parameter.nbytes for parameter in self._network.parameters())

    def encode_sound(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors (N, 2048) of clips (N, samples) at 32 kHz."""
        with torch.inference_mode():
            rows: NDArray[np.float32] = self._network(torch.from_numpy(clips).to(self.device)).cpu().numpy()
        return rows
