"""The tree of events over a video: level 0 holds rows, and an event of each next level covers two of the level before.

Rows come in windows of eight. A window's rows attend to each other and to the memory of their level; where two events
of a level are complete, the greater of their features begins the event above. (In the paper a small network joins
them; the official code takes the greater, and its checkpoints have no parameters for anything else.)
Source: minghangz/OnVTG, `libs/modeling/video_net.py: OnlineVideoTransformer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad, relu

from whenabouts.grounders.learned.onvtg.layers import EventBlock, pooled
from whenabouts.grounders.learned.onvtg.memory import EventMemory
from whenabouts.grounders.learned.universalvtg.layers import ChannelNorm, MaskedConv
from whenabouts.grounders.learned.universalvtg.pyramid import sinusoids

__all__ = ["RELATIVE_PLACES", "WINDOW", "EventTree", "Places"]

Events = tuple[Tensor, Tensor]
Places = Literal["absolute", "relative", "none"]
WINDOW = 8  # rows
RELATIVE_PLACES = 256


class EventTree(nn.Module):
    """Levels of events.

    stride:    rows of the video that one row of level 0 stands for: 1 or a power of two
    places:    what rows know of where they are: how far from the start, which share of the video (that of its end too,
               which a stream cannot know), or nothing
    positions: rows of level 0 whose absolute places were trained; longer videos are squeezed into as many. While
               training they are cut in pieces of this length that do not remember each other.
    """

    def __init__(
        self,
        given: int,
        width: int,
        *,
        heads: int,
        stride: int,
        convs: int,
        memory: Sequence[int],
        merge: float | None,
        grows: bool,
        places: Places,
        positions: int,
        drop: float,
    ) -> None:
        super().__init__()
        self.strides = [2 if stride >> number > 1 else 1 for number in range(convs)]
        self.stride, self.positions, self.kind = stride, positions, places
        self.sizes, self.merge, self.grows = tuple(memory), merge, grows
        self.embd_fc = MaskedConv(given, width)
        # officially a kernel is 5 wide where rows are halved
        self.embd_convs = nn.ModuleList(
            MaskedConv(width, width, 5 if step > 1 else 3, stride=step, bias=False) for step in self.strides
        )
        self.embd_norms = nn.ModuleList(ChannelNorm(width) for _ in self.strides)
        self.branch = nn.ModuleList(EventBlock(width, heads, drop) for _ in memory)
        if places == "relative":
            self.pe = nn.Parameter(torch.randn(width, RELATIVE_PLACES) / width**0.5)
        elif places == "absolute":
            self.register_buffer("table", sinusoids(positions, width), persistent=False)

    @property
    def step(self) -> int:
        """A whole tree has a multiple of so many rows of the video."""
        return self.stride * max(WINDOW, 1 << len(self.sizes) - 1)

    @property
    def ahead(self) -> int:
        """Rows of the video behind its own that a row of level 0 sees before any window."""
        reach = 0
        for conv, step in zip(reversed(self.embd_convs), reversed(self.strides), strict=True):
            assert isinstance(conv, MaskedConv)
            reach = reach * step + conv.conv.kernel_size[0] // 2
        return reach

    def memory(self, *, most: int | None = None) -> EventMemory:
        """An empty memory."""
        return EventMemory(self.sizes, merge=self.merge, grows=self.grows, most=most)

    def embed(self, x: Tensor, mask: Tensor) -> Events:
        """Rows of the video (B, D, T) -> rows of level 0 (B, C, T / stride) without places, and which there are."""
        x = self.embd_fc(x, mask)
        for conv, norm, step in zip(self.embd_convs, self.embd_norms, self.strides, strict=True):
            x, mask = relu(norm(conv(x, mask))), mask[..., ::step]
        return x, mask

    def placed(self, x: Tensor, mask: Tensor) -> Tensor:
        """Rows of level 0 of a whole video, with their places."""
        count = x.shape[-1]
        if self.kind == "relative":
            counts = mask.sum(-1).flatten().tolist()
            spread = [pad(interpolate(self.pe[None], size=n, mode="nearest"), (0, count - n)) for n in counts]
            return x + torch.cat(spread)
        if self.kind == "none":
            return x
        table = self.table
        assert isinstance(table, Tensor)
        if count > table.shape[-1]:
            table = interpolate(table[None], size=count, mode="linear", align_corners=True)[0]
        return x + table[:, :count] * mask

    def placed_from(self, first: int, x: Tensor, mask: Tensor, whole: int | None = None) -> Tensor:
        """Rows of level 0 of a stream from row `first` on, with their places.

        whole: how many rows the stream will have, which relative places need; rows after those stand at the end
        """
        count = x.shape[-1]
        if self.kind == "relative":
            assert whole is not None
            spread = interpolate(self.pe[None], size=whole, mode="nearest")[0]
            return x + spread[:, torch.arange(first, first + count).clamp(max=whole - 1)] * mask
        if self.kind == "none":
            return x
        table = self.table
        assert isinstance(table, Tensor)
        if first + count > table.shape[-1]:  # nothing is squeezed, as nobody knows into how many
            return x + sinusoids(count, len(table), first).to(x) * mask
        return x + table[:, first : first + count] * mask

    def grow(self, memory: EventMemory, rows: Tensor, mask: Tensor, end: int) -> list[Events]:
        """Add a window of eight rows of level 0, the last of which is row `end` - 1; the events of each level made."""
        found = []
        for level, block in enumerate(self.branch):
            before, before_mask = memory.events[level] or (None, None)
            rows = block(rows, mask, before, before_mask)
            found.append((rows, mask))
            last = memory.last[level]
            memory.write(level, rows, mask)
            if level + 1 == len(self.branch) or end % 2 ** (level + 1):
                break
            if rows.shape[-1] % 2:
                assert last is not None  # the other half of the event above
                rows, mask = torch.cat([last[0], rows], -1), torch.cat([last[1], mask], -1)
            rows, mask = pooled(rows, mask)
        return found

    def forward(self, x: Tensor, mask: Tensor) -> list[Events]:
        """Rows of the video (B, D, T) -> events of levels (B, C, T / stride / 2^level); T is a multiple of `step`."""
        piece = self.positions * self.stride
        if self.training and x.shape[-1] > piece:
            return self._in_pieces(x, mask, piece)
        x, mask = self.embed(x, mask)
        x = self.placed(x, mask)
        memory = self.memory()
        parts: list[list[Events]] = [[] for _ in self.branch]
        for first in range(0, x.shape[-1], WINDOW):
            last = first + WINDOW
            for part, events in zip(parts, self.grow(memory, x[..., first:last], mask[..., first:last], last)):  # noqa: B905
                part.append(events)
        return [(torch.cat([e for e, _ in part], -1), torch.cat([m for _, m in part], -1)) for part in parts]

    def _in_pieces(self, x: Tensor, mask: Tensor, piece: int) -> list[Events]:
        """As officially while training; the pieces are one batch."""
        more = -x.shape[-1] % piece
        batch, counts = len(x), (x.shape[-1] + more) // piece

        def cut(table: Tensor) -> Tensor:
            pieces = pad(table, (0, more)).reshape(batch, table.shape[1], counts, piece)
            return pieces.transpose(1, 2).flatten(0, 1)

        def join(table: Tensor) -> Tensor:
            return table.reshape(batch, counts, *table.shape[1:]).transpose(1, 2).flatten(2)

        return [(join(events), join(there)) for events, there in self(cut(x), cut(mask))]
