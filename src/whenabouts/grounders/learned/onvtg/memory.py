"""What each level of the tree remembers of the events before.

Officially (minghangz/OnVTG, `libs/modeling/video_net.py: EventMemory`) one event is forgotten for each time that some
are added, so that the levels to which several are added at once remember ever more; `strict_official` keeps that. Here,
as in the paper, a level never remembers more than its size: the two neighbours that are most alike become their mean
where their cosine is above `merge`, else the oldest is forgotten. Officially the code that merges is never called.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

__all__ = ["EventMemory"]

Events = tuple[Tensor, Tensor]


class EventMemory:
    """Events of every level: rows (B, C, N), mask (B, 1, N), and the last one that was added.

    sizes: how many events a level remembers
    merge: cosine above which neighbours are merged; None only forgets
    grows: forget as officially; `most` then still bounds every level, where it is given
    """

    def __init__(
        self, sizes: Sequence[int], *, merge: float | None, grows: bool = False, most: int | None = None
    ) -> None:
        self.sizes, self.merge, self.grows, self.most = sizes, merge, grows, most
        self.events: list[Events | None] = [None] * len(sizes)
        self.last: list[Events | None] = [None] * len(sizes)

    def write(self, level: int, rows: Tensor, mask: Tensor) -> None:
        """Add events, and forget what is too much."""
        kept = self.events[level]
        self.last[level] = rows[..., -1:], mask[..., -1:]
        if kept is not None:
            rows, mask = torch.cat([kept[0], rows], -1), torch.cat([kept[1], mask], -1)
        if self.grows:
            first = int(rows.shape[-1] > self.sizes[level])
            if self.most is not None:
                first = max(first, rows.shape[-1] - self.most)
            rows, mask = rows[..., first:], mask[..., first:]
        else:
            while rows.shape[-1] > self.sizes[level]:
                rows, mask = _one_less(rows, mask, self.merge)
        self.events[level] = rows, mask


def _one_less(rows: Tensor, mask: Tensor, merge: float | None) -> Events:
    """Without one event: two neighbours became one, or the oldest is gone."""
    if merge is None:
        return rows[..., 1:], mask[..., 1:]
    alike, first = cosine_similarity(rows[..., :-1], rows[..., 1:], dim=1).max(-1)
    joined = alike > merge  # (B,)
    place = torch.arange(rows.shape[-1], device=rows.device)
    middle = (rows + rows.roll(-1, -1)) / 2
    rows = torch.where((joined[:, None] & (place == first[:, None]))[:, None], middle, rows)
    gone = torch.where(joined, first + 1, torch.zeros_like(first))
    kept = place[:-1] + (place[:-1] >= gone[:, None]).long()
    return rows.gather(-1, kept[:, None].expand(-1, rows.shape[1], -1)), mask.gather(-1, kept[:, None])
