"""OnVTG's model: a tree of events, joined with the words, and at every event a score and its distances to both ends.

The rows of level 0 also say whether a moment starts nearby, and where: the future branch.
Parameters are named as in the official state dict (minghangz/OnVTG, `libs/modeling/model.py`).

An event is joined with its neighbours by convolutions, also with later ones: `ahead` of its own level. Officially its
score is said to be known when the event is over, which it is not before that many more have followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor, nn

from whenabouts.grounders.learned.onvtg.layers import Sentence
from whenabouts.grounders.learned.onvtg.tree import EventTree, Places
from whenabouts.grounders.learned.universalvtg.model import Fusion, Level, Offsets, Scores, Words

__all__ = ["Found", "OnVTG", "OnVTGConfig", "Starts"]


@dataclass(frozen=True)
class OnVTGConfig:
    """Sizes of the published model for TACoS.

    memory:      events that each level remembers        merge: cosine above which two of them become one; None: none
    text_layers: 0 takes the words as they are, and before them their mean
    words:       whose places are told apart, and to which training cuts a sentence
    stride, places, positions: as for `EventTree`
    """

    video_dim: int = 4096
    text_dim: int = 300
    hidden: int = 256
    text_hidden: int = 128
    heads: int = 4
    stride: int = 1
    convs: int = 2
    places: Places = "absolute"
    positions: int = 2304
    memory: tuple[int, ...] = (4, 4, 4, 12, 16, 12, 8, 4)
    merge: float | None = 0.95
    text_layers: int = 5
    words: int = 48
    fusion_layers: int = 2
    head_layers: int = 2
    future: bool = True
    dropout: float = 0.1


class Starts(NamedTuple):
    """Of every row of level 0 (B, T): `logits` of a start nearby, `offsets` in rows since then."""

    logits: Tensor
    offsets: Tensor


class Found(NamedTuple):
    """What is said of the events of each level, the finest first, and of starts, if there is a future branch."""

    levels: list[Level]
    starts: Starts | None


class OnVTG(nn.Module):
    """The model. `strict_official` lets its memory grow as officially."""

    def __init__(self, config: OnVTGConfig | None = None, *, strict_official: bool = False) -> None:
        super().__init__()
        self.config = c = config or OnVTGConfig()
        self.text_net: nn.Module
        if c.text_layers:
            sizes = {"heads": c.heads, "layers": c.text_layers, "words": c.words}
            self.text_net = Sentence(c.text_dim, c.text_hidden, **sizes, drop=c.dropout)
        else:
            self.text_net = Words(c.text_dim, c.text_hidden, c.heads)
        self.vid_net = EventTree(
            c.video_dim,
            c.hidden,
            heads=c.heads,
            stride=c.stride,
            convs=c.convs,
            memory=c.memory,
            merge=c.merge,
            grows=strict_official,
            places=c.places,
            positions=c.positions,
            drop=c.dropout,
        )
        self.fusion = Fusion(c.hidden, c.text_hidden, c.heads, c.fusion_layers, c.dropout, normed=False)
        self.cls_head = Scores(c.hidden, c.head_layers)
        self.reg_head = Offsets(c.hidden, c.head_layers, len(c.memory))
        if c.future:
            self.future_cls_head = Scores(c.hidden, c.head_layers)
            self.future_reg_head = Offsets(c.hidden, c.head_layers, 1, starts=True)

    @property
    def ahead(self) -> int:
        """Later events of its level that a score depends on."""
        return self.config.fusion_layers + self.config.head_layers + 1

    def read(self, words: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Words (B, L, D') and which there are (B, L) -> as the events are joined with them."""
        found: tuple[Tensor, Tensor] = self.text_net(words.transpose(1, 2), mask[:, None])
        return found

    def said(self, level: int, x: Tensor, mask: Tensor, words: tuple[Tensor, Tensor]) -> tuple[Level, Starts | None]:
        """What is said of events (B, C, T) of a level about sentences; of starts on level 0 alone."""
        x = self.fusion(x, mask, *words)
        found = Level(self.cls_head(x, mask), self.reg_head(x, mask, level), mask[:, 0])
        if level or not self.config.future:
            return found, None
        return found, Starts(self.future_cls_head(x, mask), self.future_reg_head(x, mask, 0)[..., 0])

    def forward(self, video: Tensor, mask: Tensor, words: Tensor, word_mask: Tensor) -> Found:
        """Rows (B, T, D) and words (B, L, D') with masks (B, T) and (B, L); T is a multiple of the tree's step."""
        text = self.read(words, word_mask)
        events: Sequence[tuple[Tensor, Tensor]] = self.vid_net(video.transpose(1, 2), mask[:, None])
        said = [self.said(level, x, there, text) for level, (x, there) in enumerate(events)]
        return Found([level for level, _ in said], said[0][1])
