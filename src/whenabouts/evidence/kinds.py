"""What a kind of evidence is, and which there are.

A kind is one file with one class, and one line in `KINDS`. It either gives lines of text with their times (`WordKind`:
what is said, what is written), which are then matched with queries all alike, or it answers queries itself
(`MomentKind`: what is seen). Options, schemas, tables and pages take names, labels and help from here. Another package
adds a kind by an entry point in the group `whenabouts.evidence`:

    class Scoreboard(WordKind):
        name, label, help = "scoreboard", "on the scoreboard", "Goals, from a file beside the video."

        def lines(self, video, settings):
            return [TimedText(12.0, 15.0, "Reds 1, Blues 0", self.name, "scores.csv")]
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, ClassVar

from whenabouts.encoders import DEFAULT_ENCODER, Encoder, load_encoder, precision, weight_bytes
from whenabouts.encoders.e5 import PassageEncoder, QueryEncoder, available
from whenabouts.encoders.minilm import SentenceEncoder
from whenabouts.encoders.usem import MultilingualEncoder
from whenabouts.errors import InputError, MissingExtra
from whenabouts.evidence.timed_text import TimedText
from whenabouts.moment import Moment
from whenabouts.plugins import Registry
from whenabouts.prediction import Saliency
from whenabouts.progress import Fraction
from whenabouts.query import ParsedQuery

if TYPE_CHECKING:
    from whenabouts.video import Video
    from whenabouts.video.viewer import Viewer

__all__ = [
    "FPS",
    "KINDS",
    "Answer",
    "EvidenceKind",
    "EvidenceModels",
    "EvidenceSettings",
    "HeldKinds",
    "MomentKind",
    "WordKind",
    "word_kinds",
]

FPS = 2.0  # frames looked at per second of video


@dataclass
class EvidenceModels:
    """Models that kinds of evidence share, each loaded when it is first needed and then held.

    encoder:      of frames and sentences: a name for `load_encoder`, or an encoder
    speech_model: a folder with a CTranslate2 Whisper model, or the name of a published one; None takes "small" where
                  it is already on this machine, else the packaged Whisper base
    sound_model:  of sound events: "hub:" with a folder or a name on the hub, a CLAP or an AST model; None knows only
                  what needs no model of the hub
    device:       where models run, as torch names it; None is a GPU where there is one

    `text_identities` has the sha256 of what compared lines with the last queries, by its name: also where the vectors
    were kept from an earlier run, so that a receipt does not depend on what is in the cache.
    """

    encoder: str | Encoder = DEFAULT_ENCODER
    speech_model: str | None = None
    sound_model: str | None = None
    device: str | None = None
    text_identities: dict[str, str] = field(default_factory=dict, init=False)

    @cached_property
    def frame_encoder(self) -> Encoder:
        """Frames and sentences as vectors of one space. Raises ModelError, MissingExtra."""
        return load_encoder(self.encoder, device=self.device) if isinstance(self.encoder, str) else self.encoder

    @cached_property
    def sentence_encoder(self) -> SentenceEncoder:
        """English sentences as vectors, to compare lines of text with queries."""
        return SentenceEncoder()

    @cached_property
    def multilingual_encoder(self) -> MultilingualEncoder:
        """Sentences of 16 languages as vectors of one space, to compare lines of text with queries."""
        return MultilingualEncoder()

    @cached_property
    def passage_encoder(self) -> PassageEncoder | None:
        """Lines that may answer, as vectors; None where this machine cannot run the encoder."""
        return PassageEncoder() if available() else None

    @cached_property
    def query_encoder(self) -> QueryEncoder | None:
        """Queries as vectors of the space of `passage_encoder`; None where this machine cannot run it."""
        return QueryEncoder() if available() else None

    @property
    def precision(self) -> str:
        """What vectors of frames were computed in so far; "float32" where none were."""
        return precision(self.__dict__.get("frame_encoder"))

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights loaded by now."""
        frames = weight_bytes(self.frame_encoder) if "frame_encoder" in self.__dict__ else 0
        passages = self.passage_encoder.weight_bytes if self.passage_encoder else 0
        return frames + passages + self.sentence_encoder.weight_bytes + self.multilingual_encoder.weight_bytes


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """How a video is looked at, for one question.

    required: the kind was requested by name, so what it needs must be installed; else it may give nothing
    fps:      frames looked at per second of video        ocr_fps: frames per second that text is read from
    frames:   maximum number of frames of a whole video; None means no limit
    cache:    keep frame vectors and recognised text on disk, by content
    progress: receives the fraction done, in [0, 1]
    viewer:   sees its pictures where the video is decoded for this question anyway
    """

    required: bool = False
    fps: float = FPS
    frames: int | None = None
    ocr_fps: float = 0.5
    cache: bool = True
    progress: Fraction | None = None
    viewer: Viewer | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one kind finds for one query.

    moments:     with scores in [0, 1]        saliency: the curve behind them, if there is one
    probability: whether scores are probabilities that the query happens there; else they only rank the moments
    notes:       what the reader of the answer must know, such as that a sound could not be read
    """

    moments: tuple[Moment, ...] = ()
    saliency: Saliency | None = None
    probability: bool = True
    notes: tuple[str, ...] = ()


class EvidenceKind(ABC):
    """One kind of evidence over shared `models`; anything else that it needs is loaded on first use, and kept.

    name:     in options, JSON and files        label: the same in words, for tables and pages
    help:     one line on what counts as this kind
    module:   what must be installed for it, by its import name, and `extra`, which of our extras installs it
    activity: what a progress bar says meanwhile
    phrases:  whole queries that ask for a plugin's kind and no other, with a group `words`: what to look for; those of
              the built-in kinds stand in the grammars of `whenabouts.query`, in all its languages.
              Where the phrases of two kinds fit, the kind that stands later in `KINDS` is meant.
    literal:  whether the words of phrases are a quotation
    on_request: whether it is so costly that it is only looked at where a query, or whoever asks, names it
    """

    name: ClassVar[str]
    label: ClassVar[str]
    help: ClassVar[str]
    module: ClassVar[str | None] = None
    extra: ClassVar[str] = ""
    activity: ClassVar[str] = "gathering evidence"
    phrases: ClassVar[tuple[re.Pattern[str], ...]] = ()
    literal: ClassVar[bool] = False
    on_request: ClassVar[bool] = False

    def __init__(self, models: EvidenceModels | None = None) -> None:
        self.models = models or EvidenceModels()

    @classmethod
    def installed(cls) -> bool:
        """Whether what the kind cannot do without is installed."""
        return cls.module is None or find_spec(cls.module) is not None

    @classmethod
    def words_sought(cls, query: str) -> str | None:
        """What a query looks for that asks for this kind and no other; None where other kinds may answer too."""
        found = (phrase.fullmatch(query) for phrase in cls.phrases)
        return next((match["words"] for match in found if match), None)

    @property
    def identities(self) -> Mapping[str, str]:
        """The sha256 of the weights that shaped an answer, by name of the model, for the receipt."""
        return {}

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights that this kind holds by now, beside the shared models."""
        return 0


