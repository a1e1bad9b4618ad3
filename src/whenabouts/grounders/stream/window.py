"""A bounded window around any grounder that takes a whole video: the last minute is grounded again and again.

The baseline that native streaming models tie with under equal budgets (arXiv:2603.21493, 2604.02317). It costs a whole
look at the window every `hop` seconds, and what happens is told of up to `hop` + `settle` seconds late.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from typing import Any, ClassVar

from numpy.typing import NDArray

from whenabouts.errors import InputError, MissingExtra, ModelError, WhenaboutsError
from whenabouts.grounders import load, settings_of
from whenabouts.grounders.grounder import Grounder, ask
from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.handover import HandOver, Rules, Window
from whenabouts.grounders.stream.online import OnlineGrounder
from whenabouts.grounders.stream.pictures import check, scaled
from whenabouts.moment import Evidence, Moment
from whenabouts.prediction import Prediction
from whenabouts.video.frame import Frame
from whenabouts.video.in_memory import InMemoryVideo

__all__ = ["WindowGrounder"]

OURS = Rules()
MOST_FAILURES = 32  # that wait to be asked for


class WindowGrounder(OnlineGrounder):
    """Grounds the last `seconds` of a stream every `hop` seconds with an offline grounder, and hands moments over.

    model:   anything `whenabouts.grounders.load` takes, or a grounder
    seconds: length of the window           hop: seconds of stream between two looks
    fps:     pictures kept a second; of more that are pushed, the first of each 1 / fps seconds
    side:    longest side of the kept pictures in pixels; larger ones are scaled down
    threshold, settle, patience: see `Rules`
    select:  what chooses the frames of the window that the model is shown, where that is one that is shown frames

    At most seconds × fps + 1 pictures of side² × 3 bytes are kept: 73 MB as set, and 41 MB of 16:9. The defaults
    are ours. Counting words of a query ("the second time") count within the window. A grounder that goes by contrast,
    such as `similarity`, does not find what fills more than half of what it sees: such a moment ends late, when it
    fills less, or unseen; for moments that last, take a window of more than twice their length.

    A look that fails, in whatever way, ends nothing: open moments stay open, `failures` says why. Before the first look
    that succeeds a failure is raised, so that a wrong address does not run on for ever. `failures` names moments too
    that were found only when the window had moved over their start. Raises InputError, ModelError.
    """

    name: ClassVar[str] = "window"

    def __init__(
        self,
        model: str | Grounder,
        *,
        seconds: float = 60.0,
        hop: float = 5.0,
        fps: float = 2.0,
        side: int = 448,
        threshold: float = OURS.threshold,
        settle: float = OURS.settle,
        patience: int = OURS.patience,
        select: str | None = None,
    ) -> None:
        super().__init__()
        if not 0 <= settle < hop + settle < seconds < math.inf:
            raise InputError(f"a window needs 0 <= settle < settle + hop < seconds, got {settle}, {hop} and {seconds}")
        if not (2 <= fps * seconds < math.inf and side >= 1 and 0 < threshold <= 1 and patience >= 1):
            raise InputError("a window needs two pictures, a side and patience of 1 or more, and a threshold in (0, 1]")
        self.model = model if isinstance(model, str) else str(getattr(model, "name", type(model).__name__))
        if select is not None and not isinstance(model, str):
            raise InputError("a grounder that is given chooses frames as it was made to; leave select out")
        self.grounder = _loaded(model, select) if isinstance(model, str) else model
        self.select = select
        self.seconds, self.hop, self.fps, self.side = seconds, hop, fps, side
        self.rules = Rules(threshold, settle, patience)
        self._frames: deque[Frame] = deque()
        self._now = -math.inf  # of the newest picture that was pushed
        self._next: float | None = None  # when to look again
        self._begun = 0.0  # the first picture since something was lost
        self._handed: dict[str, HandOver] = {}
        self._failures: deque[str] = deque(maxlen=MOST_FAILURES)
        self._models: dict[str, str] | None = None  # None before the first look that succeeded

    def added(self, query: str) -> None:
        """Begin with no moment of it."""
        self._handed[query] = HandOver(query, self.ledger, self.rules)

    def removed(self, query: str) -> None:
        """Forget its moments."""
        del self._handed[query]

    def push(self, frame: NDArray[Any], t: float) -> list[Event]:
        """Keep a picture, and look at the window where it is time to. Raises InputError, and `ground`'s errors."""
        check(frame, t, self._now)
        self._now = t
        if not self._frames or math.floor(t * self.fps + 1e-6) > math.floor(self._frames[-1].time * self.fps + 1e-6):
            self._frames.append(Frame(t, scaled(frame, self.side / max(frame.shape[:2]))))
        while self._frames[0].time < t - self.seconds:
            self._frames.popleft()
        if self._next is None:
            self._next, self._begun = t + self.hop, t
        if t < self._next - 1e-6:
            return []
        self._next += self.hop * (1 + (t - self._next) // self.hop)
        return self._look()

    def lost(self, since: float, until: float) -> list[Event]:
        """Look once more at what there was, end what goes on unseen, and begin with an empty window."""
        events = [*self._look(), *super().lost(since, until)]
        self._frames.clear()
        self._next = None
        for handed in self._handed.values():
            handed.forget()
        return events

    def failures(self) -> list[str]:
        """Why looks failed since this was asked last."""
        told = list(dict.fromkeys(self._failures))
        self._failures.clear()
        return told

    def snapshot(self) -> dict[str, Any]:
        """Queries, open moments and what was found; the pictures are not kept."""
        return super().snapshot() | {"found": {query: handed.snapshot() for query, handed in self._handed.items()}}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot, with an empty window."""
        super().restore(kept)
        for query, found in kept["found"].items():
            self._handed[query].restore(found)

    @property
    def resident_bytes(self) -> int:
        """Bytes of the pictures that are held."""
        return sum(frame.image.nbytes for frame in self._frames)

    @property
    def answered(self) -> bool:
        """Whether a look succeeded; until then a failure is raised, and ends a watch."""
        return self._models is not None

    @property
    def models(self) -> dict[str, str]:
        """The sha256 of the weights that answered, after the first look."""
        return dict(self._models or {})

    def settings(self) -> dict[str, Any]:
        """The model and the settings of the window."""
        rules = {"threshold": self.rules.threshold, "settle": self.rules.settle, "patience": self.rules.patience}
        window: dict[str, Any] = {"seconds": self.seconds, "hop": self.hop, "side": self.side}
        window |= {} if self.select is None else {"select": self.select}
        return super().settings() | {"model": self.model} | window | rules

    def _look(self) -> list[Event]:
        """Events of all queries from one look at the window; none where there is nothing to look at, or it fails."""
        if not self._frames or not self._queries:
            return []
        window = self._frames[0].time, self._frames[-1].time + 1 / self.fps
        try:
            answers = self._ask(window)
        except MissingExtra:
            raise
        except WhenaboutsError as error:
            if self._models is None:
                raise
            self._failures.append(str(error))
            return []
        events: list[Event] = []
        for query, answer in zip(self._queries, answers, strict=True):
            if answer.receipt is not None or self._models is None:
                self._models = dict(answer.receipt.models if answer.receipt else {})
            if answer.failure is not None:
                self._failures.append(f"{query}: {answer.failure}")
                continue
            told = self._handed[query].take(_placed(answer, window), window, self._now)
            if window[0] > self._begun:
                self._failures += [_late(each) for each in told if self._cut_off(each, window[0])]
            events += told
        return events

    def _ask(self, window: Window) -> list[Prediction]:
        """One answer per query. Raises WhenaboutsError, whatever the grounder raises."""
        try:
            return list(ask(self.grounder, InMemoryVideo(tuple(self._frames), *window), self._queries))
        except WhenaboutsError:
            raise
        except Exception as error:  # code of another package fails in any way it likes
            raise ModelError(f"{self.model} failed: {type(error).__name__}: {error}") from error

    def _cut_off(self, event: Event, left: float) -> bool:
        """Whether a moment begins only where the window does."""
        return event.state == "started" and event.start <= left + 1 / self.fps


def _late(event: Event) -> str:
    return f"{event.query}: moment {event.number} was found late, and may have begun before {event.start:.1f} s"


def _loaded(model: str, select: str | None) -> Grounder:
    """The grounder of that name; windows are seen once, so that nothing of them is cached on disk."""
    chosen = {} if select is None else {"select": select}
    return load(model, **({"cache": False} if "cache" in settings_of(model) else {}), **chosen)


def _placed(answer: Prediction, window: Window) -> list[Moment]:
    """The moments of an answer on the clock of the stream, cut to the window."""
    left, right = window
    inside = [(max(0.0, left + each.start), min(right, left + each.end), each) for each in answer.moments]
    return [Moment(start, end, each.score, _shifted(each, left)) for start, end, each in inside if start < end]


def _shifted(moment: Moment, by: float) -> tuple[Evidence, ...]:
    return tuple(replace(each, start=each.start + by, end=each.end + by) for each in moment.evidence)
