"""What is heard: silence, noise and tones from levels, voices and music by a small model, the rest by one of the hub.

Each pass over the sound runs only when a query asks for what it finds, with memory for one piece, and is kept by
content. Sounds such as applause are told apart by a model of the hub alone: without one this kind says so, and what
subtitles call "[Applause]" is evidence of what is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from whenabouts.errors import MissingExtra
from whenabouts.evidence.asking import Thing, is_long, thing_asked
from whenabouts.evidence.found import Found, remembered_stretches
from whenabouts.evidence.kinds import Answer, EvidenceSettings, MomentKind
from whenabouts.evidence.sound.names import EVENTS, HEARD, free_text
from whenabouts.evidence.sound.weights import probability
from whenabouts.moment import Evidence, Moment
from whenabouts.query import ParsedQuery, parse_query

if TYPE_CHECKING:
    from whenabouts.evidence.sound.events import SoundModel
    from whenabouts.evidence.sound.voices import VoiceDetector
    from whenabouts.video import Video

__all__ = ["Heard", "kinds_of_sound"]

FORMAT = 1  # raised when the same sound gives other stretches than before
LEAST = 0.05  # probability below which a stretch is not told
BY_VOICE = {"speech", "no speech", "singing", "music"}
OPPOSITE = {"speech": "no speech", "no speech": "speech"}
SAME = {"silence": "silence", "no speech": "no speech"}

NO_TRACK = "the video has no sound, so nothing was listened to"
NO_DETECTOR = "speech, singing and music are told apart with an extra: pip install 'whenabouts[sound]'"
NO_MODEL = "sounds such as this one need a sound model: name one with sound_model, as hub:NAME or hub:FOLDER"


class Heard(MomentKind):
    """Silence, noise, loudness, tones, speech, singing, music; any other sound with a model of the hub."""

    name, label = "heard", "heard"
    help = "Silence, noise, tones, speech, singing, music; other sounds with a sound model."
    activity = "listening"

    @classmethod
    def words_sought(cls, query: str) -> str | None:
        """The query, where it asks for a sound that needs no model of the hub, and for nothing else."""
        thing = thing_asked(query, HEARD)
        return query if thing and thing.alone else None

    def concerns(self, query: ParsedQuery) -> bool:
        """Whether the query asks for a sound."""
        return query.event != "" and (_thing(query) is not None or free_text(query.event) is not None)

    def negates(self, query: ParsedQuery) -> bool:
        """Whether the query asks that something is not to be heard, such as that nobody speaks."""
        return query.negated and self.concerns(query)

    @property
    def identities(self) -> dict[str, str]:
        """The detector's of voices, where it was used, and the sound model's."""
        voices = self.__dict__.get("_voices")
        used = {voices.name: voices.sha256} if voices and voices.weight_bytes else {}
        return used | ({self._model.name: self._model.sha256} if "_model" in self.__dict__ and self._model else {})

    @property
    def weight_bytes(self) -> int:
        """Of the detector of voices and the sound model, once they are loaded."""
        loaded = (self.__dict__.get(name) for name in ("_voices", "_model"))
        return sum(model.weight_bytes for model in loaded if model)

    def answers(self, video: Video, queries: Sequence[str], settings: EvidenceSettings) -> list[Answer]:
        """The stretches of what each query names, most probable first; nothing runs for a query that names none."""
        passes = _Passes(video, settings)
        return [self._answer(video, query, settings, passes) for query in queries]

    @cached_property
    def _model(self) -> SoundModel | None:
        from whenabouts.evidence.sound.events import load_sound_model

        name = self.models.sound_model
        return load_sound_model(name, device=self.models.device) if name else None

    @cached_property
    def _voices(self) -> VoiceDetector:
        from whenabouts.evidence.sound.voices import VoiceDetector  # only where a query asks for a sound

        return VoiceDetector()

    def _answer(self, video: Video, query: str, settings: EvidenceSettings, passes: _Passes) -> Answer:
        from whenabouts.video.samples import has_sound

        parsed = parse_query(query)
        thing = _thing(parsed)
        words = free_text(parsed.event)
        if thing is None and words is None:
            return Answer()
        if not has_sound(video):
            return Answer(notes=(NO_TRACK,))
        if thing is None or thing in EVENTS:
            return self._event(video, thing, words or parsed.event, settings)
        found = self._stretches(thing, passes)
        notes = (NO_DETECTOR,) if thing.name in BY_VOICE and not self._voices.installed() else ()
        return replace(_answer(thing, found, long=is_long(query)), notes=notes)

    def _stretches(self, thing: Thing, passes: _Passes) -> list[Found]:
        if thing.name not in BY_VOICE:
            return passes.of_levels
        if self._voices.installed():
            return _without_tones(passes.of_voices(self._voices), passes.of_levels)
        if passes.settings.required and thing.name != "no speech":
            raise MissingExtra("sound", "telling speech, singing and music apart")
        return passes.of_levels if thing.name == "no speech" else []

    def _event(self, video: Video, thing: Thing | None, words: str, settings: EvidenceSettings) -> Answer:
        if self._model is None:
            return Answer(notes=(NO_MODEL,))
        label = thing.name if thing else None
        curve = self._model.curve(video, label, words, self.models, settings)
        return Answer() if curve is None else curve.answer(self.name)


def kinds_of_sound(video: Video) -> list[Found]:
    """Silence, noise and tones, and speech, singing and music where their detector is installed, in order of time.

    For a short stretch: nothing is kept on disk.
    """
    from whenabouts.evidence.sound.levels import levels
    from whenabouts.evidence.sound.loudness import loudness_stretches
    from whenabouts.evidence.sound.voices import VoiceDetector

    by_level, detector = loudness_stretches(levels(video)), VoiceDetector()
    by_voice = _without_tones(detector.stretches(video), by_level) if detector.installed() else []
    return sorted([*by_level, *by_voice], key=lambda one: (one.start, one.end))


def _thing(query: ParsedQuery) -> Thing | None:
    """What is to be heard; the opposite where the query says that it is not."""
    thing = thing_asked(query.event, HEARD + EVENTS)
    if thing is None or not query.negated or thing.name in SAME:
        return thing
    return _NAMES.get(OPPOSITE.get(thing.name, ""))  # what else is not heard is not a moment


_NAMES = {thing.name: thing for thing in HEARD}


class _Passes:
    """Passes over the sound of one video, each made when it is first needed."""

    def __init__(self, video: Video, settings: EvidenceSettings) -> None:
        self.video, self.settings = video, settings
        self._voices: list[Found] | None = None

    @cached_property
    def of_levels(self) -> list[Found]:
        """What levels tell."""
        from whenabouts.evidence.sound.levels import levels
        from whenabouts.evidence.sound.loudness import loudness_stretches

        def compute() -> list[Found]:
            return loudness_stretches(levels(self.video, self.settings.progress))

        return self._kept(compute, "levels")

    def of_voices(self, detector: VoiceDetector) -> list[Found]:
        """What the detector tells."""
        if self._voices is None:
            self._voices = self._kept(lambda: detector.stretches(self.video, self.settings.progress), detector.sha256)
        return self._voices

    def _kept(self, compute: Callable[[], list[Found]], made_by: str) -> list[Found]:
        return remembered_stretches(
            compute, cache=self.settings.cache, video=self.video.sha256, made_by=made_by, format=FORMAT
        )


def _without_tones(voices: Sequence[Found], levels: Sequence[Found]) -> list[Found]:
    """Leave out music and singing that are one steady tone, which the model takes for music."""
    tones = [one for one in levels if one.what == "tone"]

    def toned(one: Found) -> float:
        shared = (min(one.end, tone.end) - max(one.start, tone.start) for tone in tones)
        return sum(max(0.0, seconds) for seconds in shared)

    return [one for one in voices if one.what not in {"music", "singing"} or toned(one) < 0.5 * one.duration]


def _answer(thing: Thing, found: Sequence[Found], *, long: bool) -> Answer:
    moments = []
    for one in found:
        sure = probability(one, thing.name, long=long)
        if sure is not None and sure >= LEAST and one.end > one.start:
            evidence = Evidence(Heard.name, one.start, one.end, one.what)
            moments.append(Moment(one.start, one.end, round(sure, 4), (evidence,)))
    return Answer(tuple(sorted(moments, key=lambda moment: (-moment.score, -moment.duration, moment.start))))
