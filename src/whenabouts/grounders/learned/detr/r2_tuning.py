"""R2-Tuning (Liu et al. 2024, arXiv:2404.00801): the last k layers of a frozen CLIP, read from the last to the first.

One small block is shared by all layers: in each, words gather the patches of every picture that they mean, and the
clips so found are joined with those of the layer before. A row of a video is k layers of its picture's tokens, a word
k layers of its vector, flat, as the official files hold them.

The official code answers one query at a time; here too, so that no answer depends on its batch. In training padding
takes part officially in places, in the best word of a clip and in convolutions; `strict_official` brings it back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity, scaled_dot_product_attention
from torch.nn.utils.rnn import pad_sequence

from whenabouts.benchmarks.features import FeatureExample, Float
from whenabouts.errors import ModelError
from whenabouts.grounders.learned.detr.batch import Batch
from whenabouts.grounders.learned.detr.criterion import weighted_sum
from whenabouts.grounders.learned.detr.decode import Windows, suppressed
from whenabouts.grounders.learned.detr.layers import DropPath, sine_position
from whenabouts.grounders.learned.detr.official import official_facts
from whenabouts.grounders.learned.detr.pyramid import ConvHead, Points, Pooling, Pyramid, valid_points
from whenabouts.grounders.learned.detr.r2_tuning_criterion import LOSS_WEIGHTS, R2TuningOutput, r2_tuning_losses
from whenabouts.grounders.learned.head import Answer, Head, State
from whenabouts.grounders.learned.recipe import SMALL, Recipe

__all__ = ["R2Tuning", "R2TuningConfig", "R2TuningHead"]

MOST = 50  # windows of an answer
LONGEST = 1024  # clips that official points reach
OVERLAP = 0.7  # from which a weaker window loses its score
WIDTHS = (768, 1024)  # of the tokens of CLIP's pictures


@dataclass(frozen=True)
class R2TuningConfig:
    """Sizes as published, for features of CLIP ViT-B/32.

    video_dim: numbers a row: `layers` of `tokens`, each as wide as CLIP's, flat, the last layer last
    text_dim:  numbers a word: `layers`, flat
    levels:    of the pyramid, level i with stride 2^i
    ends:      whether every token is told the two ends of its clip
    moments:   whether it finds moments, or highlights alone
    """

    video_dim: int = 4 * 50 * 768
    text_dim: int = 4 * 512
    layers: int = 4
    tokens: int = 50
    hidden: int = 256
    heads: int = 8
    feedforward: int = 1024
    levels: int = 4
    ends: bool = True
    moments: bool = True
    dropout: float = 0.5
    drop_path: float = 0.1


class R2Tuning(nn.Module):
    """The model; parameters are named as in the official state dict."""

    def __init__(self, config: R2TuningConfig | None = None, *, strict_official: bool = False) -> None:
        super().__init__()
        self.config = c = config or R2TuningConfig()
        self.strict_official = strict_official
        self.adapter = _Adapter(c, strict_official)
        self.pyramid = Pyramid(c.hidden, c.levels)
        self.pooling = Pooling(c.hidden)
        self.class_head = ConvHead(c.hidden, 1)
        self.coord_head = ConvHead(c.hidden, 2) if c.moments else None
        self.coef = nn.Parameter(torch.ones(c.levels))

    def forward(self, video: Tensor, video_mask: Tensor, text: Tensor, text_mask: Tensor) -> R2TuningOutput:
        """Clips (B, L, video_dim) and words (B, T, text_dim) with masks (B, L) and (B, T), 1 where valid."""
        c = self.config
        tokens = video.reshape(*video.shape[:2], c.layers, c.tokens, c.video_dim // (c.layers * c.tokens))
        words = text.reshape(*text.shape[:2], c.layers, c.text_dim // c.layers)
        clips, seen, said = self.adapter(tokens, words, video_mask, text_mask)
        clips = clips.relu()  # officially the first level does so in place, before others see the clips
        levels = self.pyramid(clips if self.strict_official else clips * video_mask[..., None])
        counts = tuple(level.shape[1] for level in levels)
        valid = valid_points(video_mask, counts)
        masks = [None] * len(levels) if self.strict_official else torch.split(valid, list(counts), 1)
        inside = [self.class_head(x, mask) for x, mask in zip(levels, masks, strict=True)]
        ends = None
        if self.coord_head is not None:
            parts = zip(levels, masks, self.coef, strict=False)  # short videos have fewer levels
            ends = torch.cat([self.coord_head(x, mask).exp() * share for x, mask, share in parts], dim=1)
        queries = tuple(self.pooling(each, text_mask) for each in said)
        return R2TuningOutput(
            torch.cat(inside, dim=1).squeeze(-1),
            ends,
            Points.of(counts, c.levels, video.device),
            counts,
            valid,
            clips,
            queries[-1],
            video_mask,
            tuple(seen),
            queries,
        )


class _Adapter(nn.Module):
    """The block that all layers share."""

    def __init__(self, c: R2TuningConfig, strict_official: bool) -> None:
        super().__init__()
        self.config, self.strict_official = c, strict_official
        width = c.video_dim // (c.layers * c.tokens) + (2 if c.ends else 0)
        self.video_map = _mapping(width, c.hidden, c.dropout)
        self.query_map = _mapping(c.text_dim // c.layers, c.hidden, c.dropout)
        if c.layers > 1:
            self.gate = nn.Parameter(torch.zeros(c.layers - 1))
        self.v_map, self.q_map = nn.Linear(c.hidden, c.hidden), nn.Linear(c.hidden, c.hidden)
        self.scale = nn.Parameter(torch.zeros(c.layers))
        self.tem = _Temporal(c)

    def forward(
        self, video: Tensor, text: Tensor, video_mask: Tensor, text_mask: Tensor
    ) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """Tokens (B, L, k, P, w) and words (B, T, k, w') -> clips (B, L, d), and those and the words of every layer.

        Layers are given from the last to the first; their clips are the first token of each picture.
        """
        c = self.config
        whole = torch.ones_like(video_mask) if self.strict_official else video_mask
        place = sine_position(whole, c.hidden)
        ends = _ends(whole) if c.ends else None
        unsaid = (text_mask == 0)[:, None, :, None]
        clips: Tensor | None = None
        seen, said = [], []
        for i in reversed(range(c.layers)):
            tokens = video[:, :, i]
            if ends is not None:
                tokens = torch.cat([tokens, ends[:, :, None].expand(-1, -1, c.tokens, -1)], dim=-1)
            tokens = self.video_map(tokens)  # (B, L, P, d)
            words = self.query_map(text[:, :, i])  # (B, T, d)
            seen.append(tokens[:, :, 0])
            said.append(words)
            meant = self.q_map(words)[:, None] @ self.v_map(tokens).transpose(2, 3) / math.sqrt(c.hidden)
            found = meant.softmax(-1) @ tokens + words[:, None]  # (B, L, T, d)
            if not self.strict_official:
                found = found.masked_fill(unsaid, -torch.inf)
            now = seen[-1] + found.amax(2) * self.scale[i].tanh()
            if clips is not None:
                gate = self.gate[i].sigmoid()
                now = gate * now + (1 - gate) * clips
            clips = self.tem(now, words, place, video_mask, text_mask)
        assert clips is not None
        return clips, seen, said


def _ends(mask: Tensor) -> Tensor:
    """Where each clip of (B, L) masks starts and ends, as shares of the video: (B, L, 2)."""
    start = torch.arange(mask.shape[1], device=mask.device) / mask.sum(1, keepdim=True)
    return torch.stack([start, start + 1 / mask.sum(1, keepdim=True)], dim=-1)


def _mapping(width: int, d: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.LayerNorm(width),
        nn.Dropout(dropout),
        nn.Linear(width, d),
        nn.ReLU(),
        nn.LayerNorm(d),
        nn.Dropout(dropout),
        nn.Linear(d, d),
    )


class _Temporal(nn.Module):
    """Clips attend to the words, then to each other, and pass a small network, each normalised after."""

    def __init__(self, c: R2TuningConfig) -> None:
        super().__init__()
        d = c.hidden
        self.cross_att, self.self_att = _Attention(d, c.heads), _Attention(d, c.heads)
        self.cross_att_norm, self.self_att_norm, self.ffn_norm = (nn.LayerNorm(d) for _ in range(3))
        self.ffn = _FeedForward(d, c.feedforward)
        self.droppath = DropPath(c.drop_path)

    def forward(self, x: Tensor, words: Tensor, place: Tensor, mask: Tensor, word_mask: Tensor) -> Tensor:
        """Clips (B, L, d) with their places (B, L, d), words (B, T, d), and masks -> (B, L, d)."""
        x = self.cross_att_norm(x + self.droppath(self.cross_att(x + place, words, words, word_mask)))
        at = x + place
        x = self.self_att_norm(x + self.droppath(self.self_att(at, at, x, mask)))
        out: Tensor = self.ffn_norm(x + self.droppath(self.ffn(x)))
        return out


class _Attention(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.m = (nn.Linear(d, d) for _ in range(4))
        for linear in (self.q, self.k, self.v, self.m):
            nn.init.xavier_uniform_(linear.weight)
            nn.init.zeros_(linear.bias)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
        """(B, L, d), twice (B, S, d), and (B, S), 1 where valid -> (B, L, d)."""
        parts = zip((self.q, self.k, self.v), (query, key, value), strict=True)
        q, k, v = (linear(x).unflatten(2, (self.heads, -1)).transpose(1, 2) for linear, x in parts)
        mixed = scaled_dot_product_attention(q, k, v, attn_mask=(mask > 0)[:, None, None])
        out: Tensor = self.m(mixed.transpose(1, 2).flatten(2))
        return out


class _FeedForward(nn.Module):
    def __init__(self, d: int, inner: int) -> None:
        super().__init__()
        first, last = nn.Linear(d, inner), nn.Linear(inner, d)
        self.mapping = nn.Sequential(first, nn.ReLU(), last)
        for linear in (first, last):
            nn.init.kaiming_normal_(linear.weight, mode="fan_out")
            nn.init.zeros_(linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape."""
        out: Tensor = self.mapping(x)
        return out


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
    source=SOURCE.format("qvhighlights", "") + "; an epoch there is four passes",
    unlike={**UNLIKE, "grid": "2.0: windows are rounded before they are suppressed"},
)
SENTENCES = RECIPE.changed(rate=2.5e-4, batch=32, every=1, options={"nms": "linear"}, unlike=UNLIKE)
HIGHLIGHTS = RECIPE.changed(
    batch=4,
    schedule="constant",
    drop=0,
    warm_steps=50,
    every=1,
    best="mAP",
    config={"levels": 1, "ends": False, "moments": False},
    unlike=UNLIKE,
)


