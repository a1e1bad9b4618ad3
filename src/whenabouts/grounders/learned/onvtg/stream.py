"""OnVTG's model on a stream of rows, whose end it never asks for.

Windows are added to the tree as soon as their rows are there. What is said of an event is as of the whole video once
`ahead` more events of its level have been seen; it can be said earlier, as if nothing followed. The memory, the newest
rows and the newest events of each level are kept: all are bounded.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from whenabouts.grounders.learned.onvtg.model import OnVTG
from whenabouts.grounders.learned.onvtg.tree import WINDOW

__all__ = ["EventStream", "Events", "Said"]

Events = tuple[Tensor, Tensor]
Float = NDArray[np.float32]


class Said(NamedTuple):
    """What was decided of each of Q sentences; all but scores in rows of level 0.

    proposals: (Q, N, 4) start, end, when the event is over, score
    starts:    (Q, M, 3) predicted start, when that row is over, score
    """

    proposals: Float
    starts: Float


@dataclass
class _Newest:
    """The newest events of a level: rows (1, C, N), mask (1, 1, N), and the number of the first of them."""

    rows: Tensor
    mask: Tensor
    first: int = 0

    @property
    def total(self) -> int:
        return self.first + self.rows.shape[-1]

    def add(self, rows: Tensor, mask: Tensor, needed: int) -> None:
        """Keep `needed` of those before."""
        gone = max(0, self.rows.shape[-1] - needed)
        self.rows = torch.cat([self.rows[..., gone:], rows], -1)
        self.mask = torch.cat([self.mask[..., gone:], mask], -1)
        self.first += gone


class EventStream:
    """The events of one stream.

    wait:  later events of its level that are seen before an event is judged, 0 to `model.ahead`
    whole: how many rows of level 0 the stream will have, for models with relative places
    most:  events that a level remembers at most where its memory grows; None is as many as rows have places
    """

    def __init__(self, model: OnVTG, *, wait: int, whole: int | None = None, most: int | None = None) -> None:
        self.model, self.tree, self.wait, self.whole = model, model.vid_net, min(wait, model.ahead), whole
        self.most = most or model.config.positions
        self.reset()

    def reset(self) -> None:
        """Forget everything: another stream begins."""
        device, sizes = next(self.model.parameters()).device, self.model.config
        self.memory = self.tree.memory(most=self.most)
        self.rows = torch.zeros(1, sizes.video_dim, 0, device=device)
        self.count = self.end = 0  # rows of the stream so far; rows of level 0 in the tree
        none = torch.zeros(1, sizes.hidden, 0, device=device), torch.zeros(1, 1, 0, dtype=torch.bool, device=device)
        self.newest = [_Newest(*none) for _ in sizes.memory]

    def push(self, row: Float, words: Events | None) -> Said | None:
        """Take in a row (D,); what was decided of the words, where a window was complete."""
        new = torch.from_numpy(np.asarray(row, dtype=np.float32)).to(self.rows.device)
        self.rows = torch.cat([self.rows, new[None, :, None]], -1)
        self.count += 1
        if self.count <= self.tree.stride * (self.end + WINDOW - 1) + self.tree.ahead:
            return None
        return self._grow(words)

    def close(self, words: Events | None) -> Iterator[Said]:
        """Judge all that is left, now that nothing follows; then only `reset`."""
        whole = -(-self.count // self.tree.step) * self.tree.step
        while self.end * self.tree.stride < whole:
            yield self._grow(words)
        yield self._said([(newest.total - self.wait, newest.total) for newest in self.newest], words)

    @torch.no_grad()
    def _grow(self, words: Events | None) -> Said:
        """Add the next window; rows that are not there yet will never be."""
        stride, before = self.tree.stride, -(-self.tree.ahead // self.tree.stride)
        first, last = max(0, self.end - before), self.end + WINDOW + before  # rows of level 0 that are made
        length = (last - first) * stride
        rows = pad(self.rows, (0, max(0, length - self.rows.shape[-1])))[..., :length]
        there = torch.arange(first * stride, last * stride, device=rows.device)[None, None] < self.count
        x, mask = (each[..., self.end - first :][..., :WINDOW] for each in self.tree.embed(rows, there))
        x = self.tree.placed_from(self.end, x, mask, self.whole)
        self.end += WINDOW
        self.rows = self.rows[..., stride * (max(0, self.end - before) - first) :]
        added = [(0, 0)] * len(self.newest)
        for level, (events, inside) in enumerate(self.tree.grow(self.memory, x, mask, self.end)):
            newest = self.newest[level]
            newest.add(events, inside, self.model.ahead + self.wait)
            last = newest.total - self.wait
            added[level] = last - events.shape[-1], last
        return self._said(added, words)

    @torch.no_grad()
    def _said(self, ranges: Sequence[tuple[int, int]], words: Events | None) -> Said:
        """What is said of events [first, last) of each level."""
        parts, starts = [np.zeros((0, 0, 4), np.float32)], np.zeros((0, 0, 3), np.float32)
        if words is None:
            return Said(parts[0], starts)
        parts, starts = [np.zeros((len(words[0]), 0, 4), np.float32)], np.zeros((len(words[0]), 0, 3), np.float32)
        for number, (newest, (first, last)) in enumerate(zip(self.newest, ranges, strict=True)):
            if last <= max(first, 0):
                continue
            level, soon = self.model.said(number, newest.rows, newest.mask, words)
            inside = slice(max(first, 0) - newest.first, last - newest.first)
            there = newest.mask[0, 0, inside].cpu().numpy()
            step = np.float32(2.0**number)
            place = (np.arange(max(first, 0), last) * step).astype(np.float32)
            ends = place[:, None] + _plain(level.offsets[:, inside]) * np.array([-step, step])
            score = _plain(level.logits[:, inside].sigmoid())
            over = np.broadcast_to(place + step, score.shape)
            parts.append(np.concatenate([ends, np.stack([over, score], -1)], -1)[:, there].astype(np.float32))
            if soon is not None:
                began = place - _plain(soon.offsets[:, inside])
                sure = _plain(soon.logits[:, inside].sigmoid())
                starts = np.stack([began, over, sure], -1)[:, there].astype(np.float32)
        return Said(np.concatenate(parts, 1), starts)

    @property
    def resident_bytes(self) -> int:
        """Bytes of all that is kept of the stream."""
        return sum(table.nbytes for table in self._tables())

    def _tables(self) -> Iterator[Tensor]:
        yield self.rows
        for newest in self.newest:
            yield from (newest.rows, newest.mask)
        for events in (*self.memory.events, *self.memory.last):
            yield from events or ()

    def snapshot(self) -> dict[str, Any]:
        """Everything as plain values, for `restore`."""
        return {
            "count": self.count,
            "end": self.end,
            "rows": _packed(self.rows),
            "newest": [[each.first, _packed(each.rows), _packed(each.mask)] for each in self.newest],
            "memory": [[each and [*map(_packed, each)] for each in side] for side in self._sides()],
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot of a stream of the same model."""
        device = self.rows.device
        self.count, self.end, self.rows = kept["count"], kept["end"], _unpacked(kept["rows"]).to(device)
        self.newest = [
            _Newest(_unpacked(rows).to(device), _unpacked(mask).to(device), first)
            for first, rows, mask in kept["newest"]
        ]
        for side, packed in zip(self._sides(), kept["memory"], strict=True):
            side[:] = [each and (_unpacked(each[0]).to(device), _unpacked(each[1]).to(device)) for each in packed]

    def _sides(self) -> tuple[list[Events | None], list[Events | None]]:
        return self.memory.events, self.memory.last


def _plain(table: Tensor) -> Float:
    plain: Float = table.float().cpu().numpy()
    return plain


def _packed(table: Tensor) -> dict[str, Any]:
    """A tensor as JSON holds it, bit for bit."""
    plain = table.cpu().numpy()
    return {"shape": list(plain.shape), "type": str(plain.dtype), "bytes": b64encode(plain.tobytes()).decode()}


def _unpacked(kept: dict[str, Any]) -> Tensor:
    return torch.from_numpy(np.frombuffer(b64decode(kept["bytes"]), kept["type"]).reshape(kept["shape"]).copy())
