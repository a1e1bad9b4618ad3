"""What heads of this family share: clips with end points as inputs, losses, decoding, and official files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, ClassVar

import numpy as np
from torch import Tensor

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.errors import ModelError
from whenabouts.grounders.learned.detr.alignment import alignment_width
from whenabouts.grounders.learned.detr.batch import Batch, collate, detr_targets
from whenabouts.grounders.learned.detr.criterion import (
    LOSS_WEIGHTS,
    DETROutput,
    DETRTargets,
    detr_losses,
    weighted_sum,
)
from whenabouts.grounders.learned.detr.decode import Windows, decode, on_the_grid, saliency_curve
from whenabouts.grounders.learned.detr.official import (
    FeatureOrder,
    cuts_words,
    in_official_order,
    layers,
    official_facts,
    projection_sizes,
    raw_words,
    refuse_foreign,
    sound_ends,
    without_alignment,
)
from whenabouts.grounders.learned.head import Answer, Head, State
from whenabouts.grounders.learned.recipe import SMALL, Amount, Recipe

__all__ = ["SMALL_DETR", "ClipHead", "DETRHead", "family_sizes"]

MAX_CLIPS = 75  # clips of two seconds: the 150 s of QVHighlights
ALIGNMENT_WEIGHT = 0.02  # in the options of Moment-DETR's released model, whose code has 0
UNLIMITED = 10**6  # official options say 10^8 where any number of clips is taken
SMALL_DETR = SMALL.changed(config={"hidden": 64, "heads": 4, "feedforward": 128, "dropout": 0.0, "input_dropout": 0.0})


class ClipHead(Head):
    """A head over clips with their end points, and words.

    grid:       windows are rounded to clips of so many seconds before they are scored, as officially for the benchmark;
                None keeps them exact
    latest:     seconds after which no window on the grid ends, as officially for some benchmarks; None leaves them
    sound_ends: whether the end points follow the sound too, as in QD-DETR's own code
    cut_words:  whether queries are cut after `words` words, as officially but for features of GloVe
    raw_words:  whether rows of words are read as they are, as officially those of GloVe and for highlights alone; else
                they are scaled to unit length
    """

    endpoints = 2

    def __init__(
        self,
        config: Any = None,
        *,
        longest: int | None = MAX_CLIPS,
        grid: Amount | None = None,
        latest: Amount | None = None,
        sound_ends: bool = False,
        cut_words: bool = True,
        raw_words: bool = False,
        strict_official: bool = False,
    ) -> None:
        super().__init__(config, longest=longest, strict_official=strict_official)
        self.grid, self.latest, self.sound_ends, self.cut_words = grid, latest, sound_ends, cut_words
        self.raw_words = raw_words
        self.options |= {
            "grid": grid, "latest": latest, "sound_ends": sound_ends, "cut_words": cut_words, "raw_words": raw_words,
        }  # fmt: skip

    @classmethod
    def recipe(cls, benchmark: str = "", *, small: bool = False) -> Recipe:
        """As of any head; on a benchmark that it was not published for windows stay exact."""
        found = super().recipe(benchmark, small=small)
        lent = not small and benchmark not in cls.recipes
        return found.changed(options={"grid": None, "latest": None}) if lent and "grid" in found.options else found

    @classmethod
    def settings(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """How many clips training took at once, and how it made rows, by the options of the file."""
        most = options.get("max_v_l") or MAX_CLIPS
        return {
            "longest": most if 0 < most < UNLIMITED else None,
            "sound_ends": sound_ends(options),
            "cut_words": cuts_words(options),
            "raw_words": raw_words(options),
        }

    @classmethod
    def facts(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """The benchmark and the features, where the folders in the options tell."""
        return official_facts(options)

    @classmethod
    def in_official_order(
        cls, state: State, options: Mapping[str, Any], *, feature_order: FeatureOrder | None
    ) -> State:
        """SlowFast before CLIP, and without what the contrastive loss alone reads; foreign options are refused."""
        refuse_foreign(state, options)
        if "contrastive" not in {field.name for field in fields(cls.config_class)}:
            state = without_alignment(state)
        return in_official_order(state, options, feature_order)

    def collate(self, examples: Sequence[FeatureExample]) -> Batch:
        """Clips with their end points, and words, each with a mask. Raises ModelError for features of other widths."""
        for e in examples:
            self._check_widths(e)
        words = self.config.words if self.cut_words else None
        return collate(examples, words, sound_ends=self.sound_ends, pinned=self.pinned)

    def on_the_grid(self, windows: Windows) -> Windows:
        """Windows as they are scored: rounded where the head has a grid."""
        return windows if self.grid is None else on_the_grid(windows, self.grid, latest=self.latest)

    def _check_widths(self, e: FeatureExample) -> None:
        c, given = self.config, (e.video.shape[1], 0 if e.sound is None else e.sound.shape[1], e.text.shape[1])
        sound = getattr(c, "audio_dim", 0)
        taken = (
            c.video_dim - self.endpoints,
            sound - self.endpoints if sound and self.sound_ends else sound,
            c.text_dim,
        )
        if taken[0] != given[0]:
            raise ModelError(
                f"{self.name} takes {taken[0]} numbers of pictures a clip, and the features have {given[0]}; "
                "give those that it was trained on"
            )
        if taken[1] != given[1]:
            raise ModelError(
                f"{self.name} takes {taken[1]} numbers of sound a clip, and the features have {given[1]}; "
                "give those that it was trained on"
            )
        if taken[2] != given[2]:
            raise ModelError(
                f"{self.name} takes {taken[2]} numbers a word, and the features have {given[2]}; "
                "give those that it was trained on"
            )


class DETRHead(ClipHead):
    """A head with queries that are matched with moments.

    saliency: weight of the saliency loss: 1 for QVHighlights, 4 for Charades-STA and TACoS
    alignment: weight of the contrastive alignment, where the configuration has its width (`contrastive`)
    rest:     `grid`, `latest`, `sound_ends`, `cut_words` and `raw_words`, as of `ClipHead`
    clamps:   whether officially windows are cut at the ends of the video before they are ranked
    """

    loss_weights: ClassVar[Mapping[str, float]] = LOSS_WEIGHTS
    small: ClassVar[Recipe] = SMALL_DETR.changed(options={"saliency": 4.0})
    clamps: ClassVar[bool] = False

    def __init__(
        self,
        config: Any = None,
        *,
        longest: int | None = MAX_CLIPS,
        saliency: float = 1.0,
        alignment: float = ALIGNMENT_WEIGHT,
        strict_official: bool = False,
        **rest: Any,
    ) -> None:
        super().__init__(config, longest=longest, strict_official=strict_official, **rest)
        self.options |= {"saliency": saliency, "alignment": alignment}
        self.weighting = {**self.loss_weights, "loss_saliency": saliency}
        if getattr(self.config, "contrastive", 0):
            self.weighting["loss_contrastive_align"] = alignment

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """Fields of the configuration that all of the family have."""
        return family_sizes(state, options) | {"contrastive": alignment_width(state)}

    @classmethod
    def settings(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """Those of all, and the weight of the contrastive alignment where the file has it."""
        told = super().settings(state, options)
        if alignment_width(state) and "contrastive_align_loss_coef" in options:
            told["alignment"] = float(options["contrastive_align_loss_coef"])
        return told

    def targets(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> DETRTargets:
        """Spans, pairs of clips, and ratings."""
        return detr_targets(examples, rng)

    def losses(self, output: Any, targets: Any) -> dict[str, Tensor]:
        """Losses by their official names, unweighted, and their weighted sum as `total`."""
        losses = self.unweighted(output, targets)
        return losses | {"total": weighted_sum(losses, self.weighting)}

    def unweighted(self, output: Any, targets: Any) -> dict[str, Tensor]:
        """Losses of the official criterion, by their official names."""
        return detr_losses(output, targets)

    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """Windows as officially decoded, inside the video, and the saliency curve."""
        batch = Batch(*self.inputs(examples))
        output: DETROutput = self.model(*batch)
        ranked = decode(output, [e.duration for e in examples], clamp=self.clamps)
        curves = saliency_curve(output.saliency, batch.video_mask)
        return [
            Answer(self._inside(windows, e.duration), curve)
            for windows, curve, e in zip(ranked, curves, examples, strict=True)
        ]

    def _inside(self, windows: Windows, duration: float) -> Windows:
        return [[max(0.0, start), min(end, duration), score] for start, end, score in self.on_the_grid(windows)]


def family_sizes(state: State, options: Mapping[str, Any]) -> dict[str, Any]:
    """Sizes of an encoder and a decoder with queries. Raises KeyError where a parameter is missing."""
    return projection_sizes(state, options) | {
        "encoder_layers": layers(state, "transformer.encoder"),
        "decoder_layers": layers(state, "transformer.decoder"),
        "queries": state["query_embed.weight"].shape[0],
        "text_positions": bool(options.get("use_txt_pos", False)),
    }