class WordKind(EvidenceKind):
    """A kind that gives lines of text.

    continuous: whether neighbouring lines are parts of sentences, as in speech, or stand alone, as titles do
    """

    continuous: ClassVar[bool] = False

    @abstractmethod
    def lines(self, video: Video, settings: EvidenceSettings) -> list[TimedText]:
        """Every line of a video, in order of time. Raises VideoError, ModelError, MissingExtra."""

    def lines_at_hand(self, video: Video) -> list[TimedText]:
        """The lines that cost nothing to have, in order of time: stored with the video, not recognised."""
        return []

    def notes(self, video: Video) -> Sequence[str]:
        """What the reader of an answer must know of the lines at hand, such as that some could not be read."""
        return ()

    def viewer(self, video: Video, settings: EvidenceSettings) -> Viewer | None:
        """What sees pictures for `lines`, which gets it in its settings, while they are decoded for another kind."""
        return None


class MomentKind(EvidenceKind):
    """A kind that answers queries by itself, with moments or a curve.

    regional: whether a long video is searched first, and this kind looks only at what the search found
    """

    regional: ClassVar[bool] = False

    def concerns(self, query: ParsedQuery) -> bool:
        """Whether the kind may answer a query; nothing is decoded for one that it does not concern."""
        return not query.negated or self.negates(query)

    def negates(self, query: ParsedQuery) -> bool:
        """Whether the kind can tell that the event of a query does *not* happen."""
        return False

    def glimpses(self, video: Video, queries: Sequence[str], settings: EvidenceSettings) -> list[Answer]:
        """As `answers`, in a small part of the time and less sure; none where nothing would be gained by it."""
        return []

    @abstractmethod
    def answers(self, video: Video, queries: Sequence[str], settings: EvidenceSettings) -> list[Answer]:
        """One answer per query, in their order. Raises VideoError, ModelError, MissingExtra."""


KINDS: Registry[type[EvidenceKind]] = Registry(
    "evidence kind",
    "whenabouts.evidence",
    {
        "seen": "whenabouts.evidence.seen:Seen",
        "said": "whenabouts.evidence.said:Said",
        "written": "whenabouts.evidence.written:Written",
        "signal": "whenabouts.evidence.signal:Signal",
        "heard": "whenabouts.evidence.heard:Heard",
    },
    fits=lambda part: isinstance(part, type) and issubclass(part, EvidenceKind),
)


def word_kinds() -> tuple[str, ...]:
    """Names of the kinds that give lines of text."""
    return tuple(name for name, kind in KINDS.items() if issubclass(kind, WordKind))


class HeldKinds:
    """Kinds of evidence over the same models, each created on first use and kept."""

    def __init__(self, models: EvidenceModels | None = None) -> None:
        self.models = models or EvidenceModels()
        self._made: dict[str, EvidenceKind] = {}

    def chosen(self, names: Collection[str] | None = None, *, required: bool = True) -> list[EvidenceKind]:
        """The kinds of these names, in the order of `KINDS`; without names all that are installed.

        Raises InputError for a name that is unknown, MissingExtra for a `required` one that is not installed,
        PluginError for one of a broken plugin.
        """
        names = [names] if isinstance(names, str) else names
        if unknown := [name for name in names or () if name not in KINDS]:
            raise InputError(f"unknown evidence kind {unknown[0]!r}; choose from: {', '.join(KINDS)}")
        possible = KINDS if names else KINDS.usable()  # one that is asked for by its name must not be broken
        return [self._held(name) for name in possible if self._possible(name, names, required)]

    def words(self, names: Collection[str] | None = None, *, required: bool = True) -> list[WordKind]:
        """Those of `chosen` that give lines of text."""
        return [kind for kind in self.chosen(names, required=required) if isinstance(kind, WordKind)]

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights held by now."""
        return self.models.weight_bytes + sum(kind.weight_bytes for kind in self._made.values())

    def _possible(self, name: str, names: Collection[str] | None, required: bool) -> bool:
        if names and name not in names:
            return False
        kind = KINDS[name]
        if names and required and not kind.installed():
            raise MissingExtra(kind.extra, kind.label)
        return kind.installed()

    def _held(self, name: str) -> EvidenceKind:
        if name not in self._made:
            self._made[name] = KINDS[name](self.models)
        return self._made[name]
