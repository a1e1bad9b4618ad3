"""Asking an engine about frames: how their times reach it, fewer of them where it takes no more, and what to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Engine, Frames, Reply, TooManyFrames
from whenabouts.grounders.llm.limit import Limit
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.sampling import PAIR
from whenabouts.selection import Selection

__all__ = ["APART", "Seen", "ask_within_limit", "selecting", "stamped"]

APART = (
    "the model sees two frames as one step of time, so each chosen picture is a step of its own, with its time written "
    "before it, and counts as two frames"
)
UNEVEN = "the frames come at uneven distances, so their times were written before them"
HeardOf = Callable[[int, list[Reply], Frames], None]  # as `Heard`, with what they were shown
Show = Callable[[int | None], tuple[list[Conversation], Frames]]  # at most so many frames -> what is asked about them


@dataclass(slots=True)
class Seen:
    """What a model was shown in the course of one question, for the receipt, and what is to be told of it.

    stamped: times were written before frames though the paper does not
    ended:   why nothing more was asked after the first answers
    limit:   frames that are taken at once, where the engine does not keep that itself
    selections: what a selector chose, by query
    """

    shown: list[Frames] = field(default_factory=list)
    stamped: bool = False
    limit: Limit = field(default_factory=Limit)
    notes: list[str] = field(default_factory=list)
    ended: str = ""
    selections: dict[str, list[Selection]] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        """Frames shown, their rate and their size in pixels: one value each, or all that there were."""
        shapes = [frames.images[0].shape for frames in self.shown if frames.images]
        every: dict[str, list[Any]] = {
            "frames": [len(frames.times) for frames in self.shown],
            "fps": [round(frames.fps, 4) for frames in self.shown],
            "size": [f"{shape[1]}x{shape[0]}" for shape in shapes],
        }
        each = {name: list(dict.fromkeys(values)) for name, values in every.items() if values}
        found = {name: values[0] if len(values) == 1 else values for name, values in each.items()}
        return found | selecting(one for several in self.selections.values() for one in several)

    @property
    def models(self) -> dict[str, str]:
        """The sha256 of the weights that chose, by name."""
        every = (one for several in self.selections.values() for one in several)
        return {name: sha256 for one in every for name, sha256 in one.models.items()}

    def noted(self, query: str) -> list[str]:
        """What is to be told of the answer to a query."""
        return [*self.notes, *(note for one in self.selections.get(query, ()) for note in one.notes)]

    def tell(self, note: str) -> None:
        """Keep a note, once."""
        if note not in self.notes:
            self.notes.append(note)


def selecting(selections: Iterable[Selection]) -> dict[str, Any]:
    """For a receipt: which selector chose frames, its settings, and how many pictures it looked at; empty of none."""
    every = list(selections)
    if not every:
        return {}
    looked = sum(one.looked for one in every)
    return {"select": {"selector": every[0].selector, **every[0].settings, "looked": looked}}


def stamped(prompting: Prompting, engine: Engine, frames: Frames, seen: Seen) -> bool:
    """Whether times must be written before frames, so that they survive the way to the model.

    An engine that has a model count at an even rate cannot tell uneven times: they are then written, and a note says
    so. What is sent as a video sees to that by itself.
    """
    positions = prompting.stamps == "none" and not engine.stamped and getattr(engine, "send", "") != "video"
    uneven = (positions or prompting.stamps == "even") and not frames.steady
    if uneven:
        seen.tell(UNEVEN)
    seen.stamped = uneven or (prompting.stamps == "none" and engine.stamped)
    return seen.stamped


def ask_within_limit(
    show: Show, engine: Engine, frames: int | None, decoding: Decoding, seen: Seen, heard: HeardOf | None = None
) -> tuple[list[list[Reply]], Frames]:
    """Replies to what is asked about at most `frames` frames, and the frames.

    Where the engine refuses so many, it is asked again with as many as it takes, or with half, and a note says so.
    Where it is lost after it answered about another part of the video, each reply is a failure, so that those answers
    are kept. Raises ModelError.
    """
    limit: Limit = getattr(engine, "limit", seen.limit)
    while True:
        most = None if limit.most is None else max(limit.most, PAIR)
        conversations, shown = show(min((each for each in (frames, most) if each is not None), default=None))
        count = len(shown.times)
        if seen.ended:
            return [[Reply("", failure=seen.ended)] * decoding.samples for _ in conversations], shown
        try:
            replies = engine.answer(conversations, shown, decoding, **_listening(heard, shown))
        except TooManyFrames as error:
            limit.refuse(count, error.limit)
            if (limit.most or 0) < PAIR or (most is not None and count > most):
                raise
            continue
        except ModelError as error:
            if not seen.shown:
                raise
            seen.ended = str(error)
            seen.tell(f"a part of the video was not asked about: {error}")
            continue
        seen.shown.append(shown)
        if most is not None and most - PAIR < count <= most and (frames is None or most < frames):
            seen.tell(limit.told(count))
        return replies, shown


def _listening(heard: HeardOf | None, shown: Frames) -> dict[str, Any]:
    """Only where somebody listens: an engine of somebody else may not tell what it hears."""
    return {} if heard is None else {"heard": lambda number, replies: heard(number, replies, shown)}
