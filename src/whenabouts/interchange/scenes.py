"""`SceneList`: every shot of a video, or every moment of answers about it, with its number and its timecode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from whenabouts.interchange.only import Only, chosen
from whenabouts.interchange.text import one_line
from whenabouts.interchange.timeline import Timeline
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction

__all__ = ["SHOT", "Scene", "SceneList", "of_moments", "of_shots"]

SHOT = "shot"  # the query under which shots are written in the formats of moments


@dataclass(frozen=True, slots=True)
class Scene:
    """A stretch of a video.

    number:   from 1, in order of time
    timecode: of its first frame, and of the frame after its last
    frames:   how many
    name:     the query of a moment; empty for a shot
    note:     the moment's score
    """

    number: int
    moment: Moment
    timecode: tuple[str, str]
    frames: int
    name: str = ""
    note: str = ""

    @property
    def middle(self) -> float:
        """The time of its picture, in seconds."""
        return (self.moment.start + self.moment.end) / 2

    @property
    def length(self) -> str:
        """Its duration in seconds, as people read it."""
        return f"{self.moment.duration:.2f} s"


@dataclass(frozen=True, slots=True)
class SceneList:
    """Scenes in order of time; `notes` say what was left out."""

    timeline: Timeline
    scenes: tuple[Scene, ...]
    notes: tuple[str, ...] = ()

    def as_prediction(self) -> Prediction:
        """The shots as moments, for the formats of moments."""
        moments = tuple(scene.moment for scene in self.scenes)
        return Prediction(SHOT, moments, self.timeline.duration, video=str(self.timeline.path))


def of_shots(timeline: Timeline, shots: Iterable[tuple[float, float]]) -> SceneList:
    """Every shot [start, end) in seconds."""
    return SceneList(timeline, tuple(_numbered(timeline, ((Moment(*shot), "", "") for shot in shots))))


def of_moments(timeline: Timeline, predictions: Sequence[Prediction], only: Only = "likely") -> SceneList:
    """The moments that `only` chooses, as `interchange.only.chosen` does, in order of time."""
    found = [
        (moment, one_line(each.query), f"{moment.score:.2f}")
        for each in chosen(predictions, only)
        for moment in each.moments
    ]
    found.sort(key=lambda row: (row[0].start, row[0].end))
    left = (each for each in predictions if only == "likely" and each.status == "unlikely")
    notes = tuple(f"“{each.query}” is left out: it is probably not in this video" for each in left)
    return SceneList(timeline, tuple(_numbered(timeline, found)), notes)


def _numbered(timeline: Timeline, rows: Iterable[tuple[Moment, str, str]]) -> Iterator[Scene]:
    for number, (moment, name, note) in enumerate(rows, 1):
        first, end = timeline.span(moment)
        names = timeline.rate.name(timeline.source + first), timeline.rate.name(timeline.source + end)
        yield Scene(number, moment, names, end - first, name, note)
