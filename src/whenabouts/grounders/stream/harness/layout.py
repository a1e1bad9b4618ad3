"""The conversation of a chunk, laid out for caches of prefixes: every second only adds to the end.

What is remembered stands at the beginning and is written once per chunk. The messages of one second are, byte for byte,
those of the second before, with its answer and the new second behind them; so a server that caches prefixes (vLLM,
SGLang, commercial ones) reads no more than one second anew. The engine on this machine keeps no such cache between two
seconds and reads the whole chunk each time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.llm.conversation import Conversation, Frames, Turn
from whenabouts.grounders.llm.shown import scaled
from whenabouts.grounders.stream.harness.units import MAX_CHARS, mark

__all__ = ["Chunk"]

Picture = NDArray[np.uint8]


class Chunk:
    """Seconds that are shown as they are, from `start` on, each with what was answered.

    opening: what stands before the first of them
    fps:     pictures per second
    """

    def __init__(self, system: str, opening: str, start: int, fps: float) -> None:
        self.start, self.fps = start, fps
        self.end = self._before = start  # of the last second, and of the one before
        self._turns = [Turn("system", (system,))]
        self._opening: tuple[str, ...] = (opening + "\n",)
        self._times: list[float] = []
        self._images: list[Picture] = []

    @property
    def seconds(self) -> int:
        """How many seconds are shown."""
        return sum(turn.role == "user" for turn in self._turns)

    @property
    def pictures(self) -> int:
        """How many pictures are shown."""
        return len(self._images)

    @property
    def nbytes(self) -> int:
        """Bytes of the pictures."""
        return sum(image.nbytes for image in self._images)

    @property
    def conversation(self) -> Conversation:
        """All turns so far."""
        return tuple(self._turns)

    @property
    def frames(self) -> Frames:
        """All pictures so far, with their times from the start of the chunk."""
        return Frames(tuple(self._times), tuple(self._images), self.fps)

    def show(self, second: int, times: Sequence[float], images: Sequence[Picture], words: Sequence[str] = ()) -> None:
        """Add the second from `second` on: its mark, its pictures at `times` (seconds of the stream), and words.

        Pictures of another size than the first of the chunk are squeezed to that.
        """
        first = len(self._images)
        size = (self._images or list(images))[0].shape[1::-1]
        self._images += [scaled(image, (size[0], size[1])) for image in images]
        self._times += [time - self.start for time in times]
        shown = range(first, len(self._images))
        said = ("\n" + "\n".join(words),) if words else ()
        before, self._opening = self._opening, ()
        self._turns.append(Turn("user", (*before, mark(second), *shown, *said)))
        self._before, self.end = self.end, second + 1

    def take_back(self) -> None:
        """Leave the last second out again, which was not answered and is not the first."""
        shown = sum(isinstance(part, int) for part in self._turns.pop().parts)
        del self._images[-shown:], self._times[-shown:]
        self.end = self._before

    def answer(self, text: str) -> None:
        """Add what was answered to the last second."""
        self._turns.append(Turn("assistant", (text[:MAX_CHARS],)))

    def asking(self, question: str) -> Conversation:
        """All turns, and a question about them; the chunk itself stays as it is."""
        return (*self._turns, Turn("user", (question,)))
