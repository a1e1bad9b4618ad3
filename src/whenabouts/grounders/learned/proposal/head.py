"""What heads of this family share: the loss over cells, decoding, words as inputs, and official files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.grounders.learned.batching import padded, valid_rows
from whenabouts.grounders.learned.head import Answer, Head, State
from whenabouts.grounders.learned.recipe import SMALL, Recipe
from whenabouts.metrics.ranking import suppressed
from whenabouts.moment import tiou

__all__ = [
    "SMALL_TAN",
    "TAN",
    "ProposalHead",
    "iou_targets",
    "map_overlaps",
    "read_words",
    "tan_sizes",
    "word_reader",
]

MOST = 10  # windows of an answer
# both save every evaluation and leave the choice to the reader, who sees R1 at the first IoU in the name of the file
TAN = Recipe("adam", decay=0.0, epochs=100, clip=None, every=1, best="MR-full-R1@0.5", seed=0)
SMALL_TAN = SMALL.changed(config={"hidden": 64, "text_hidden": 64, "text_layers": 1})


class ProposalHead(Head):
    """A head that scores cells of a map.

    low, high: IoU that count as 0 and as 1 in training      suppress: overlap from which the weaker window goes
    """

    def __init__(
        self,
        config: Any = None,
        *,
        low: float = 0.5,
        high: float = 1.0,
        suppress: float,
        longest: int | None = None,
        strict_official: bool = False,
    ) -> None:
        super().__init__(config, longest=longest, strict_official=strict_official)
        self.options |= {"low": low, "high": high, "suppress": suppress}
        self.low, self.high, self.suppress = low, high, suppress

    def words(self, examples: Sequence[FeatureExample]) -> tuple[Tensor, Tensor]:
        """Words (B, T, D') and their mask (B, T), 1 where valid."""
        text = padded([[e.text] for e in examples], pinned=self.pinned)
        return text, valid_rows([len(e.text) for e in examples], text.shape[1]).float()

    def apart(self, windows: list[list[float]]) -> Answer:
        """The first windows [start, end, score] of all that overlap more."""
        kept = {(start, end) for start, end in suppressed([w[:2] for w in windows], self.suppress, MOST).tolist()}
        return Answer([w for w in windows if (w[0], w[1]) in kept][:MOST])


def iou_targets(overlaps: Tensor, low: float, high: float, bias: float = 0.0) -> Tensor:
    """IoU scaled so that `low` becomes 0 and `high` 1, and what is above `low` at least `bias`; any shape."""
    scaled = (overlaps - low) * (1 - bias) / (high - low)
    return torch.where(scaled > 0, scaled + bias, 0.0).clamp(max=1)


def map_overlaps(windows: NDArray[np.float64], clips: int, anchors: int, seconds: float) -> NDArray[np.float64]:
    """IoU of cells (start, length) with the nearest window (M, 2): (clips, anchors), 0 beyond the last clip.

    `seconds` is the length of one clip.
    """
    start, length = np.meshgrid(np.arange(clips), np.arange(1, anchors + 1), indexing="ij")
    cells = np.stack([start, start + length], axis=-1).reshape(-1, 2) * seconds
    overlaps = tiou(cells, windows).max(axis=1, initial=0.0).reshape(clips, anchors)
    return np.where(start + length <= clips, overlaps, 0.0)


def word_reader(text_dim: int, text_hidden: int, layers: int, *, bidirectional: bool) -> nn.LSTM:
    """An encoder of words whose outputs have `text_hidden` numbers, of both directions together."""
    hidden = text_hidden // 2 if bidirectional else text_hidden
    return nn.LSTM(text_dim, hidden, layers, batch_first=True, bidirectional=bidirectional)


def read_words(encoder: nn.LSTM, text: Tensor, mask: Tensor, *, strict_official: bool) -> Tensor:
    """Words (B, T, D) encoded, (B, T, H). Officially what reads backwards starts from the padding of the longest."""
    if strict_official or not encoder.bidirectional:
        encoded: Tensor = encoder(text)[0]
        return encoded
    packed = pack_padded_sequence(text, mask.sum(1).long().cpu(), batch_first=True, enforce_sorted=False)
    encoded, _ = pad_packed_sequence(encoder(packed)[0], batch_first=True, total_length=text.shape[1])
    return encoded


def tan_sizes(state: State, clip: str, fusion: str) -> dict[str, Any]:
    """Sizes that both models have, by the names of two of their parts. Raises KeyError where one is missing."""
    hidden, video_dim, _ = state[f"{clip}.vis_conv.weight"].shape
    text = f"{fusion}.textual_encoder.weight_ih_l"
    return {
        "video_dim": video_dim,
        "text_dim": state[f"{text}0"].shape[1],
        "hidden": hidden,
        "text_hidden": state[f"{fusion}.tex_linear.weight"].shape[1],
        "text_layers": sum(key.startswith(text) and not key.endswith("reverse") for key in state),
        "bidirectional": f"{text}0_reverse" in state,
    }
