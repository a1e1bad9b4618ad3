"""VideoMind (arXiv:2503.13444) as its authors run it: planner, grounder, verifier and answerer on one model.

The planner may reword the query; the grounder regresses spans; the verifier looks at the five best, each with half its
length around it, and ranks them; the answerer is shown the best one. What happens where a role fails is the authors'
rule, and said in `notes`. Source: yeliudev/VideoMind `eval/infer_auto.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.errors import InputError, MissingExtra, ModelError
from whenabouts.grounders.llm.asked import asked
from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.papers.videomind import VIDEOMIND
from whenabouts.grounders.llm.systems.system import System
from whenabouts.grounders.llm.systems.videomind.frames import shown
from whenabouts.grounders.llm.systems.videomind.prompts import (
    ANSWERER,
    GROUNDER,
    PLANNER,
    VERIFIER,
    Plan,
    Role,
    as_event,
    read_plan,
)
from whenabouts.grounders.llm.systems.videomind.verifying import (
    FINEST,
    boundaries,
    clamped,
    rounded,
    thirds,
    verifier_score,
    widened,
)
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.video import Video

if TYPE_CHECKING:
    from whenabouts.grounders.llm.systems.videomind.mind import Mind

__all__ = ["VideoMind"]

BESIDE = (PLANNER, VERIFIER, ANSWERER)  # the roles beside the grounder
VERIFIED = 5  # candidates that the verifier looks at
CROP = 32.0  # seconds that the answerer is shown at least


@dataclass
class VideoMind(System):
    """A checkpoint in the authors' folder, `videomind:FOLDER`, with its base model beside it.

    frames, fps: of what the grounder is shown
    roles: those that play beside the grounder. The `planner` may reword the query, or decide that no moment is looked
        for; the authors' evaluation goes without. The `verifier` ranks the five best, and only these are answered. The
        `answerer` says in words what the best moment answers; the base model does, where there is no such adapter
    unit:  seconds to whose multiples spans are rounded before the verifier sees them. The authors' evaluation has one
        for each data set, which the protocol `videomind` also applies

    A score is the verifier's, else the grounder's. All steps are in `trace`, the answers in words in `said`.
    Raises InputError for a role that does not exist.
    """

    name = "videomind"
    paper = VIDEOMIND

    roles: Sequence[str] = (VERIFIER.name,)
    unit: float = FINEST

    def __post_init__(self) -> None:
        if unknown := set(self.roles) - {role.name for role in BESIDE}:
            raise InputError(f"VideoMind has no role {min(unknown)!r}; there are planner, verifier and answerer")

    def load(self, folder: Path, device: str) -> Mind:
        """The model with all its adapters. Raises ModelError, MissingExtra."""
        try:
            from whenabouts.grounders.llm.systems.videomind.folder import Folder
            from whenabouts.grounders.llm.systems.videomind.mind import Mind
        except ImportError as error:
            raise MissingExtra("rl", "VideoMind") from error
        return Mind.load(Folder.of(folder), device)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights held by now."""
        mind = self.__dict__.get("loaded")
        return mind.weight_bytes if mind else 0

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query. Raises VideoError, ModelError, MissingExtra."""
        courses, plays = [_Course(query) for query in queries], self._playing()
        if PLANNER in plays:
            self._plan(video, courses)
        self._ground(video, courses, verified=VERIFIER in plays)
        for each in courses:
            if VERIFIER in plays and len(each.candidates) > 1:
                self._verify(video, each)
            if ANSWERER in plays:
                self._say(video, each)
        return [self._prediction(video, each, plays) for each in courses]

    def ask(
        self, loaded: Mind, frames: Frames, queries: Sequence[str], duration: float
    ) -> list[tuple[list[Moment], str]]:
        """The grounder alone: its moments, best first, none where it names none, and the words of its answer.

        Raises ModelError where the head computes no numbers.
        """
        found = []
        with loaded.playing(GROUNDER.name):
            for query in queries:
                spans, said = loaded.ground(GROUNDER.prompt.format(as_event(query)), frames)
                if spans is not None and spans.isnan().any():
                    raise ModelError(f"the head of {self.model} gives no numbers; its weights may be damaged")
                rows = [] if spans is None else (spans * spans.new_tensor([duration, duration, 1.0])).tolist()
                found.append((self._moments(rows, duration), said))
        return found

    def identities(self, loaded: Mind) -> dict[str, str]:
        """sha256 of the weights of base model, adapters and head, by name."""
        return loaded.identities

    def _playing(self) -> list[Role]:
        """The roles that play: a verifier only where the checkpoint has one. Raises ModelError for a planner."""
        if PLANNER.name in self.roles and PLANNER.name not in self.loaded.adapters:
            raise ModelError(f"{self.model} has no planner; leave that role out")
        beside = [role for role in BESIDE if role.name in self.roles]
        return [GROUNDER, *[role for role in beside if role != VERIFIER or role.name in self.loaded.adapters]]

    def _moments(self, rows: Sequence[Sequence[float]], duration: float) -> list[Moment]:
        """Of start and end in seconds, and score, those inside the video; one that rounding empties is left out."""
        spans = [(rounded(clamped((start, end), duration), self.unit), score) for start, end, score in rows]
        return [Moment(start, end, score) for (start, end), score in spans if start < end]

    def _plan(self, video: Video, courses: Sequence[_Course]) -> None:
        frames = shown(video, PLANNER.shown)
        with self.loaded.playing(PLANNER.name):
            for each in courses:
                words = self.loaded.say(PLANNER.prompt.format(each.query), frames)
                each.plan = read_plan(words, each.query)
                each.step("plan", words, event=each.plan.event)
                if not each.plan.understood:
                    each.notes.append("the plan could not be read; the query was asked as it is")

    def _ground(self, video: Video, courses: Sequence[_Course], *, verified: bool) -> None:
        sought = [each for each in courses if each.plan.event is not None]
        if not sought:
            return
        frames = shown(video, GROUNDER.shown, fps=self.fps, frames=self.frames)
        events = [each.plan.event or "" for each in sought]
        for each, (moments, words) in zip(sought, self.ask(self.loaded, frames, events, video.duration), strict=True):
            each.candidates = moments or _failed(video.duration, each.notes, verified=verified)
            rows = [[m.start, m.end, round(m.score, 4)] for m in each.candidates[:VERIFIED]]
            each.step("ground", words, event=each.plan.event, moments=rows)

    def _verify(self, video: Video, each: _Course) -> None:
        moments, scores = each.candidates[:VERIFIED], []
        for moment in moments:
            span = moment.start, moment.end
            frames = shown(video, VERIFIER.shown, widened(span, video.duration))
            marks = boundaries(span, video.duration, len(frames.images) // 2)
            with self.loaded.playing(VERIFIER.name):
                likely = self.loaded.agrees(VERIFIER.prompt.format(each.query), frames, marks)
            scores.append(verifier_score(*likely))
        order = sorted(range(len(moments)), key=lambda i: -scores[i])
        each.candidates = [Moment(moments[i].start, moments[i].end, scores[i]) for i in order]
        each.trace.append({"step": "verify", "event": each.query, "scores": [round(score, 4) for score in scores]})

    def _say(self, video: Video, each: _Course) -> None:
        best = (each.candidates[0].start, each.candidates[0].end) if each.candidates else (0.0, video.duration)
        stretch = clamped(best, video.duration, CROP)
        with self.loaded.playing(ANSWERER.name):
            words = self.loaded.say(ANSWERER.prompt.format(each.query), shown(video, ANSWERER.shown, stretch))
        each.step("answer", words, moment=list(stretch))

    def _prediction(self, video: Video, each: _Course, plays: Sequence[Role]) -> Prediction:
        if VERIFIER.name in self.roles and VERIFIER not in plays:
            each.notes.append("the checkpoint has no verifier; the grounder's own order stands")
        roles = {role.name: self._shows(role) for role in plays}
        settings = asked(self.paper) | {name: roles[GROUNDER.name][name] for name in ("fps", "frames")}
        settings |= {"decoding": {"tokens": self.paper.tokens, "temperature": 0.0}, "roles": roles, "unit": self.unit}
        return Prediction(
            each.query,
            tuple(each.candidates),
            video.duration,
            video=str(video.path),
            receipt=self.receipt(video, self.identities(self.loaded), **settings),
            failure=None if each.candidates else "the planner answers without looking for a moment",
            said=tuple(each.said),
            notes=tuple(each.notes),
            trace=tuple(each.trace),
        )

    def _shows(self, role: Role) -> dict[str, Any]:
        """What decides a role's answer: the sha256 of its prompt, frames per second, frames and tokens of a frame."""
        own = role == GROUNDER
        return {
            "prompt": sha256(role.prompt.encode()).hexdigest(),
            "fps": (own and self.fps) or role.shown.fps,
            "frames": (own and self.frames) or role.shown.max_frames,
            "tokens": [role.shown.min_tokens, role.shown.max_tokens],
        }


def _failed(duration: float, notes: list[str], *, verified: bool) -> list[Moment]:
    """Where the grounder names nothing: five thirds for the verifier, or the whole video."""
    if verified:
        notes.append("the grounder named no moment; the verifier chose among five thirds of the video")
        return [Moment(*span, 0.0) for span in thirds(duration)]
    notes.append("the grounder named no moment; the answer is the whole video")
    return [Moment(0.0, duration, 0.0)]


@dataclass
class _Course:
    """A query on its way through the roles."""

    query: str
    plan: Plan = field(init=False)
    candidates: list[Moment] = field(default_factory=list)
    trace: list[dict[str, Any]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plan = Plan(self.query)

    def step(self, name: str, words: str, **more: Any) -> None:
        """Keep what a role said and what came of it."""
        self.said.append(words)
        self.trace.append({"step": name, "said": words, **more})
