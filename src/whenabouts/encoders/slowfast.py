"""SlowFast 8x8 R50 (arXiv:1812.03982): features of motion and appearance of clips.

Two ResNets process a clip: the slow pathway 8 frames with many channels, the fast pathway 32 frames with few; the fast
one is fused into the slow one after every stage. A clip becomes 2048 + 256 numbers, as in the published features.

Parameters are named as in PySlowFast's `SLOWFAST_8x8_R50`, so its checkpoint can be loaded. This has not been tested
with the published checkpoint. Which pictures a clip is made of is the matter of `encoders.clips`.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from whenabouts.encoders.batches import Batches
from whenabouts.encoders.device import torch_device
from whenabouts.errors import ModelError
from whenabouts.files.weights import fill_whole, parameters, read_weights

__all__ = ["SlowFast", "SlowFastEncoder"]

ALPHA = 4  # frames of the fast pathway per frame of the slow one
WIDTH = 64  # channels of the slow pathway's first stage
NARROW = 8  # channels of the slow pathway per channel of the fast one
DEPTHS = (3, 4, 6, 3)  # blocks per stage
MEAN, DEVIATION = 0.45, 0.225
BATCH, GPU_BATCH = 1, 16  # clips at once, on a CPU and on a GPU
CHECKPOINT_VARIABLE = "WHENABOUTS_SLOWFAST"


class SlowFast(nn.Module):
    """The network without its classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.s1 = _Stem()
        wide, thin = WIDTH, WIDTH // NARROW
        self.s1_fuse = _Fuse(thin)
        inner, out = WIDTH, 4 * WIDTH
        for stage, depth in enumerate(DEPTHS, 2):
            kernels = (3 if stage > 3 else 1, 3)
            ins, outs, inners = (wide + 2 * thin, thin), (out, out // NARROW), (inner, inner // NARROW)
            setattr(self, f"s{stage}", _Stage(ins, outs, inners, kernels, depth, stride=1 if stage == 2 else 2))
            wide, thin = outs
            if stage < 5:
                setattr(self, f"s{stage}_fuse", _Fuse(thin))
            inner, out = 2 * inner, 2 * out

    def forward(self, pictures: Tensor) -> Tensor:
        """Normalised clips (B, 3, 32, H, W) -> (B, 2304): the means of both pathways over time and space."""
        slow = pictures[:, :, torch.linspace(0, pictures.shape[2] - 1, pictures.shape[2] // ALPHA).long()]
        paths = self.s1_fuse(*self.s1(slow, pictures))
        for stage in range(2, 6):
            paths = getattr(self, f"s{stage}")(*paths)
            if stage < 5:
                paths = getattr(self, f"s{stage}_fuse")(*paths)
        return torch.cat([path.mean((2, 3, 4)) for path in paths], dim=1)


class _Stem(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pathway0_stem, self.pathway1_stem = _StemPath(WIDTH, 1), _StemPath(WIDTH // NARROW, 5)

    def forward(self, slow: Tensor, fast: Tensor) -> tuple[Tensor, Tensor]:
        return self.pathway0_stem(slow), self.pathway1_stem(fast)


class _StemPath(nn.Module):
    def __init__(self, channels: int, time: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(3, channels, (time, 7, 7), (1, 2, 2), (time // 2, 3, 3), bias=False)
        self.bn = nn.BatchNorm3d(channels)
        self.pool_layer = nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        pooled: Tensor = self.pool_layer(self.bn(self.conv(x)).relu())
        return pooled


class _Fuse(nn.Module):
    """Lateral connection from the fast pathway to the slow one."""

    def __init__(self, thin: int) -> None:
        super().__init__()
        self.conv_f2s = nn.Conv3d(thin, 2 * thin, (7, 1, 1), (ALPHA, 1, 1), (3, 0, 0), bias=False)
        self.bn = nn.BatchNorm3d(2 * thin)

    def forward(self, slow: Tensor, fast: Tensor) -> tuple[Tensor, Tensor]:
        return torch.cat([slow, self.bn(self.conv_f2s(fast)).relu()], dim=1), fast


class _Stage(nn.Module):
    def __init__(
        self,
        ins: tuple[int, int],
        outs: tuple[int, int],
        inners: tuple[int, int],
        kernels: tuple[int, int],
        depth: int,
        stride: int,
    ) -> None:
        super().__init__()
        self.depth = depth
        for path in range(2):
            for number in range(depth):
                first = number == 0
                block = _Block(
                    ins[path] if first else outs[path], outs[path], inners[path], kernels[path], stride if first else 1
                )
                setattr(self, f"pathway{path}_res{number}", block)

    def forward(self, slow: Tensor, fast: Tensor) -> tuple[Tensor, Tensor]:
        for number in range(self.depth):
            slow = getattr(self, f"pathway0_res{number}")(slow)
            fast = getattr(self, f"pathway1_res{number}")(fast)
        return slow, fast


class _Block(nn.Module):
    def __init__(self, size_in: int, size_out: int, inner: int, time: int, stride: int) -> None:
        super().__init__()
        self.shortcut = size_in != size_out or stride != 1
        if self.shortcut:
            self.branch1 = nn.Conv3d(size_in, size_out, 1, (1, stride, stride), bias=False)
            self.branch1_bn = nn.BatchNorm3d(size_out)
        self.branch2 = _Bottleneck(size_in, size_out, inner, time, stride)

    def forward(self, x: Tensor) -> Tensor:
        rest = self.branch1_bn(self.branch1(x)) if self.shortcut else x
        out: Tensor = (rest + self.branch2(x)).relu()
        return out


class _Bottleneck(nn.Module):
    def __init__(self, size_in: int, size_out: int, inner: int, time: int, stride: int) -> None:
        super().__init__()
        self.a = nn.Conv3d(size_in, inner, (time, 1, 1), padding=(time // 2, 0, 0), bias=False)
        self.a_bn = nn.BatchNorm3d(inner)
        self.b = nn.Conv3d(inner, inner, (1, 3, 3), (1, stride, stride), (0, 1, 1), bias=False)
        self.b_bn = nn.BatchNorm3d(inner)
        self.c = nn.Conv3d(inner, size_out, 1, bias=False)
        self.c_bn = nn.BatchNorm3d(size_out)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a_bn(self.a(x)).relu()
        x = self.b_bn(self.b(x)).relu()
        out: Tensor = self.c_bn(self.c(x))
        return out


class SlowFastEncoder:
    """Clips -> (N, 2304).

    path:   PySlowFast's checkpoint; by default the value of $WHENABOUTS_SLOWFAST
    device: torch's name of the device; by default a GPU if one is available

    Raises ModelError if the checkpoint is missing or does not fit.
    """

    name = "slowfast"
    size = 224
    pictures = 32
    dim = 2304

    def __init__(self, path: Path | None = None, *, device: str | None = None) -> None:
        checkpoint = path or (Path(value) if (value := os.environ.get(CHECKPOINT_VARIABLE)) else None)
        if checkpoint is None:
            raise ModelError(
                f"SlowFast needs PySlowFast's SLOWFAST_8x8_R50 checkpoint; set {CHECKPOINT_VARIABLE} to its path"
            )
        self.device = torch_device(device)
        content, self.sha256 = read_weights(checkpoint)
        state = parameters(content, "model_state", checkpoint)
        self._network = fill_whole(SlowFast(), state, checkpoint, "a SLOWFAST_8x8_R50 checkpoint").to(self.device)
        shape, batch = (self.pictures, self.size, self.size, 3), GPU_BATCH if self.device != "cpu" else BATCH
        self._batches = Batches(self._vectors, self.device, shape=shape, size=batch)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights."""
        return sum(parameter.nbytes for parameter in self._network.parameters())

    @property
    def precision(self) -> str:
        """What vectors are computed in, such as "float16"."""
        return self._batches.precision

    def encode_clips(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Clips (N, pictures, size, size, 3) uint8 RGB -> (N, 2304).

        Raises ModelError for clips of another shape, where memory holds none, and for vectors that are not finite.
        """
        return self._batches(clips) if len(clips) else np.zeros((0, self.dim), dtype=np.float32)

    def _vectors(self, clips: Tensor) -> Tensor:
        """Clips (B, pictures, size, size, 3) uint8 on the device -> (B, 2304)."""
        frames = clips.permute(0, 4, 1, 2, 3).float() / 255
        vectors: Tensor = self._network((frames - MEAN) / DEVIATION)
        return vectors.float()
