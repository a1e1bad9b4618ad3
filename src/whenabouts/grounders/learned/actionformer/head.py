"""ActionFormer as a head: its classes, its losses, its decoding.

It takes no words: what it tells apart is the closed set it was trained on, whose names are part of the head. Asked for
one of them it answers with that class; officially features are I3D's, TSP's, SlowFast's and others, which are not made
here. Officially the mean of the parameters is evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from whenabouts.benchmarks.features import FeatureExample, Float
from whenabouts.errors import ModelError
from whenabouts.grounders.learned.actionformer import official
from whenabouts.grounders.learned.actionformer.crop import cropped
from whenabouts.grounders.learned.actionformer.decode import Decoding, Detections, detections, points
from whenabouts.grounders.learned.actionformer.losses import Truth, losses, stacked_targets
from whenabouts.grounders.learned.actionformer.model import ActionFormer, ActionFormerConfig, Found
from whenabouts.grounders.learned.actionformer.recipes import RECIPES, SMALL_ACTIONFORMER
from whenabouts.grounders.learned.batching import on_device, padded, valid_rows
from whenabouts.grounders.learned.head import Answer, Head, Prepared, State
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["ActionFormerHead"]

ANYTHING = "action"  # the class of a head that only proposes


class ActionFormerHead(Head):
    """ActionFormer; official names in brackets.

    classes:   names, in the order of the parameters; none: numbers as text, or `action` where there is one class
    clip_seconds: of a row (feat_stride / default_fps); stride: its frames of the video (feat_stride), where that alone
                  is told; without either, or the fps of a video, its length is divided among its rows
    span:      rows that the frames of one row reach over (num_frames / feat_stride)
    resize:    whether every video is brought to as many rows as training sees (force_upsampling)
    crop:      shares of a video between which training sees (crop_ratio); share: of an action that must be in it
               (trunc_thresh)
    radius:    strides around the middle of an action that answer for it (center_sample_radius)
    smoothing: of labels (label_smoothing); regression: weight of its loss (loss_weight)
    norm:      what losses are divided by at first, then by a running count (init_loss_norm)
    decoding:  fields of `Decoding` that differ from its defaults
    """

    name, paper = "actionformer", "2202.07925"
    config_class, model_class = ActionFormerConfig, ActionFormer
    loss_weights: ClassVar[Mapping[str, float]] = {"cls_loss": 1.0, "reg_loss": 1.0}
    recipes: ClassVar[Mapping[str, Recipe]] = RECIPES
    small: ClassVar[Recipe] = SMALL_ACTIONFORMER
    closed: ClassVar[bool] = True
    config: ActionFormerConfig
    norm: Tensor

    def __init__(
        self,
        config: Any = None,
        *,
        longest: int | None = None,
        classes: Sequence[str] = (),
        clip_seconds: float | None = None,
        stride: float | None = None,
        span: float = 4.0,
        resize: bool = False,
        crop: Sequence[float] = (0.9, 1.0),
        share: float = 0.5,
        radius: float = 1.5,
        smoothing: float = 0.0,
        regression: float = 1.0,
        norm: float = 100.0,
        decoding: Mapping[str, Any] | None = None,
        strict_official: bool = False,
    ) -> None:
        super().__init__(config, longest=longest, strict_official=strict_official)
        count = self.config.classes
        names = tuple(classes) or ((ANYTHING,) if count == 1 else tuple(map(str, range(count))))
        if len(names) != count or len(set(names)) != count:
            raise ModelError(f"{self.name} has {count} classes, and {len(set(names))} different names were given")
        self.classes, self.clip_seconds, self.stride = names, clip_seconds, stride
        self.span, self.resize = span, resize
        self.crop, self.share, self.radius = (float(crop[0]), float(crop[1])), share, radius
        self.smoothing, self.regression = smoothing, regression
        self.decoding = Decoding(**(decoding or {}))
        self.options |= {
            "classes": list(names), "clip_seconds": clip_seconds, "stride": stride, "span": span, "resize": resize,
            "crop": list(self.crop), "share": share, "radius": radius, "smoothing": smoothing,
            "regression": regression, "norm": norm, "decoding": dict(decoding or {}),
        }  # fmt: skip
        self.register_buffer("norm", torch.tensor(float(norm)))

    @classmethod
    def sized(
        cls,
        video_dim: int,
        text_dim: int,
        audio_dim: int = 0,
        *,
        benchmark: str = "",
        small: bool = False,
        recipe: Recipe | None = None,
        **options: Any,
    ) -> ActionFormerHead:
        """As `Head.sized`; one output per name in the option `classes`, one for anything without any."""
        if audio_dim:
            raise ModelError(f"{cls.name} has no use for features of sound; leave them out")
        recipe = recipe or cls.recipe(benchmark, small=small)
        options = {**recipe.options, **options}
        classes = options.get("classes", ())
        sizes = {**recipe.config, "video_dim": video_dim, "classes": len(classes) or 1}
        if sum(sizes.get("parts", ())) not in (0, video_dim):
            raise ModelError(f"{cls.name} projects features {sizes['parts']} wide, which are not {video_dim} together")
        return cls(ActionFormerConfig(**sizes), **options)

    @staticmethod
    def recognises(state: State) -> bool:
        """Levels attend after convolutions, and there are no words."""
        wanted = ("backbone.stem.0.attn.query_conv.conv.weight", "cls_head.cls_head.conv.weight")
        return all(key in state for key in wanted)

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """As in `official.sizes`."""
        return official.sizes(state, options, cls.recipes)

    @classmethod
    def settings(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """As in `official.settings`."""
        return official.settings(state, options, cls.recipes)

    def groups(self) -> list[dict[str, Any]]:
        """Only weights of convolutions decay."""
        decays = [module.weight for module in self.model.modules() if isinstance(module, nn.Conv1d)]
        known = set(map(id, decays))
        rest = [value for value in self.model.parameters() if id(value) not in known]
        return [{"params": decays}, {"params": rest, "weight_decay": 0.0}]

    def collate(self, examples: Sequence[FeatureExample]) -> tuple[Tensor, Tensor]:
        """Rows (B, T, D) and which are there (B, T); T is a multiple of the coarsest stride."""
        return self._batch([self._resized(e.video) for e in examples])

    def prepare(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> Prepared:
        """As of any head; `rng` draws which part of a video is seen."""
        seen, truths = zip(*(self._part(e, rng) for e in examples), strict=True)
        places = points(self._length(seen), self.config.ranges, torch.device("cpu"))
        return Prepared(self._batch(seen), stacked_targets(places, truths, self.config.classes, self.radius))

    def targets(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """What points should say of the part of each video that is seen."""
        targets: tuple[Tensor, Tensor] = self.prepare(examples, rng).targets
        return targets

    def losses(self, output: Found, targets: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """Losses by their official names, unweighted, and their `total`."""
        parts, norm = losses(output, *targets, self.norm, smoothing=self.smoothing)
        if self.training:
            self.norm.copy_(norm)
        return parts | {"total": parts["cls_loss"] + self.regression * parts["reg_loss"]}

    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """Detections of the class that the query names, or of all where there is one; raises ModelError for others."""
        found = []
        for e in examples:
            number = 0 if len(self.classes) == 1 else self._named(e.example.query)
            windows, scores, label = self.detections(e.video, e.duration, e.example.fps)
            kept = (label == number) & (windows[:, 0] < windows[:, 1])
            table = np.column_stack([windows, scores])[kept]
            found.append(Answer(table.astype(float).tolist()))
        return found

    def detections(self, rows: Float, duration: float, fps: float | None = None) -> Detections:
        """Detections of a video (L, D) of so many frames per second, in seconds and inside it; call as `answer`."""
        resized = self._resized(rows)
        batch = on_device(self._batch([resized]), self.device)
        found = self.model(*batch)
        places = points(batch[0].shape[1], self.config.ranges, self.device)
        windows, scores, label = detections(found.logits[0], found.offsets[0], found.mask[0], places, self.decoding)
        step, first = self._grid(len(rows), duration, fps)
        return Detections(np.clip(windows * step + first, 0, duration).astype(np.float32), scores, label)

    def row_seconds(self, fps: float | None) -> float | None:
        """As in `Head`."""
        if self.clip_seconds is None and self.stride and fps:
            return self.stride / fps
        return self.clip_seconds

    def _named(self, query: str) -> int:
        wanted = {name.casefold(): i for i, name in enumerate(self.classes)}.get(query.strip().casefold())
        if wanted is None:
            raise ModelError(f"{self.name} knows no class {query!r}; ask for one of: {', '.join(self.classes)}")
        return wanted

    def _grid(self, count: int, duration: float, fps: float | None) -> tuple[float, float]:
        """Seconds from row to row, and of the middle of the first."""
        told = self.row_seconds(fps)
        whole = duration if told is None else (count - 1 + self.span) * told
        if self.resize:
            step = whole / self.config.rows
            return step, step / 2
        step = whole / (count - 1 + self.span)
        return step, step * self.span / 2

    def _part(self, e: FeatureExample, rng: np.random.Generator) -> tuple[Float, Truth]:
        step, first = self._grid(len(e.video), e.duration, e.example.fps)
        rows, margin = self._resized(e.video), first / step
        windows = ((e.windows - first) / step).astype(np.float32).reshape(-1, 2)
        label = self._labels(e)
        if self.resize and len(windows):  # what lies mostly behind the rows is no action
            end = len(rows) + margin
            with np.errstate(invalid="ignore"):
                there = (np.minimum(windows[:, 1], end) - windows[:, 0]) / (windows[:, 1] - windows[:, 0]) >= self.share
            windows, label = np.minimum(windows[there], np.float32(end)), label[there]
        if self.training:
            rows, windows, left = cropped(
                rows, windows, rng, longest=self.config.rows, crop=self.crop, share=self.share, margin=margin
            )
            label = label[left]
        return rows, Truth(torch.from_numpy(windows), torch.from_numpy(label))

    def _labels(self, e: FeatureExample) -> np.ndarray:
        if len(self.classes) == 1:
            return np.zeros(len(e.windows), dtype=np.int64)
        names = e.labels if e.labels is not None else (e.example.query,) * len(e.windows)
        return np.array([self._named(name) for name in names], dtype=np.int64)

    def _resized(self, rows: Float) -> Float:
        if not self.resize or len(rows) == self.config.rows:
            return rows
        wide = torch.from_numpy(np.ascontiguousarray(rows.T))[None]
        resized: Float = interpolate(wide, self.config.rows, mode="linear", align_corners=False)[0].T.numpy()
        return resized

    def _batch(self, several: Sequence[Float]) -> tuple[Tensor, Tensor]:
        length = self._length(several)
        rows = padded([[each] for each in several], length=length, pinned=self.pinned)
        return rows, valid_rows([len(each) for each in several], length)

    def _length(self, several: Sequence[Float]) -> int:
        """Officially all rows that training sees at once; beyond two of the coarsest stride no more make a difference.

        A longer video is filled up to a multiple of the greatest stride of a level's window, on which places depend.
        """
        count, c = max(map(len, several)), self.config
        coarsest = 1 << c.layers[2]
        if count <= c.rows:
            return min(c.rows, (-(-count // coarsest) + 2) * coarsest)
        step = max((w // 2 * 2 if w > 1 else 1) << i for i, w in enumerate(c.windows))
        return -(-count // step) * step
