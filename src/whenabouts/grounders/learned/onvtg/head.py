"""OnVTG as a head: its losses, its decoding, and its published recipes.

Officially the features are C3D's and GloVe's vectors of words (TACoS, ActivityNet) or CLIP's (MAD); they are not made
here. A batch is officially of videos with several sentences each, here of as many sentences; and of ActivityNet each
epoch sees at most two sentences of a video, here all. What is evaluated officially is a running mean of the parameters,
which the recipes keep too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.grounders.learned.batching import padded, valid_rows
from whenabouts.grounders.learned.head import Answer, Head, Prepared, State
from whenabouts.grounders.learned.onvtg.crop import cropped
from whenabouts.grounders.learned.onvtg.decode import proposals
from whenabouts.grounders.learned.onvtg.losses import OnVTGTargets, losses, onvtg_targets
from whenabouts.grounders.learned.onvtg.model import Found, OnVTG, OnVTGConfig
from whenabouts.grounders.learned.onvtg.official import sizes
from whenabouts.grounders.learned.recipe import SMALL, Recipe

__all__ = ["OnVTGHead"]

MOMENTUM = 0.9  # of the running counts that losses are divided by

TACOS = Recipe(rate=1e-3, decay=0.05, batch=16, epochs=17, clip=1.0, schedule="ramp", warm=5, ema=0.999)
ACTIVITYNET = TACOS.changed(
    rate=2e-3,
    batch=32,
    config={
        "video_dim": 500, "hidden": 128, "stride": 2, "places": "relative", "positions": 512,
        "memory": (4, 4, 4, 8, 16, 16, 8, 4),
    },
    options={
        "longest": 8192, "window": 1024, "crop": 1.0, "middle": 1.0, "norms": (160.0, 128.0), "ends": 2.0,
        "words_rate": 0.1,
    },
)  # fmt: skip
MAD = TACOS.changed(
    rate=1e-4,
    batch=32,
    epochs=10,
    config={
        "video_dim": 512, "text_dim": 512, "hidden": 512, "text_hidden": 512, "stride": 2, "places": "none",
        "positions": 256, "memory": (2, 2, 16, 24, 12, 4, 2, 2), "text_layers": 0, "words": 75,
    },
    options={"longest": 65536, "window": 8192, "most": 50, "starts": 50, "norms": (250.0, 250.0)},
)  # fmt: skip


class OnVTGHead(Head):
    """OnVTG.

    clip_seconds: of a row; None divides the video evenly among its rows
    middle: where in its row a place stands, in rows: half of what a row's features were made of
    window: rows that training sees at most        crop: the least share of a shorter video that it sees
    most:   proposals of an answer        starts: predicted starts that proposals are joined with
    norms:  what losses are divided by at first, then by running counts of places that should answer, predict a start
    ends:   weight of the loss of ends        words_rate: rate of the words' part, as a share of the recipe's
    """

    name, paper = "onvtg", "2508.04546"
    config_class, model_class = OnVTGConfig, OnVTG
    loss_weights: ClassVar[Mapping[str, float]] = {"cls": 1.0, "reg": 1.0, "future_cls": 1.0, "future_reg": 1.0}
    recipes: ClassVar[Mapping[str, Recipe]] = {"tacos": TACOS, "activitynet-captions": ACTIVITYNET, "mad": MAD}
    small: ClassVar[Recipe] = SMALL.changed(
        rate=1e-3,
        clip=1.0,
        config={
            "hidden": 64, "text_hidden": 64, "memory": (8, 8, 8, 8, 8), "positions": 256, "text_layers": 1,
            "dropout": 0.0,
        },
    )  # fmt: skip
    model: OnVTG
    norms: Tensor

    def __init__(
        self,
        config: Any = None,
        *,
        longest: int | None = 2304,
        clip_seconds: float | None = None,
        middle: float = 0.5,
        window: int = 2304,
        crop: float = 0.9,
        most: int = 5,
        starts: int = 10,
        norms: Sequence[float] = (100.0, 128.0),
        ends: float = 1.0,
        words_rate: float = 1.0,
        strict_official: bool = False,
    ) -> None:
        super().__init__(config, longest=longest, strict_official=strict_official)
        self.options |= {
            "clip_seconds": clip_seconds, "middle": middle, "window": window, "crop": crop, "most": most,
            "starts": starts, "norms": list(norms), "ends": ends, "words_rate": words_rate,
        }  # fmt: skip
        self.clip_seconds, self.middle, self.window, self.crop = clip_seconds, middle, window, crop
        self.most, self.starts, self.ends, self.words_rate = most, starts, ends, words_rate
        self.register_buffer("norms", torch.tensor(norms, dtype=torch.float32))

    @staticmethod
    def recognises(state: State) -> bool:
        """Levels attend to their memory without convolutions before."""
        return "vid_net.branch.0.attn.query.weight" in state and "cls_head.cls_head.conv.weight" in state

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """As in `official.sizes`."""
        return sizes(state, options, [OnVTGConfig(**recipe.config) for recipe in cls.recipes.values()])

    @classmethod
    def settings(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """Its memory grew while it was trained, so it does so here; the rest is that of the published model as wide."""
        width = state["vid_net.embd_fc.conv.weight"].shape[1]
        fitting = (r.options for r in cls.recipes.values() if OnVTGConfig(**r.config).video_dim == width)
        return {**next(fitting, {}), "strict_official": True}

    def groups(self) -> list[dict[str, Any]]:
        """Only weights of convolutions decay; words may have a rate of their own."""
        parts: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
        for name, value in self.model.named_parameters():
            parts.setdefault((name.startswith("text_net."), value.ndim == 3 and name.endswith("weight")), []).append(
                value
            )
        return [
            {"params": values, "share": self.words_rate if words else 1.0, **({} if decays else {"weight_decay": 0.0})}
            for (words, decays), values in parts.items()
        ]

    def collate(self, examples: Sequence[FeatureExample]) -> tuple[Tensor, ...]:
        """Rows (B, T, D) and words (B, L, D') with masks (B, T) and (B, L); T is a multiple of the tree's step."""
        words = [e.text[: self.config.words] if self.training else e.text for e in examples]
        rows, texts = [len(e.video) for e in examples], padded([[each] for each in words], pinned=self.pinned)
        return (
            padded([[e.video] for e in examples], length=self._length(rows), pinned=self.pinned),
            valid_rows(rows, self._length(rows)),
            texts,
            valid_rows([len(each) for each in words], texts.shape[1]),
        )

    def prepare(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> Prepared:
        """As of any head; training sees a part of each video."""
        if self.training:
            examples = [cropped(e, rng, longest=self.window, least=self.crop) for e in examples]
        return super().prepare(examples, rng)

    def targets(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> OnVTGTargets:
        """Which places should answer, and how; and how far starts are."""
        finest = self._length([len(e.video) for e in examples]) // self.config.stride
        counts = [finest >> level for level in range(len(self.config.memory))]
        return onvtg_targets([torch.from_numpy(self.placed(e)).float() for e in examples], counts, self.window)

    def losses(self, output: Found, targets: OnVTGTargets) -> dict[str, Tensor]:
        """`cls`, `reg`, `future_cls`, `future_reg`, and their `total`."""
        parts, counts = losses(output, targets, self.norms.clone())
        if self.training:
            with torch.no_grad():
                self.norms.mul_(MOMENTUM).add_((1 - MOMENTUM) * counts.clamp(min=1))
        weighted = {**parts, "reg": self.ends * parts["reg"]}
        return parts | {"total": torch.stack(list(weighted.values())).sum()}

    def _length(self, rows: Sequence[int]) -> int:
        """Rows of all videos of a batch, of so many each."""
        return max(rows) + -max(rows) % self.model.vid_net.step

    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """The best proposals without predicted starts, inside the video."""
        return [
            Answer([[start, end, score] for start, end, _, _, score in each])
            for each in self.proposals(examples, predicted=False)
        ]

    def proposals(
        self, examples: Sequence[FeatureExample], *, predicted: bool = True, official_times: bool = True
    ) -> list[list[list[float]]]:
        """For each example, best first, [start, end, when the start was told, when the end was told, score] in seconds.

        predicted:      take starts from the future branch
        official_times: a proposal is told when its event is over. Otherwise when all had been seen that it depends on,
                        which is several events later (`OnVTG.ahead`).
        """
        with torch.no_grad():
            return [
                row
                for found, batch in self._found(examples)
                for item, e in enumerate(batch)
                for row in [self._seconds(found, item, e, predicted=predicted, official_times=official_times)]
            ]

    def _found(self, examples: Sequence[FeatureExample]) -> list[tuple[Found, Sequence[FeatureExample]]]:
        """Together, or one by one where absolute places would depend on the longest video."""
        longest = max((len(e.video) for e in examples), default=0)
        batches = [examples] if longest <= self.config.positions * self.config.stride else [[e] for e in examples]
        return [(self.model(*self.inputs(batch)), batch) for batch in batches if batch]

    def _seconds(
        self, found: Found, item: int, e: FeatureExample, *, predicted: bool, official_times: bool
    ) -> list[list[float]]:
        ahead = None if official_times else self.model.ahead
        rows = proposals(found, item, most=self.most, starts=self.starts if predicted else 0, ahead=ahead)
        seconds = ((rows[:, :4] * self.config.stride + self.middle) * self.row(e)).astype(np.float64)
        if not official_times:
            seconds[:, 2:] += self.model.vid_net.ahead * self.row(e)
        seconds = seconds.clip(0, e.duration)
        found_rows = np.column_stack([seconds, rows[:, 4]])
        kept: list[list[float]] = found_rows[found_rows[:, 0] < found_rows[:, 1]].tolist()
        return kept

    def row(self, e: FeatureExample) -> float:
        """Seconds of a row."""
        return self.clip_seconds or e.duration / len(e.video)

    def placed(self, e: FeatureExample) -> NDArray[np.float64]:
        """True moments in rows of level 0: (M, 2)."""
        rows: NDArray[np.float64] = (e.windows / self.row(e) - self.middle).reshape(-1, 2) / self.config.stride
        return rows
