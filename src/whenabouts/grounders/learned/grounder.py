"""A trained head on raw video: the features it was trained on, its answer, and windows where a video is too long."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch

from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.features import FeatureExample, Float
from whenabouts.encoders.clips import FeatureMaker, as_published, load_maker
from whenabouts.encoders.device import torch_device
from whenabouts.errors import ModelError
from whenabouts.grounders.grounder import BaseGrounder
from whenabouts.grounders.learned.checkpoint import Checkpoint, read_checkpoint
from whenabouts.grounders.learned.detr.official import FeatureOrder
from whenabouts.grounders.learned.head import Answer, Head
from whenabouts.moment import Evidence, Moment, nms
from whenabouts.prediction import Prediction, Receipt, Saliency
from whenabouts.video import Video

__all__ = ["Learned", "answer_at_length", "pieces"]

DUPLICATE_TIOU = 0.5  # overlap from which two windows of different pieces are one moment
BATCH = 16  # pieces answered at once
CLIP_SECONDS = 2.0  # of a row, as for QVHighlights
HEAD_SECONDS = 0.001  # for a second of video; rough, and of one query on one core
UNMADE = {  # features of official models that no encoder here makes
    "resnet": "ResNet-152",
    "i3d": "I3D",
    "vgg": "VGG",
    "c3d": "C3D",
    "glove": "GloVe",
    "clip-layers": "CLIP's hidden layers",
}


@dataclass(kw_only=True)
class Learned(BaseGrounder):
    """The grounder behind `whenabouts find --model FILE`; the file and the encoders are read once.

    checkpoint: a file that `whenabouts train` wrote, or an official one
    encoder:    makes the features; None is the one named in the file, or of the features that an official file names
    feature_order: how features of SlowFast and CLIP stood in training, for official files that do not tell
    clip_seconds: length of a row; None is the one in the file, else 2 s

    A moment's score is the model's own. The models were trained on videos that show what the query describes, so
    they cannot recognise absence: `presence` is None.
    """

    name: ClassVar[str] = "learned"
    weights: ClassVar[tuple[str, ...]] = ("checkpoint", "encoder", "feature_order", "device")

    checkpoint: Path
    encoder: str | None = None
    feature_order: FeatureOrder | None = None
    clip_seconds: float | None = None

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights loaded so far: of the head, and of encoders that report theirs."""
        if "_loaded" not in self.__dict__:
            return 0
        head, maker = self._loaded.head, self.__dict__.get("_maker")
        own: int = sum(value.nbytes for value in head.state_dict().values())
        return own + (maker.weight_bytes if maker else 0)

    @property
    def look_seconds(self) -> float:
        """What the encoder takes for the pictures of rows, and the head for them. Raises ModelError, MissingExtra."""
        return self._maker.look_seconds(self._row_seconds) + HEAD_SECONDS

    @property
    def reach(self) -> float:
        """Any length for a head that answers in windows, and for one of a closed set, which looks around each row.

        0 for those that take a video whole, however long: they learned from short ones. Raises ModelError.
        """
        head = self._loaded.head
        return math.inf if head.closed or head.longest else 0.0

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query, moments best first. Raises VideoError, ModelError, MissingExtra."""
        head, facts, seconds = self._loaded.head, self._loaded.facts, self._row_seconds
        if heard_width(head) and self._maker.sound is None:
            raise ModelError(
                f"{self.checkpoint} takes sound, of which {self._maker.name} makes no features; choose an encoder that "
                "does, such as clip+pann, or clap"
            )
        rows, sound = self._maker.clips(video, seconds, cache=self.cache, progress=self.stage("looking"))
        nothing = np.zeros((1, 0), np.float32)
        # runs of our own on features of `whenabouts features` know words of unit length alone
        raw = getattr(head, "raw_words", False) and "encoder" not in facts
        texts = [nothing] * len(queries) if head.closed else self._maker.words(queries, scaled=not raw)
        self._check_widths(rows, sound, texts[0])
        models = {head.name: self._loaded.sha256, self._maker.name: self._maker.sha256}
        how = {} if self._maker.precision == "float32" else {"precision": self._maker.precision}
        made = self.receipt(video, models, encoder=self._maker.name, clip_seconds=seconds, **how)
        receipt = replace(made, grounder=head.name)
        kind = "seen" if rows.shape[1] else "heard"
        notes = () if sound is None else _unheard(len(rows) * seconds, seconds, video.duration)
        return [
            _prediction(
                query, answer_at_length(head, rows, text, seconds, sound, query), video, seconds, receipt, kind, notes
            )
            for query, text in zip(queries, texts, strict=True)
        ]

    @cached_property
    def _loaded(self) -> Checkpoint:
        device = torch_device(self.device)
        loaded = read_checkpoint(Path(self.checkpoint), feature_order=self.feature_order)
        loaded.head.to(device)
        return loaded

    @cached_property
    def _maker(self) -> FeatureMaker:
        facts = self._loaded.facts
        name = self.encoder or facts.get("encoder") or as_published(facts.get("features") or "")
        if not name:
            raise ModelError(f"{self.checkpoint} does not say how its features were made; give it with --encoder")
        if foreign := [part for part in name.split("+") if part in UNMADE]:
            raise ModelError(
                f"{self.checkpoint} was trained on features of {' and '.join(UNMADE[part] for part in foreign)}, which "
                "cannot be made here; read them from files with `whenabouts predict --features`"
            )
        return load_maker(name, words=None if self.encoder else facts.get("words"), device=self.device)

    @property
    def _row_seconds(self) -> float:
        seconds: float = self.clip_seconds or self._loaded.facts.get("clip_seconds", CLIP_SECONDS)
        return seconds

    def _check_widths(self, rows: Float, sound: Float | None, text: Float) -> None:
        head, maker = self._loaded.head, self._maker.name
        wide = {
            "clip": (head.config.video_dim - head.endpoints, rows.shape[1]),
            "clip of sound": (heard_width(head), 0 if sound is None else sound.shape[1]),
            "word": (head.config.text_dim, text.shape[1]),
        }
        for what, (taken, given) in wide.items():
            if taken != given:
                raise ModelError(
                    f"{self.checkpoint} takes {taken} numbers per {what}, and the encoder {maker} gives {given}; "
                    "choose the encoder that it was trained with"
                )


def heard_width(head: Head) -> int:
    """Numbers that a head takes of the sound of a clip; 0 where it only sees."""
    width: int = getattr(head.config, "audio_dim", 0)
    return width - head.endpoints if width and getattr(head, "sound_ends", False) else width


def _unheard(covered: float, seconds: float, duration: float) -> tuple[str, ...]:
    """A note where sound ends a clip or more before the video does."""
    if covered + seconds > duration:
        return ()
    return (f"{covered:g} s from the start the sound ends: what comes later was not looked at",)


def _prediction(
    query: str, answer: Answer, video: Video, seconds: float, receipt: Receipt, kind: str, notes: tuple[str, ...]
) -> Prediction:
    inside = [(start, min(end, video.duration), score) for start, end, score in answer.windows]
    moments = tuple(Moment(*w, evidence=(Evidence(kind, w[0], w[1]),)) for w in inside if w[0] < w[1])
    curve = None
    if answer.saliency is not None:
        times = tuple((i + 0.5) * seconds for i in range(len(answer.saliency)))
        curve = Saliency(times, tuple(answer.saliency))
    return Prediction(query, moments, video.duration, None, curve, str(video.path), receipt, notes=notes)


def pieces(count: int, longest: int | None) -> list[tuple[int, int]]:
    """Ranges [first, last) of rows that cover `count`, each as long as allowed and half over the one before.

    >>> pieces(10, 4)
    [(0, 4), (2, 6), (4, 8), (6, 10)]
    """
    if longest is None or count <= longest:
        return [(0, count)]
    starts = [*range(0, count - longest, max(1, longest // 2)), count - longest]
    return [(start, start + longest) for start in starts]


def answer_at_length(
    head: Head, rows: Float, text: Float, seconds: float, sound: Float | None = None, query: str = ""
) -> Answer:
    """The answer to one query on rows (L, D) of `seconds` each, however many there are, and the sound (L, A) of each.

    Windows of all pieces are ranked together by score, and of two that overlap by half the weaker is left out; saliency
    of a row is the mean over the pieces that hold it. Heads of a closed set look for `query`, the name of a class.
    """
    parts = pieces(len(rows), head.longest)
    examples = [
        FeatureExample(
            Example(first, "", query, np.zeros((0, 2)), (last - first) * seconds),
            rows[first:last],
            text,
            None if sound is None else sound[first:last],
        )
        for first, last in parts
    ]
    with torch.no_grad():
        answers = [a for i in range(0, len(parts), BATCH) for a in head.answer(examples[i : i + BATCH])]
    windows = [
        [start + first * seconds, end + first * seconds, score]
        for (first, _), answer in zip(parts, answers, strict=True)
        for start, end, score in answer.windows
    ]
    if len(parts) > 1:
        table = np.array(windows).reshape(-1, 3)
        windows = [windows[i] for i in nms(table[:, :2], table[:, 2], DUPLICATE_TIOU)]
    total, times = np.zeros(len(rows)), np.zeros(len(rows))
    for (first, last), answer in zip(parts, answers, strict=True):
        if answer.saliency is None:
            return Answer(windows)
        total[first:last] += answer.saliency
        times[first:last] += 1
    return Answer(windows, (total / times).tolist())
