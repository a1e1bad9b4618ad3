"""What differs between families of video-language models in a stream: features of frames, positions, marks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.engines.qwen import patches
from whenabouts.grounders.llm.sampling import PAIR
from whenabouts.grounders.llm.shown import scaled

__all__ = ["Family", "family_of"]

Grid = tuple[int, int, int]
LONGEST_GAP = 60.0  # seconds between frames (ours): an hour without pictures would use up the positions of a model


class Family(ABC):
    """A model and its processor as one family has them.

    axes: of positions; mark: what stands for a video in a chat template
    """

    axes: ClassVar[int]
    mark: str

    def __init__(self, network: Any, processor: Any) -> None:
        self.network, self.processor = network, processor

    @abstractmethod
    def features(self, frames: Sequence[NDArray[np.uint8]]) -> tuple[Tensor, Grid]:
        """Vision features (N, F) of a few frames (H, W, 3) uint8, and their grid (frames, height, width)."""

    @abstractmethod
    def positions(self, grid: Grid, before: int, start: int, at: float, previous: float | None) -> Tensor:
        """Where the tokens of a chunk stand in the stream, (A, N) int64.

        before:   the position on the first axis of the token before the chunk
        start:    where the stream begins, behind the prompt
        at:       seconds from the first frame until the chunk; previous: until the one before it
        """

    def closing(self) -> Tensor:
        """Embeddings (K, F) that stand between a video and the words behind it."""
        none: Tensor = self.network.get_input_embeddings().weight[:0]
        return none


class LlavaOnevision(Family):
    """LLaVA-OneVision (arXiv:2408.03326): tokens pooled by two along each side, positions counted one by one.

    One learned token ends the video; in a stream it stands before every question.
    """

    axes = 1

    def __init__(self, network: Any, processor: Any) -> None:
        super().__init__(network, processor)
        self.mark = str(processor.video_token)

    def features(self, frames: Sequence[NDArray[np.uint8]]) -> tuple[Tensor, Grid]:
        settings, vision = self.processor.image_processor, self.network.config.vision_config
        size = (vision.image_size, vision.image_size)
        video = np.stack([scaled(frame, size) for frame in frames]).astype(np.float32)
        video = (video * settings.rescale_factor - np.float32(settings.image_mean)) / np.float32(settings.image_std)
        pixels = torch.from_numpy(video.transpose(0, 3, 1, 2).astype(np.float32))[None]
        seen = _pooled(self.network.model.get_video_features(pixels.to(self.network.device, self.network.dtype)))
        side = -(-(vision.image_size // vision.patch_size) // 2)
        return seen.reshape(-1, seen.shape[-1])[: len(frames) * side * side], (len(frames), side, side)

    def positions(self, grid: Grid, before: int, start: int, at: float, previous: float | None) -> Tensor:
        return torch.arange(before + 1, before + 1 + int(np.prod(grid)))[None]

    def closing(self) -> Tensor:
        newline: Tensor = self.network.model.image_newline
        return newline[None]


class Qwen2VL(Family):
    """Qwen2-VL (arXiv:2409.12191): two frames make a step of time, a single one is taken twice; M-RoPE.

    A chunk is one step of time.
    """

    axes = 3
    mark = "<|video_pad|>"

    def features(self, frames: Sequence[NDArray[np.uint8]]) -> tuple[Tensor, Grid]:
        if len(frames) > PAIR:
            raise ModelError(f"a chunk of a stream is one frame or {PAIR} for Qwen's models, got {len(frames)}")
        settings = self.processor.image_processor
        table, (time, height, width) = patches(frames, settings)
        pixels = torch.from_numpy(table).to(self.network.device)
        grid = torch.tensor([[time, height, width]], device=self.network.device)
        seen = _pooled(self.network.model.get_video_features(pixels, grid))
        return seen, (time, height // settings.merge_size, width // settings.merge_size)

    def positions(self, grid: Grid, before: int, start: int, at: float, previous: float | None) -> Tensor:
        time, height, width = (torch.arange(count) for count in grid)
        first = before + self._step(at, previous)
        axes = torch.meshgrid(first + time, start + height, start + width, indexing="ij")
        return torch.stack(axes).reshape(3, -1)

    def _step(self, at: float, previous: float | None) -> int:
        """Positions between the newest step of time and that of this chunk."""
        return 1


class Qwen25VL(Qwen2VL):
    """Qwen2.5-VL (arXiv:2502.13923): positions in time follow the clock, on which no gap counts more than a minute."""

    def _step(self, at: float, previous: float | None) -> int:
        rate = float(self.network.config.vision_config.tokens_per_second)
        if previous is None:
            return 1
        return min(int(at * rate) - int(previous * rate), int(LONGEST_GAP * rate))


FAMILIES: dict[str, type[Family]] = {
    "llava_onevision": LlavaOnevision,
    "qwen2_vl": Qwen2VL,
    "qwen2_5_vl": Qwen25VL,
}
ROPES = ("default", "linear", "yarn", "llama3")  # whose angles do not depend on how much was read


def family_of(network: Any, processor: Any) -> Family:
    """The family of a model. Raises ModelError for one that a stream cannot be run through, and says why."""
    kind = network.config.model_type
    if kind not in FAMILIES:
        raise ModelError(
            f"{kind} cannot read a stream through a cache policy: the families that can are {', '.join(FAMILIES)}"
        )
    text = network.config.get_text_config()
    if kind == "llava_onevision" and text.model_type not in {"qwen2", "llama"}:
        raise ModelError(
            f"{kind} over {text.model_type} cannot read a stream: its language model must be qwen2 or llama"
        )
    if "sliding_attention" in (getattr(text, "layer_types", None) or ()):
        raise ModelError(f"{kind} has layers with a sliding window, which a cache policy cannot serve")
    rope = (getattr(text, "rope_parameters", None) or {}).get("rope_type", "default")
    if rope not in ROPES:
        raise ModelError(f"{kind} has {rope} positions, which change with the length of what was read")
    return FAMILIES[kind](network, processor)


def _pooled(output: Any) -> Tensor:
    """The features of one video, whichever way a release of transformers wraps them."""
    seen = getattr(output, "pooler_output", output)
    tensor: Tensor = torch.cat(list(seen)) if isinstance(seen, list | tuple) else seen
    return tensor
