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
from torch.nn.utils.rnn import pad_sequence

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.grounders.learned.detr.official import layers
from whenabouts.grounders.learned.head import Answer, Head, State
from whenabouts.grounders.learned.recipe import SMALL, Recipe
from whenabouts.grounders.learned.universalvtg.decode import candidates, places, ranked, targets
from whenabouts.grounders.learned.universalvtg.model import UniversalVTG, UniversalVTGConfig

__all__ = ["UniversalVTGHead", "focal", "overlap_loss"]

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

    def inputs(self, examples: Sequence[FeatureExample]) -> tuple[Tensor, ...]:
        """Rows (B, T, D), words (B, L, D') and their masks; T is a multiple of the coarsest step."""
        video = pad_sequence([torch.from_numpy(e.video) for e in examples], batch_first=True)
        step = 2 ** (self.config.levels - 1)
        video = torch.nn.functional.pad(video, (0, 0, 0, -video.shape[1] % step))
        words = pad_sequence([torch.from_numpy(e.text) for e in examples], batch_first=True)
        masks = (
            torch.arange(table.shape[1]) < torch.tensor([len(given) for given in lengths])[:, None]
            for table, lengths in ((video, [e.video for e in examples]), (words, [e.text for e in examples]))
        )
        there, said = (mask.to(self.device) for mask in masks)
        return video.to(self.device), there, words.to(self.device), said

    def forward(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> dict[str, Tensor]:
        """`cls` of all places and `reg` of those that should answer, and their sum as `total`."""
        levels = self.model(*self.inputs(examples))
        where = places([level.mask.shape[1] for level in levels], self.config.positions).to(self.device)
        logits, mask = (torch.cat([getattr(level, part) for level in levels], 1) for part in ("logits", "mask"))
        offsets = torch.cat([level.offsets for level in levels], 1)
        asked = [targets(where, self._in_rows(e).to(self.device)) for e in examples]
        positive, true = torch.stack([p for p, _ in asked]) & mask, torch.stack([o for _, o in asked])
        count = positive.sum().clamp(min=1)
        losses = {
            "cls": focal(logits[mask], positive[mask].float()) / count,
            "reg": overlap_loss(offsets[positive], true[positive]) / count,
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

    def _row(self, e: FeatureExample) -> float:
        return self.clip_seconds or e.duration / len(e.video)

    def _in_rows(self, e: FeatureExample) -> Tensor:
        return torch.from_numpy(e.windows / self._row(e) - 0.5).float().reshape(-1, 2)


def focal(logits: Tensor, labels: Tensor) -> Tensor:
    """The focal loss of smoothed labels, summed: α = 0.5, γ = 2."""
    soft = labels * (1 - SMOOTHING) + SMOOTHING / 2
    share = logits.sigmoid()
    right = share * soft + (1 - share) * (1 - soft)
    entropy = binary_cross_entropy_with_logits(logits, soft, reduction="none")
    return 0.5 * (entropy * (1 - right).square()).sum()


def overlap_loss(offsets: Tensor, true: Tensor) -> Tensor:
    """1 − IoU of windows around the same place, given as distances to start and end (N, 2), summed."""
    shared = torch.minimum(offsets, true).sum(1)
    joined = offsets.sum(1) + true.sum(1) - shared
    return (1 - shared / joined.clamp(min=1e-8)).sum()