class R2TuningHead(Head):
    """R2-Tuning.

    clip_seconds: of a row
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
            options={"contrast": 0.01, "clip_seconds": 1.0},
            source=SOURCE.format("charades", ""),
            unlike={**UNLIKE, "grid": "0.1: windows are rounded before they are suppressed"},
        ),
        "tacos": SENTENCES.changed(epochs=100, drop=50, options={"contrast": 0.05}, source=SOURCE.format("tacos", "")),
        "ego4d-nlq": SENTENCES.changed(epochs=30, drop=20, config={"dropout": 0.3}, source=SOURCE.format("ego4d", "")),
        "tvsum": HIGHLIGHTS.changed(epochs=500, source=SOURCE.format("tvsum", "_DOMAIN") + "; one model a domain"),
        "youtube-highlights": HIGHLIGHTS.changed(
            epochs=200,
            source=SOURCE.format("youtube", "_DOMAIN") + "; one model a domain",
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
        clip_seconds: float = 2.0,
        contrast: float = 0.1,
        nms: Literal["normal", "linear"] = "normal",
        grid: float | None = None,
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
        """Those of the benchmark in the file's name; nothing in it tells them.

        Raises ModelError where neither tells how long a row is.
        """
        told = official_facts(options).get("benchmark", "")
        if told in cls.recipes:
            return dict(cls.recipes[told].options)
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

    def inputs(self, examples: Sequence[FeatureExample]) -> Batch:
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
        sides: list[Tensor] = []
        for rows in ([e.video for e in examples], [e.text for e in examples]):
            sides += [_padded(rows), _padded([np.ones(len(each), np.float32) for each in rows])]
        return Batch(*(side.to(self.device) for side in sides))

    def forward(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> dict[str, Tensor]:
        """Losses by their official names, unweighted, and their weighted sum as `total`."""
        windows = [torch.from_numpy(self._windows(e)).float().to(self.device) for e in examples]
        saliency = [self._saliency(e) for e in examples]
        positive = [int(rng.choice(self._standing_out(e, rows))) for e, rows in zip(examples, saliency, strict=True)]
        losses = r2_tuning_losses(
            self.model(*self.inputs(examples)),
            windows,
            _padded(saliency).to(self.device),
            torch.tensor(positive, device=self.device),
        )
        return losses | {"total": weighted_sum(losses, self.weighting)}

    def _windows(self, e: FeatureExample) -> np.ndarray:
        """Moments in clips (M, 2), inside the rows, in order, and at least one clip long."""
        ends = np.sort(np.clip(e.windows / self.clip_seconds, 0, len(e.video)), axis=1)
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
        ends = output.points.spans(output.ends)[0, best] * self.clip_seconds
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


def _padded(rows: Sequence[Float]) -> Tensor:
    return pad_sequence([torch.from_numpy(np.ascontiguousarray(each, np.float32)) for each in rows], batch_first=True)
