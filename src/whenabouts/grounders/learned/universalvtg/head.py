"""UniversalVTG as a head: features of Perception Encoder at 2 rows per second, and its published checkpoint.

Left out: the two contrastive losses of its training, and its rewriting of queries into statements by a language model.
The losses here are summed over places and divided by how many should answer, where officially by a running mean of
that number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.grounders.learned.batching import padded, valid_rows
from whenabouts.grounders.learned.detr.official import layers
from whenabouts.grounders.learned.head import Answer, Head, State
from whenabouts.grounders.learned.recipe import SMALL, Recipe
from whenabouts.grounders.learned.universalvtg.decode import candidates, places, ranked, targets
from whenabouts.grounders.learned.universalvtg.model import Level, UniversalVTG, UniversalVTGConfig

__all__ = ["UniversalVTGHead", "focal", "joined", "overlap_loss"]

LONGEST = 35584  # rows that the authors take at once: almost five hours
SMOOTHING = 0.2
CLIP_SECONDS = 0.5


class UniversalVTGHead(Head):
    """UniversalVTG.

    clip_seconds: of a row, by which windows are placed; None divides the video evenly among its rows
    """

    name, paper = "universalvtg", "2604.08522"
    config_class, model_class = UniversalVTGConfig, UniversalVTG
    loss_weights: ClassVar[Mapping[str, float]] = {"cls": 1.0, "reg": 1.0}
    recipes: ClassVar[Mapping[str, Recipe]] = {"charades-sta": Recipe(decay=0.05, batch=4, epochs=7, clip=1.0)}
    small: ClassVar[Recipe] = SMALL.changed(
        config={"hidden": 64, "levels": 5, "states": 16, "head": 32, "positions": 256, "dropout": 0.0},
        clip=1.0,
    )

    def __init__(
        self,
        config: Any = None,
        *,
        longest: int | None = LONGEST,
        clip_seconds: float | None = None,
        strict_official: bool = False,
    ) -> None:
        super().__init__(config, longest=longest, strict_official=strict_official)
        self.options["clip_seconds"] = self.clip_seconds = clip_seconds

    @staticmethod
    def recognises(state: State) -> bool:
        """There are scans in its pyramid."""
        return "vid_net.branch.0.global_encoder.A_log" in state

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """All but the number of heads, the window and the number of places, which are the published ones."""
        scan = "vid_net.branch.0.global_encoder"
        hidden, video_dim, _ = state["vid_proj.conv.weight"].shape
        mixed, _, kernel = state[f"{scan}.conv1d.weight"].shape
        inner = len(state[f"{scan}.norm.weight"])
        return {
            "video_dim": video_dim,
            "text_dim": state["text_net.embd_fc.conv.weight"].shape[1],
            "hidden": hidden,
            "convs": sum(key.startswith("vid_net.embd_norms.") and key.endswith(".weight") for key in state),
            "levels": sum(key.startswith("vid_net.branch.") and key.endswith(".A_log") for key in state),
            "states": (mixed - inner) // 4,
            "head": inner // len(state[f"{scan}.A_log"]),
            "expand": inner // hidden,
            "kernel": kernel,
            "fusion_layers": layers(state, "fusion"),
            "head_layers": sum(key.startswith("cls_head.norms.") and key.endswith(".weight") for key in state),
        }

    @classmethod
    def settings(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """The published features have two rows per second."""
        return {"clip_seconds": CLIP_SECONDS}

    def collate(self, examples: Sequence[FeatureExample]) -> tuple[Tensor, ...]:
        """Rows (B, T, D), words (B, L, D') and their masks; T is a multiple of the coarsest step."""
        rows = [len(e.video) for e in examples]
        words = padded([[e.text] for e in examples], pinned=self.pinned)
        return (
            padded([[e.video] for e in examples], length=self._length(rows), pinned=self.pinned),
            valid_rows(rows, self._length(rows)),
            words,
            valid_rows([len(e.text) for e in examples], words.shape[1]),
        )

    def targets(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Which places of all levels should answer (B, P), and their offsets (B, P, 2)."""
        rows = self._length([len(e.video) for e in examples])
        where = places([rows >> level for level in range(self.config.levels)], self.config.positions)
        positive, offsets = zip(*(targets(where, self._in_rows(e)) for e in examples), strict=True)
        return torch.stack(positive), torch.stack(offsets)

    def losses(self, output: Sequence[Level], targets: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """`cls` of all places and `reg` of those that should answer, and their sum as `total`."""
        logits, mask, offsets = joined(output)
        positive, true = targets[0] & mask, targets[1]
        count = positive.sum().clamp(min=1)
        losses = {
            "cls": focal(logits, positive.float(), mask) / count,
            "reg": overlap_loss(offsets, true, positive) / count,
        }
        return losses | {"total": losses["cls"] + losses["reg"]}

    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """At most five windows, as officially decoded; one by one, as rows behind the end of a video are not unseen."""
        found = []
        for one in examples:
            levels = self.model(*self.inputs([one]))
            found.append(self._placed(ranked(*candidates(levels, 0)), one))
        return found

    def _placed(self, windows: Sequence[Sequence[float]], e: FeatureExample) -> Answer:
        """Windows in rows -> in seconds, cut at the ends of the video."""
        row = self._row(e)
        inside = (
            [*(min(max((edge + 0.5) * row, 0.0), e.duration) for edge in (start, end)), score]
            for start, end, score in windows
        )
        return Answer([window for window in inside if window[0] < window[1]])

    def _length(self, rows: Sequence[int]) -> int:
        """Rows of all videos of a batch, of so many each."""
        step: int = 2 ** (self.config.levels - 1)
        return max(rows) + -max(rows) % step

    def _row(self, e: FeatureExample) -> float:
        return self.clip_seconds or e.duration / len(e.video)

    def _in_rows(self, e: FeatureExample) -> Tensor:
        return torch.from_numpy(e.windows / self._row(e) - 0.5).float().reshape(-1, 2)


def joined(levels: Sequence[Level]) -> tuple[Tensor, Tensor, Tensor]:
    """Logits (B, P), mask (B, P) and offsets (B, P, 2) of the places of all levels."""
    logits, mask, offsets = (
        torch.cat(side, 1) for side in zip(*((of.logits, of.mask, of.offsets) for of in levels), strict=True)
    )
    return logits, mask, offsets


def focal(logits: Tensor, labels: Tensor, counted: Tensor | float = 1.0) -> Tensor:
    """The focal loss of smoothed labels, summed over what is `counted`: α = 0.5, γ = 2."""
    soft = labels * (1 - SMOOTHING) + SMOOTHING / 2
    share = logits.sigmoid()
    right = share * soft + (1 - share) * (1 - soft)
    entropy = binary_cross_entropy_with_logits(logits, soft, reduction="none")
    return 0.5 * (entropy * (1 - right).square() * counted).sum()


def overlap_loss(offsets: Tensor, true: Tensor, counted: Tensor | float = 1.0) -> Tensor:
    """1 − IoU of windows around one place, as distances to start and end (..., 2), summed where `counted`."""
    shared = torch.minimum(offsets, true).sum(-1)
    joined = offsets.sum(-1) + true.sum(-1) - shared
    return ((1 - shared / joined.clamp(min=1e-8)) * counted).sum()
