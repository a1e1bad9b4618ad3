"""A question about one video, as VideoMind's model takes it: tokens, pixels, and where each token stands.

Where tokens stand is computed here. The text after a video begins behind its last step of time, as the checkpoints were
trained; later versions of transformers begin it earlier. And where the verifier's marks part the tokens of a video,
these count on as if the marks were not there. Source: transformers 4.45.2 `modeling_qwen2_vl.py: get_rope_index`, and
yeliudev/VideoMind `eval/infer_auto.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.engines.qwen import VIDEO, FrameProcessor

__all__ = ["Question", "positions"]


@dataclass(frozen=True)
class Question:
    """A user's turn that shows a video and then asks something.

    ids:    (L,) tokens, one for each merged patch of the video among them
    pixels: of the video, in patches
    grid:   steps of time, and rows and columns of patches
    first:  where the video's tokens begin
    merged: patches along a side that make one token
    """

    ids: Tensor
    pixels: Tensor
    grid: tuple[int, int, int]
    first: int
    merged: int

    @classmethod
    def of(cls, text: str, frames: Frames, processor: FrameProcessor) -> Question:
        """The words and frames (an even number) in the chat template."""
        content = [{"type": "video"}, {"type": "text", "text": text}]
        turn = processor.tokenizer.apply_chat_template(
            [{"role": "user", "content": content}],
            chat_template=processor.chat_template,
            tokenize=False,
            add_generation_prompt=True,
        )
        given = processor.shown(turn, [range(len(frames.images))], frames)
        ids, mark = given["input_ids"][0], processor.tokenizer.convert_tokens_to_ids(VIDEO)
        steps, rows, columns = given["video_grid_thw"][0].tolist()
        first = int((ids == mark).nonzero()[0, 0])
        return cls(
            ids, given["pixel_values_videos"], (steps, rows, columns), first, processor.image_processor.merge_size
        )

    @property
    def sides(self) -> tuple[int, int, int]:
        """Steps of time, and rows and columns of tokens."""
        steps, rows, columns = self.grid
        return steps, rows // self.merged, columns // self.merged

    @property
    def video(self) -> slice:
        """Where the video's tokens stand, as long as nothing was inserted."""
        steps, rows, columns = self.sides
        return slice(self.first, self.first + steps * rows * columns)

    def given(self, device: Any, marks: tuple[tuple[int, int], ...] = ()) -> dict[str, Any]:
        """What the network's first pass takes.

        marks: tokens, each with the number of the step of time that it stands before
        """
        _, rows, columns = self.sides
        ids = self.ids.tolist()
        for already, (token, step) in enumerate(marks):
            ids.insert(self.first + step * rows * columns + already, token)
        parted = any(step == 0 for _, step in marks)  # a video whose start is not right before it counts as text
        places = torch.arange(len(ids)).expand(3, -1) if parted else positions(len(ids), self.first, self.sides)
        return {
            "input_ids": torch.tensor([ids], device=device),
            "position_ids": places[:, None].to(device),
            "pixel_values_videos": self.pixels.to(device),
            "video_grid_thw": torch.tensor([self.grid], device=device),
        }


def positions(length: int, first: int, sides: tuple[int, int, int]) -> Tensor:
    """Time, row and column (3, length) of tokens, of which those from `first` on show a video of `sides` (t, h, w).

    >>> positions(7, 1, (2, 1, 2)).tolist()
    [[0, 1, 1, 2, 2, 3, 4], [0, 1, 1, 1, 1, 3, 4], [0, 1, 2, 1, 2, 3, 4]]
    """
    seen = torch.cartesian_prod(*(torch.arange(side) for side in sides)).T + first
    after = torch.arange(length - first - seen.shape[1]) + first + max(sides)
    return torch.cat([torch.arange(first).expand(3, -1), seen, after.expand(3, -1)], dim=1)
