"""Asking an engine about frames: how their times reach it, fewer of them where it takes no more, and what to tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from whenabouts.grounders.llm.conversation import Conversation, Decoding, Engine, Frames, Reply, TooManyFrames
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.sampling import PAIR

__all__ = ["Seen", "ask_within_limit", "told"]

Show = Callable[[int | None], tuple[list[Conversation], Frames]]  # at most so many frames -> what is asked about them
UNEVEN = "the frames come at uneven distances, so their times were written before them"
WRITTEN = {"frames": "before every frame", "pairs": "before every two frames", "list": "as one list"}


@dataclass(slots=True)
class Seen:
    """What a model was shown in the course of one question, for the receipt, and what is to be told of it.

    limit: frames that a server takes at once, as far as it refused more
    """

    shown: list[Frames] = field(default_factory=list)
    times: str = ""
    limit: int | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, Any]:
        """Frames shown, their rate, their size in pixels and how times were told: one value each, or all."""
        shapes = [frames.images[0].shape for frames in self.shown if frames.images]
        every: dict[str, list[Any]] = {
            "frames": [len(frames.times) for frames in self.shown],
            "fps": [round(frames.fps, 4) for frames in self.shown],
            "size": [f"{shape[1]}x{shape[0]}" for shape in shapes],
        }
        each = {name: list(dict.fromkeys(values)) for name, values in every.items() if values}
        return {name: values[0] if len(values) == 1 else values for name, values in each.items()} | {
            "times": self.times
        }

    def tell(self, note: str) -> None:
        """Keep a note, once."""
        if note not in self.notes:
            self.notes.append(note)


def told(prompting: Prompting, engine: Engine, frames: Frames, seen: Seen) -> dict[str, bool]:
    """How `Prompting.conversation` is to tell the times of frames, so that they survive the way to the model.

    An engine that tells a model the rate alone cannot tell uneven times: they are then written, and a note says so.
    """
    carried = getattr(engine, "send", "frames") == "video"
    stamped = engine.stamped
    if not stamped and prompting.written(stamped=False, carried=carried)[0] == "none":
        # a video is played at the rate of its frames; positions count steps of two frames at the rate that is told
        even = frames.steady(frames.rate, 0.5) if carried else frames.steady(frames.fps, PAIR / 2)
        if not even:
            stamped = True
            seen.tell(UNEVEN)
    where, _ = prompting.written(stamped=stamped, carried=carried)
    seen.times = WRITTEN.get(where) or ("in a video" if carried else "in the positions of tokens")
    return {"stamped": stamped, "carried": carried}


def ask_within_limit(
    show: Show, engine: Engine, frames: int | None, decoding: Decoding, seen: Seen
) -> tuple[list[list[Reply]], Frames]:
    """Replies to what is asked about at most `frames` frames, and the frames.

    Where the engine refuses so many, it is asked again with as many as it takes, or with half, and a note says so.
    Raises ModelError.
    """
    while True:
        known = [most for most in (frames, seen.limit, getattr(engine, "limit", None)) if most is not None]
        conversations, shown = show(min(known, default=None))
        count = len(shown.times)
        try:
            replies = engine.answer(conversations, shown, decoding)
        except TooManyFrames as error:
            fewer = min(error.limit or count // PAIR, count - 1)
            if fewer < PAIR:
                raise
            seen.limit = fewer
            continue
        seen.shown.append(shown)
        limit = min((most for most in known if most != frames), default=None)
        if limit is not None and limit - PAIR < count <= limit:
            seen.tell(f"the server takes at most {limit} frames at once, so {count} were shown")
        return replies, shown
