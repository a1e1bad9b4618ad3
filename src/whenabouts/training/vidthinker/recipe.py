"""The three stages, one question after another; every answer is on disk before the next is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whenabouts.encoders import DEFAULT_ENCODER, load_encoder
from whenabouts.errors import InputError, ModelError
from whenabouts.files.atomic import replacing
from whenabouts.files.journal import Journal
from whenabouts.grounders.llm.conversation import Decoding, Engine, Frames, Turn
from whenabouts.selection.videoitg.annotations import Instruction, row_of
from whenabouts.training.vidthinker.frames import places
from whenabouts.training.vidthinker.prompts import DESCRIBE, KIND, RELEVANT, clips_in, kind_in
from whenabouts.version import __version__
from whenabouts.video import Video

__all__ = ["Question", "VidThinker", "write_rows"]

NO_FRAMES = Frames((), (), 1.0)
SIDE = 448  # pixels of the shorter side of a frame that a model is shown, at most


@dataclass(frozen=True, slots=True)
class Question:
    """An instruction about a video; `id` names it in the journal, and must be its own."""

    id: str
    video: Path
    text: str


@dataclass(frozen=True, kw_only=True)
class VidThinker:
    """Who is asked, and how.

    engine:  any engine of `grounders.llm`
    seconds: of a clip, 5 in the paper
    frames:  of a clip, evenly spread; ours
    window:  descriptions that are read at once; ours, so that an hour fits into a model's context
    tokens:  of an answer, at most
    encoder: tells frames apart that look different
    """

    engine: Engine
    seconds: float = 5.0
    frames: int = 4
    window: int = 120
    tokens: int = 512
    encoder: str = DEFAULT_ENCODER

    def __post_init__(self) -> None:
        if not self.seconds > 0 or self.frames < 1 or self.window < 1 or self.tokens < 1:
            raise InputError("VidThinker needs clips of some length, with at least one frame, one token and one clip")

    def run(self, questions: Sequence[Question], journal: Path) -> Iterator[dict[str, Any]]:
        """A row for each question, in VideoITG's form; one whose answers cannot be read has `failure` and no frames.

        Every answer is kept in `journal` (JSON Lines): called again, a run that was stopped goes on with the next.
        Raises InputError for a journal of other settings, VideoError, ModelError where the engine does not answer.
        """
        if len({question.id for question in questions}) < len(questions):
            raise InputError("two questions have the same id, so the journal could not tell them apart")
        with Journal(journal, self._receipt()) as kept:
            known = {tuple(row["key"]): row["value"] for row in kept.rows if "key" in row}
            for question in questions:
                yield _Asked(self, question, kept, known).row()

    def _receipt(self) -> dict[str, Any]:
        prompts = {"describe": DESCRIBE, "relevant": RELEVANT, "kind": KIND}
        own = {name: getattr(self, name) for name in ("seconds", "frames", "window", "tokens", "encoder")}
        engine = {"engine": self.engine.name, "identity": self.engine.identity}
        return {"recipe": "vidthinker", "version": __version__} | engine | own | prompts


@dataclass
class _Asked:
    """One question on its way."""

    recipe: VidThinker
    question: Question
    journal: Journal
    known: dict[tuple[Any, ...], Any]

    def row(self) -> dict[str, Any]:
        with Video(self.question.video) as video:
            clips = _clips(video.duration, self.recipe.seconds)
            descriptions = [self._described(video, k, clip) for k, clip in enumerate(clips, 1)]
            kind = self._kind()
            relevant = self._relevant(descriptions) if kind != "global" else []
            chosen: list[int] = []
            if kind is not None and relevant is not None:
                spans = [clips[number - 1] for number in relevant]
                chosen = places(video, kind, spans, self.question.text, load_encoder(self.recipe.encoder))
        made = row_of(
            Instruction(str(self.question.video), self.question.text, tuple(chosen)), id=self.question.id, kind=kind
        )
        made["clips"] = relevant
        if kind is None or relevant is None:
            made["failure"] = "the answer names no kind" if kind is None else "an answer lists no clips"
        return made

    def _described(self, video: Video, number: int, clip: tuple[float, float]) -> str:
        key = (self.question.id, "clip", number)
        if key not in self.known:
            words = DESCRIBE.format(question=self.question.text)
            shown = _shown(video, clip, self.recipe.frames)
            self._keep(key, self._answer((*range(len(shown.times)), words), shown))
        return str(self.known[key])

    def _kind(self) -> str | None:
        key = (self.question.id, "kind")
        if key not in self.known:
            self._keep(key, kind_in(self._answer((KIND.format(question=self.question.text),))))
        return None if self.known[key] is None else str(self.known[key])

    def _relevant(self, descriptions: Sequence[str]) -> list[int] | None:
        """Numbers of clips, from 1; None where an answer has no list of them."""
        found: list[int] = []
        for first in range(0, len(descriptions), self.recipe.window):
            numbers = range(first + 1, min(first + self.recipe.window, len(descriptions)) + 1)
            key = (self.question.id, "relevant", numbers.start)
            if key not in self.known:
                told = "\n".join(f"{n}. {' '.join(descriptions[n - 1].split())}" for n in numbers)
                answer = self._answer((RELEVANT.format(descriptions=told, question=self.question.text),))
                self._keep(key, clips_in(answer, numbers))
            if self.known[key] is None:
                return None
            found += self.known[key]
        return found

    def _answer(self, parts: tuple[str | int, ...], frames: Frames = NO_FRAMES) -> str:
        decoding = Decoding(tokens=self.recipe.tokens, probabilities=False)
        [[reply]] = self.recipe.engine.answer([(Turn("user", parts),)], frames, decoding)
        if reply.failure:
            raise ModelError(f"{self.recipe.engine.name} did not answer about {self.question.id}: {reply.failure}")
        return reply.text

    def _keep(self, key: tuple[Any, ...], value: Any) -> None:
        self.known[key] = value
        self.journal.append([{"key": key, "value": value}])


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write `video_itg_data.json` with the rows that have no failure; returns how many were left out. Atomic."""
    every = list(rows)
    kept = [row for row in every if "failure" not in row]
    with replacing(path) as part:
        part.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return len(every) - len(kept)


def _clips(duration: float, seconds: float) -> list[tuple[float, float]]:
    """The video in clips; the last may be shorter.

    >>> _clips(12.0, 5.0)
    [(0.0, 5.0), (5.0, 10.0), (10.0, 12.0)]
    """
    count = max(1, -int(-duration // seconds))
    return [(k * seconds, min((k + 1) * seconds, duration)) for k in range(count)]


def _shown(video: Video, clip: tuple[float, float], frames: int) -> Frames:
    """Frames in the middle of equal parts of a clip, with the times at which they truly begin."""
    start, end = clip
    middles = [start + (k + 0.5) * (end - start) / frames for k in range(frames)]
    width, height = video.probe.width, video.probe.height
    share = min(1.0, SIDE / min(width, height))
    size = max(1, round(width * share)), max(1, round(height * share))
    taken = {frame.time: frame.image for frame in video.at(middles, size=size)}
    return Frames(tuple(taken), tuple(taken.values()), len(taken) / (end - start))
