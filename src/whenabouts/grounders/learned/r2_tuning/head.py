"""R2-Tuning as a head: its targets, its decoding, its official files, and its published recipes.

Officially an answer is made one query at a time; here too, so that none depends on its batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from whenabouts.benchmarks.features import FeatureExample, Float
from whenabouts.errors import ModelError
from whenabouts.grounders.learned.detr.batch import Batch, collate, padded_rows
from whenabouts.grounders.learned.detr.criterion import weighted_sum
from whenabouts.grounders.learned.detr.decode import Windows, suppressed
from whenabouts.grounders.learned.detr.official import official_facts
from whenabouts.grounders.learned.detr.pyramid import nowhere_padded
from whenabouts.grounders.learned.head import Answer, Head, State
from whenabouts.grounders.learned.r2_tuning.losses import (
    LOSS_WEIGHTS,
    R2TuningOutput,
    R2TuningTargets,
    r2_tuning_losses,
)
from whenabouts.grounders.learned.r2_tuning.model import R2Tuning, R2TuningConfig
from whenabouts.grounders.learned.recipe import SMALL, Amount, Recipe

__all__ = ["R2TuningHead"]

MOST = 50  # windows of an answer
LONGEST = 1024  # clips that official points reach
OVERLAP = 0.7  # from which a weaker window loses its score
WIDTHS = (768, 1024)  # of the tokens of CLIP's pictures

SOURCE = "R2-Tuning/configs/{0}/r2_tuning_{0}{1}.py, configs/_base_"
UNLIKE = {"best": "none: every epoch is saved", "seed": "drawn anew for each run"}
RECIPE = Recipe(
    rate=5e-4,
    batch=128,
    epochs=120,
    clip=35.0,
    schedule="step",
    drop=80,
    warm_steps=500,
    every=4,
    options={"clip_seconds": 2.0, "grid": 2.0},
    source=SOURCE.format("qvhighlights", "") + "; an epoch there is four passes",
    unlike=UNLIKE,
)
SENTENCES = RECIPE.changed(rate=2.5e-4, batch=32, every=1, options={"nms": "linear", "grid": None})
HIGHLIGHTS = RECIPE.changed(
    batch=4,
    schedule="constant",
    drop=0,
    warm_steps=50,
    every=1,
    best="mAP",
    config={"levels": 1, "ends": False, "moments": False},
    options={"grid": None},
)


class R2TuningHead(Head):
    """R2-Tuning.

    clip_seconds: of a row; None divides the video evenly among its rows
    contrast:     weight of `loss_sal`
    nms:          `normal`: windows that overlap a better one by 0.7 get the score 0; `linear`: each loses as much of
                  its score as it overlaps
    grid:         windows are rounded to so many seconds before they are suppressed, as officially for some benchmarks;
                  None keeps them exact
    """

    name, paper = "r2-tuning", "2404.00801"
    config_class, model_class = R2TuningConfig, R2Tuning
    loss_weights: ClassVar[Mapping[str, float]] = LOSS_WEIGHTS
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "qvhighlights": RECIPE,
        "charades-sta": SENTENCES.changed(
            epochs=50,
            drop=30,
            seconds=1.0,
            config={"dropout": 0.35},
            options={"contrast": 0.01, "clip_seconds": 1.0, "grid": 0.1},
            source=SOURCE.format("charades", ""),
        ),
        "tacos": SENTENCES.changed(epochs=100, drop=50, options={"contrast": 0.05}, source=SOURCE.format("tacos", "")),
        "ego4d-nlq": SENTENCES.changed(epochs=30, drop=20, config={"dropout": 0.3}, source=SOURCE.format("ego4d", "")),
        "tvsum": HIGHLIGHTS.changed(epochs=500, source=SOURCE.format("tvsum", "_DOMAIN") + "; one model a domain"),
        "youtube-highlights": HIGHLIGHTS.changed(
            epochs=200,
            source=SOURCE.format("youtube", "_DOMAIN") + "; one model a domain",
            options={"clip_seconds": None},
            unlike={**UNLIKE, "seconds": "one picture of each rated clip"},
        ),
    }
    small: ClassVar[Recipe] = SMALL.changed(
        config={"layers": 1, "tokens": 1, "hidden": 64, "heads": 4, "feedforward": 128, "dropout": 0.0}
    )
    layered = batch_leaks = True
    model: R2Tuning

    def __init__(
        self,
        config: Any = None,
        *,
        longest: int | None = LONGEST,
        clip_seconds: Amount | None = None,
        contrast: float = 0.1,
        nms: Literal["normal", "linear"] = "normal",
        grid: Amount | None = None,
        strict_official: bool = False,
    ) -> None:
        c = config or R2TuningConfig()
        if c.video_dim % (c.layers * c.tokens) or c.text_dim % c.layers:
            raise ModelError(
                f"{self.name} takes rows of {c.layers} layers of {c.tokens} tokens, and words of as many layers, and "
                f"the features have {c.video_dim} numbers a row and {c.text_dim} a word; set layers and tokens to "
                "theirs"
            )
        super().__init__(c, longest=longest, strict_official=strict_official)
        self.options |= {"clip_seconds": clip_seconds, "contrast": contrast, "nms": nms, "grid": grid}
        self.clip_seconds, self.nms, self.grid = clip_seconds, nms, grid
        self.weighting = {**self.loss_weights, "loss_sal": contrast}
        if not self.config.moments:
            del self.weighting["loss_reg"]

    @classmethod
    def recipe(cls, benchmark: str = "", *, small: bool = False) -> Recipe:
        """As of any head; one lent to a benchmark that it was not published for has no grid and no length of a row."""
        found = super().recipe(benchmark, small=small)
        lent = not small and benchmark not in cls.recipes
        return found.changed(options={"clip_seconds": None, "grid": None}) if lent else found

    @staticmethod
    def recognises(state: State) -> bool:
        """An adapter of CLIP's layers with a temporal layer."""
        return "adapter.video_map.0.weight" in state and "adapter.tem.cross_att.q.weight" in state

    @classmethod
    def in_official_order(cls, state: State, options: Mapping[str, Any], *, feature_order: Any) -> State:
        """Without CLIP, which files of the authors' tool for single videos may hold, and the losses' constants."""
        return {key: value for key, value in state.items() if not key.startswith(("clip.", "loss."))}

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """Sizes of all parts. Raises ModelError where rows are no tokens of CLIP."""
        width, layers = len(state["adapter.video_map.0.weight"]), len(state["adapter.scale"])
        if width not in WIDTHS and width - 2 not in WIDTHS:
            raise ModelError(f"takes tokens of {width} numbers, which no CLIP of its authors has")
        ends = width not in WIDTHS
        tokens = R2TuningConfig.tokens
        return {
            "video_dim": layers * tokens * (width - 2 * ends),
            "text_dim": layers * len(state["adapter.query_map.0.weight"]),
            "layers": layers,
            "tokens": tokens,
            "hidden": len(state["adapter.v_map.bias"]),
            "feedforward": len(state["adapter.tem.ffn.mapping.0.bias"]),
            "levels": len(state["coef"]),
            "ends": ends,
            "moments": "coord_head.module.1.weight" in state,
        }

    @classmethod
    def settings(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the benchmark in the file's name, as nothing in it tells them; windows stay exact.

        Raises ModelError where neither tells how long a row is.
        """
        told = official_facts(options).get("benchmark", "")
        if told in cls.recipes:
            return {name: value for name, value in cls.recipes[told].options.items() if name != "grid"}
        if "coord_head.module.1.weight" not in state:  # rows of highlights are as long as the annotations say
            return {}
        raise ModelError(
            "does not say how long a row is; name it as its authors do, r2_tuning_BENCHMARK.pth, where BENCHMARK is "
            "qvhighlights, charades, tacos or ego4d"
        )

    @classmethod
    def facts(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """The benchmark, where the file's name tells it, and the features."""
        return official_facts(options) | {"features": "clip-layers"}

    def collate(self, examples: Sequence[FeatureExample]) -> Batch:
        """Clips and words, each with a mask. Raises ModelError for features of other widths."""
        c = self.config
        for e in examples:
            if e.video.shape[1] != c.video_dim:
                raise ModelError(
                    f"{self.name} takes {c.video_dim} numbers of pictures a clip, and the features have "
                    f"{e.video.shape[1]}; give those that it was trained on"
                )
            if e.text.shape[1] != c.text_dim:
                raise ModelError(
                    f"{self.name} takes {c.text_dim} numbers a word, and the features have {e.text.shape[1]}; "
                    "give those that it was trained on"
                )
        return collate(examples, None, ends=False, pinned=self.pinned)

    def targets(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> R2TuningTargets:
        """Windows, saliency, and a clip of each that stands out."""
        saliency = [self._saliency(e) for e in examples]
        positive = [int(rng.choice(self._standing_out(e, rows))) for e, rows in zip(examples, saliency, strict=True)]
        windows = nowhere_padded([self._windows(e) for e in examples])
        return R2TuningTargets(windows, padded_rows(saliency), torch.from_numpy(np.array(positive)))

    def losses(self, output: R2TuningOutput, targets: R2TuningTargets) -> dict[str, Tensor]:
        """Losses by their official names, unweighted, and their weighted sum as `total`."""
        losses = r2_tuning_losses(output, *targets)
        return losses | {"total": weighted_sum(losses, self.weighting)}

    def _row(self, e: FeatureExample) -> float:
        """Seconds of a row."""
        return self.clip_seconds or e.duration / len(e.video)

    def _windows(self, e: FeatureExample) -> np.ndarray:
        """Moments in clips (M, 2), inside the rows, in order, and at least one clip long."""
        ends = np.sort(np.clip(e.windows / self._row(e), 0, len(e.video)), axis=1)
        middle = ends.mean(1).clip(0.5, len(e.video) - 0.5)
        short = ends[:, 1] - ends[:, 0] < 1
        ends[short] = np.stack([middle - 0.5, middle + 0.5], axis=1)[short]
        return ends

    def _saliency(self, e: FeatureExample) -> Float:
        """Of every row, in [0, 1]: what annotators said, else 1 in moments."""
        rated = e.example.saliency
        if rated is None:
            places, ends = np.arange(len(e.video))[:, None], np.ceil(self._windows(e))
            inside: Float = ((ends[:, 0] <= places) & (places < ends[:, 1])).any(1).astype(np.float32)
            return inside
        people = rated.shape[1]
        if self.config.moments:
            return e.ratings() / np.float32(4 * people)
        return e.ratings() if people == 1 else ((e.ratings() - people) / np.float32(4 * people)).clip(0)

    def _standing_out(self, e: FeatureExample, saliency: Float) -> np.ndarray:
        """Rows of which one is drawn: all that were rated; of highlights those above the median, or above a half."""
        least = 0.0
        if not self.config.moments:
            least = (
                0.5 if e.example.saliency is None or e.example.saliency.shape[1] == 1 else float(np.median(saliency))
            )
        rows = np.flatnonzero(saliency > least)
        return rows if len(rows) else np.array([int(saliency.argmax())])

    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """Windows as officially decoded, inside the video, and the saliency; one example at a time."""
        return [self._answer(example) for example in examples]

    def _answer(self, example: FeatureExample) -> Answer:
        output: R2TuningOutput = self.model(*self.inputs([example]))
        scores = output.logits[0].sigmoid()
        saliency = torch.stack(
            [_stretched(level, len(example.video)) for level in torch.split(scores, list(output.counts))]
        ).amax(0)
        if output.ends is None:
            return Answer([], saliency.tolist())
        saliency = saliency * cosine_similarity(output.clips, output.query, dim=-1)[0]
        ranked, best = scores.sort(descending=True)
        ends = output.points.spans(output.ends)[0, best] * self._row(example)
        inside = ends[:, 1] < example.duration
        ends = ends.clamp(0, example.duration)
        if self.grid is not None:  # ends beyond the video stay at its end
            ends[inside] = (ends[inside] / self.grid).round() * self.grid
        windows: Windows = torch.cat([ends, ranked[:, None]], dim=1)[:MOST].tolist()
        return Answer(suppressed(windows, OVERLAP if self.nms == "normal" else None), saliency.tolist())


def _stretched(scores: Tensor, count: int) -> Tensor:
    """Scores of a level (N,) for so many clips, the last one repeated."""
    wide = scores.repeat_interleave(count // len(scores))
    return torch.cat([wide, wide[-1:].expand(count - len(wide))])
