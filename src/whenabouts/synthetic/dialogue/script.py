"""From a recipe to timed cues and events: the same recipe and seed give the same script.

Cues last as long as somebody takes to say them, with pauses between them. Filler lines come in a new order each time
around, and with a lead-in ("as I said, …") where they are repeated.
"""

from __future__ import annotations

import math
import re
import textwrap
from dataclasses import dataclass

import numpy as np

from whenabouts.errors import InputError
from whenabouts.synthetic.dialogue.recipe import Chapter, Key, Kind, QuestionRecipe, Recipe, Show

__all__ = ["RATE", "Cue", "Question", "Script", "expand"]

RATE = 3  # frames per second; events begin and end on a frame
SECONDS_PER_CHARACTER = {"ko": 0.13, "ja": 0.15, "zh": 0.2}  # any other language: 0.062
ASIDE_EVERY = 8  # cues, about
REFERENCE = re.compile(r"(?P<id>[a-z_0-9]+)(?P<step>[+-]\d+)?")
WRAP = 42  # characters of a line on the screen


@dataclass(frozen=True, slots=True)
class Cue:
    """From `start` to `end` in seconds: `text` is said, or `show` happens. `id` is that of a key, "" of a filler."""

    start: float
    end: float
    text: str | None
    id: str = ""
    show: Show | None = None
    chapter: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """A query and its true windows in seconds: one of them is asked for, all of them if `all`; none is an absent event.

    `language` is that of the query, which may be another than that of the dialogue.
    """

    query: str
    windows: tuple[tuple[float, float], ...]
    all: bool
    kind: Kind
    language: str


@dataclass(frozen=True, slots=True)
class Script:
    """Cues and events in order of time, questions with their windows, and the length in seconds."""

    cues: tuple[Cue, ...]
    questions: tuple[Question, ...]
    duration: float

    def subtitles(self) -> str:
        """All cues with a text, as SubRip."""
        spoken = (cue for cue in self.cues if cue.text)
        blocks = (f"{i}\n{_stamp(c.start)} --> {_stamp(c.end)}\n{c.text}\n" for i, c in enumerate(spoken, 1))
        return "\n".join(blocks)


def expand(recipe: Recipe, seed: int = 0) -> Script:
    """Time a recipe. Raises InputError if a question names a key that is not there."""
    rng = np.random.default_rng((20261126, seed))
    cues: list[Cue] = []
    clock = 2.0
    for number, chapter in enumerate(recipe.chapters):
        for key in _order(chapter, recipe, rng):
            cue = _timed(key, clock, recipe, number)
            cues.append(cue)
            clock = cue.end + float(rng.uniform(0.25, 1.6))
    duration = float(math.ceil(clock + 3))
    questions = tuple(_answered(question, cues, recipe) for question in recipe.questions)
    return Script(tuple(cues), questions, duration)


def _order(chapter: Chapter, recipe: Recipe, rng: np.random.Generator) -> list[Key]:
    """The keys of a chapter at their places among its filler."""
    groups: list[list[Key]] = []
    for key in chapter.keys:
        if key.follows and groups:
            groups[-1].append(key)
        else:
            groups.append([key])
    filler = _filler(chapter, recipe, max(0, chapter.lines - len(chapter.keys)), rng)
    places = [
        (group[0].at if group[0].at is not None else (i + float(rng.uniform(0.3, 0.7))) / len(groups)) * len(filler)
        for i, group in enumerate(groups)
    ]
    ordered: list[Key] = []
    said = 0
    for place, group in sorted(zip(places, groups, strict=True), key=lambda pair: pair[0]):
        ordered += filler[said : round(place)]
        said = max(said, round(place))
        ordered += group
    return ordered + filler[said:]


def _filler(chapter: Chapter, recipe: Recipe, count: int, rng: np.random.Generator) -> list[Key]:
    lines: list[Key] = []
    rounds = 0
    waiting: list[str] = []
    while len(lines) < count:
        if chapter.asides and len(lines) % ASIDE_EVERY == ASIDE_EVERY - 1:
            aside = chapter.asides[int(rng.integers(len(chapter.asides)))]
            lines.append(Key("", _capital(aside), by=chapter.asides_by))
            continue
        if not waiting:
            waiting = [chapter.filler[i] for i in rng.permutation(len(chapter.filler))]
            rounds += 1
        text = waiting.pop()
        if rounds > 1 and recipe.lead_ins and rng.random() < 0.8:
            text = recipe.lead_ins[int(rng.integers(len(recipe.lead_ins)))] + text
        lines.append(Key("", _capital(text), by=chapter.by))
    return lines


def _timed(key: Key, clock: float, recipe: Recipe, chapter: int) -> Cue:
    if key.show:
        start = math.ceil(clock * RATE) / RATE
        return Cue(round(start, 3), round(start + key.seconds, 3), key.say, key.id, key.show, chapter)
    text = key.say or ""
    length = 0.7 + SECONDS_PER_CHARACTER.get(recipe.language, 0.062) * len(text)
    if recipe.speakers and key.by:
        text = f"{recipe.speakers[key.by]}: {text}"
    if recipe.wrap and len(text) > WRAP:
        text = "\n".join(textwrap.wrap(text, max(WRAP, len(text) // 2 + 8)))
    return Cue(round(clock, 3), round(clock + length, 3), text, key.id, None, chapter)


def _answered(question: QuestionRecipe, cues: list[Cue], recipe: Recipe) -> Question:
    windows = sorted({window for reference in question.when for window in _windows(reference, cues, recipe)})
    return Question(question.ask, tuple(windows), question.all, question.kind, question.language or recipe.language)


def _windows(reference: str, cues: list[Cue], recipe: Recipe) -> list[tuple[float, float]]:
    if reference.startswith("~"):
        found = [cue for cue in cues if cue.text and reference[1:].casefold() in cue.text.replace("\n", " ").casefold()]
        if not found:
            raise InputError(f"{recipe.name}.toml: no cue contains {reference[1:]!r}")
        return [(cue.start, cue.end) for cue in found]
    first, _, last = reference.partition("..")
    return [(_cue(first, cues, recipe).start, _cue(last or first, cues, recipe).end)]


def _cue(reference: str, cues: list[Cue], recipe: Recipe) -> Cue:
    match = REFERENCE.fullmatch(reference)
    place = next((i for i, cue in enumerate(cues) if match and cue.id == match["id"]), None)
    if match is None or place is None or not 0 <= place + int(match["step"] or 0) < len(cues):
        raise InputError(f"{recipe.name}.toml: no key {reference!r}")
    return cues[place + int(match["step"] or 0)]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02},{milliseconds % 1000:03}"
