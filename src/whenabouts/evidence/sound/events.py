"""Sounds of any name by a model of the hub: CLAP (arXiv:2211.06687) for free text, AST (arXiv:2104.01778) for labels.

Both run through transformers from a folder in the layout of `save_pretrained`, or by a name on the hub; only
safetensors weights are loaded and code from a repository is never run. The sound is heard in windows of a few seconds,
of which the vectors or the probabilities are kept on disk by content: a second question listens to nothing.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.device import torch_device
from whenabouts.encoders.hub import folder_sha256, hub_folder
from whenabouts.errors import MissingExtra, ModelError
from whenabouts.evidence.sound.loudness import runs
from whenabouts.files.cache import cache_folder
from whenabouts.files.kept import keep_rows, kept_rows
from whenabouts.files.pretrained import first_line, require_finite, tokenizer_in, unloadable, whole_network
from whenabouts.moment import Evidence, Moment
from whenabouts.prediction import Saliency
from whenabouts.video.samples import Samples, samples, windows

if TYPE_CHECKING:
    from whenabouts.evidence.kinds import Answer, EvidenceModels, EvidenceSettings
    from whenabouts.video import Video

__all__ = ["Curve", "SoundModel", "load_sound_model"]

HUB = "hub:"
WINDOW, STEP = 4.0, 2.0  # seconds heard at once, and from one window to the next
BATCH = 8  # windows in memory at once
FORMAT = 1  # raised when the same sound gives other rows than before
STANDS_OUT = 3.0  # deviations by which the label nearest to a query exceeds all labels
OTHERS = ("silence", "a person speaking", "music", "background noise", "wind", "people talking in a room")
LIKELY = 0.5  # of a window, to be part of a moment; half of the best one, where that is less

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """`scores` (N,) in [0, 1] of windows that begin every `STEP` seconds, for the sound `name`.

    calibrated: whether scores are probabilities
    """

    scores: Rows
    duration: float
    name: str
    calibrated: bool

    def answer(self, kind: str) -> Answer:
        """Moments where the sound is likely, best first; a window stands for its middle part."""
        from whenabouts.evidence.kinds import Answer

        if not len(self.scores):
            return Answer(probability=self.calibrated)
        edge = (WINDOW - STEP) / 2
        moments = []
        for first, last in runs(self.scores >= min(LIKELY, max(0.05, float(self.scores.max()) / 2))):
            start = 0.0 if first == 0 else first * STEP + edge
            end = self.duration if last == len(self.scores) else (last - 1) * STEP + edge + STEP
            if start < min(end, self.duration):
                end = min(end, self.duration)
                evidence = Evidence(kind, start, end, self.name)
                moments.append(Moment(start, end, round(float(self.scores[first:last].max()), 4), (evidence,)))
        times = tuple((np.arange(len(self.scores)) * STEP).tolist())
        saliency = Saliency(times, tuple(round(float(score), 5) for score in self.scores))
        best = sorted(moments, key=lambda moment: -moment.score)
        return Answer(tuple(best), saliency, probability=self.calibrated)


class SoundModel:
    """A CLAP or AST model, held for its lifetime.

    model:  folder in the layout of `save_pretrained`, or name on the hub
    device: torch's name of the device; by default a GPU if one is available

    Raises MissingExtra without torch and transformers, ModelError if it cannot be loaded or is of another family.
    """

    def __init__(self, model: str, *, device: str | None = None) -> None:
        try:
            import torch
            import transformers
        except ImportError as error:
            raise MissingExtra("hub", "a sound model from the hub") from error
        self.name = f"{HUB}{model}"
        self._folder = hub_folder(model, None)
        families = {"clap": "ClapModel", "audio-spectrogram-transformer": "ASTForAudioClassification"}
        try:
            self._config: Any = transformers.AutoConfig.from_pretrained(self._folder)
            family = self._config.model_type
            if family not in families:
                raise ModelError(
                    f"{model} is a {family} model, not a sound model; known families: {', '.join(families)}"
                )
            loader: Any = getattr(transformers, families[family])
            network = whole_network(self._folder, loader, dtype=torch.float32)
            extractor: Any = transformers.AutoFeatureExtractor
            self._prepare: Any = extractor.from_pretrained(self._folder)
            self._free = family == "clap"
            self._tokenizer: Any = tokenizer_in(self._folder) if self._free else None
        except unloadable() as error:
            raise ModelError(f"{model} cannot be loaded as a sound model: {first_line(error)}") from error
        self._device = torch_device(device)
        self._network: Any = network.eval().to(self._device)
        self._rate: int = self._prepare.sampling_rate

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of all weights and of the configuration."""
        return folder_sha256(self._folder)

    @property
    def weight_bytes(self) -> int:
        """Bytes of all weights."""
        return sum(weights.numel() * weights.element_size() for weights in self._network.parameters())

    def curve(
        self, video: Video, label: str | None, words: str, models: EvidenceModels, settings: EvidenceSettings
    ) -> Curve | None:
        """How likely a sound is over time; None where a model of labels has no label for it.

        label: AudioSet's name of the sound, where the query names one that is known
        words: the query's own, for a model of free text and to find a label
        """
        if self._free:
            text = (label or words).lower()
            return Curve(self._matched(self._rows(video, settings), text), video.duration, text, calibrated=False)
        number = self._label(label, words, models)
        if number is None:
            return None
        scores = self._rows(video, settings)[:, number]
        return Curve(scores, video.duration, str(self._config.id2label[number]), calibrated=True)

    def _matched(self, rows: Rows, text: str) -> Rows:
        """The probability of the text beside texts of ordinary sound, by the model's own softmax, (N,)."""
        import torch

        tokens = self._tokenizer([f"the sound of {text}", *OTHERS], padding=True, truncation=True, return_tensors="pt")
        with torch.inference_mode():
            features = self._network.get_text_features(**{k: v.to(self._device) for k, v in tokens.items()})
        vectors = _unit(features)
        logits = math.exp(float(self._network.logit_scale_a)) * rows @ vectors.T
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        scores: Rows = (powers[:, 0] / powers.sum(axis=1)).astype(np.float32)
        return scores

    def _label(self, label: str | None, words: str, models: EvidenceModels) -> int | None:
        """The number of the label that is named, or whose meaning is nearest to the words and stands out."""
        labels = [str(self._config.id2label[number]) for number in range(len(self._config.id2label))]
        lower = [each.casefold() for each in labels]
        for name in (label, words):
            if name and name.casefold() in lower:
                return lower.index(name.casefold())
        encoder = models.sentence_encoder
        near = encoder.encode(labels) @ encoder.encode([words])[0]
        best = int(near.argmax())
        return best if near[best] - near.mean() >= STANDS_OUT * near.std() else None

    def _rows(self, video: Video, settings: EvidenceSettings) -> Rows:
        """What the model makes of each window: unit vectors of CLAP, probabilities of labels of AST."""
        key = f"{FORMAT} {video.sha256} {self.sha256} {WINDOW} {STEP}"
        path = cache_folder() / "sounds" / f"{hashlib.sha256(key.encode()).hexdigest()}.npy"
        rows = kept_rows(path) if settings.cache else None
        if rows is None:
            computed = np.concatenate([*self._computed(video, settings)] or [np.zeros((0, 1), np.float32)])
            rows = computed.astype(np.float16)  # kept or not, so that a second answer is the first
            if settings.cache:
                keep_rows(path, rows)
        return rows.astype(np.float32)

    def _computed(self, video: Video, settings: EvidenceSettings) -> Iterator[Rows]:
        length, step = round(WINDOW * self._rate), round(STEP * self._rate)
        pieces = (
            (first, piece)
            for first, piece in windows(samples(video, self._rate), length, step)
            if first == 0 or len(piece) > length - step  # else the window before holds it all
        )
        while batch := list(islice(pieces, BATCH)):
            rows = self._heard([piece for _, piece in batch])
            require_finite(rows, self.name)
            yield rows
            if settings.progress:
                settings.progress(min(1.0, (batch[-1][0] + length) / self._rate / video.duration))

    def _heard(self, batch: list[Samples]) -> Rows:
        import torch

        given = self._prepare(batch, sampling_rate=self._rate, return_tensors="pt")
        feed = {name: value.to(self._device) for name, value in given.items()}
        with torch.inference_mode():
            if self._free:
                return _unit(self._network.get_audio_features(**feed))
            rows: Rows = torch.sigmoid(self._network(**feed).logits).float().cpu().numpy()
            return rows


def load_sound_model(name: str, *, device: str | None = None) -> SoundModel:
    """A model by "hub:" with a folder or a name on the hub. Raises ModelError, MissingExtra."""
    if not name.startswith(HUB) or name == HUB:
        raise ModelError(f"unknown sound model {name!r}; give {HUB} and the folder or name of a CLAP or AST model")
    return SoundModel(name.removeprefix(HUB), device=device)


def _unit(features: Any) -> Rows:
    vectors = getattr(features, "pooler_output", features)
    unit: Rows = (vectors / vectors.norm(dim=-1, keepdim=True)).float().cpu().numpy()
    return unit
