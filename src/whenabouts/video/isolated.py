"""Videos whose files are read in a child process: a file that crashes a decoder, or never ends, raises VideoError."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import ProcessEnded, VideoError
from whenabouts.isolation import ChildLimits, Children, Subject, name_of, named
from whenabouts.video.damage.failures import Failures
from whenabouts.video.damage.sentences import damage_of
from whenabouts.video.frame import Frame, Size
from whenabouts.video.limits import Limits
from whenabouts.video.probe import Probe
from whenabouts.video.sound_file import open_sound_too
from whenabouts.video.source import shown
from whenabouts.video.video import Video

__all__ = ["IsolatedVideo", "isolate", "isolated"]

Result = TypeVar("Result")
ENCODER, ENCODER_PER_PIXEL = 64 << 20, 100  # bytes that encoding a clip takes beside reading
LARGEST = 4096 * 2304  # pixels of a video that is given this room; of a larger one the limits must be raised
ADVICE = "; --limit allows more"


def isolate(limits: ChildLimits | None = None) -> None:
    """From now on, in all threads, videos that are opened are read in child processes, within `limits`."""
    Video.opened_as, IsolatedVideo.children = IsolatedVideo, Children(limits, ADVICE)


@contextmanager
def isolated(limits: ChildLimits | None = None) -> Iterator[None]:
    """In this block, in all threads, videos that are opened are read in child processes, within `limits`.

        with whenabouts.isolated():
            whenabouts.find("upload.mp4", "a dog")

    Answers are the same. A file that crashes FFmpeg, makes it loop, or needs more memory raises VideoError.
    """
    before = Video.opened_as, IsolatedVideo.children
    isolate(limits)
    children = IsolatedVideo.children
    try:
        yield
    finally:
        Video.opened_as, IsolatedVideo.children = before
        children.close()


class IsolatedVideo(Video):
    """A `Video` of which everything that opens the file happens in a child process; frames come as they are taken.

    sound_too: also a file of sound alone
    """

    children: ClassVar[Children] = Children()

    def __init__(self, path: str | PathLike[str], *, limits: Limits | None = None, sound_too: bool = False) -> None:
        self.path = Path(path)
        self.limits = limits or Limits()
        self.failures = Failures()
        self._known: Failures | None = None  # what failed before this video was opened again
        self._sound_too = sound_too
        self._subject: Subject | None = None
        self._broken: VideoError | None = None
        self.probe: Probe = self.read(_probe)

    def close(self) -> None:
        """Give the child back; it can be taken again."""
        subject, self._subject = self._subject, None
        if subject is not None:
            subject.close()

    def read(self, reading: Callable[..., Result], *arguments: Any) -> Result:
        """Like `Video.read`, in the child."""
        if self._broken is not None:
            raise self._broken
        try:
            if self._subject is None or not self._subject.usable:  # closed, or this process is a fork
                arguments_of_file = self.path, self.limits, self._sound_too, self._known
                self._subject, self._known = Subject(self.children, _opened, *arguments_of_file), self.failures
            result = self._subject.call(_read, name_of(reading), arguments)
        except ProcessEnded as error:
            raise self._unreadable(error) from None
        if isinstance(result, Iterator):
            return cast(Result, self._received(result))
        return cast(Result, self._noted(*result))

    def sample(
        self, fps: float = 1.0, *, start: float = 0.0, end: float | None = None, size: Size = None
    ) -> Iterator[Frame]:
        """Like `Video.sample`."""
        return self._frames_of("sample", fps, start=start, end=end, size=size)

    def in_two_sizes(self, fps: float, size: Size, other: Size, *, every: int) -> Iterator[tuple[Frame, Frame | None]]:
        """Like `Video.in_two_sizes`."""
        return self._frames_of("in_two_sizes", fps, size, other, every=every)

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """Like `Video.times`."""
        return self.read(_times)

    def at(self, times: Sequence[float], *, size: Size = None) -> Iterator[Frame]:
        """Like `Video.at`."""
        return self._frames_of("at", [float(time) for time in times], size=size)

    def keyframes(self, *, size: Size = None) -> Iterator[Frame]:
        """Like `Video.keyframes`."""
        return self._frames_of("keyframes", size=size)

    def around(
        self,
        time: float,
        radius: float = 1.0,
        fps: float | None = None,
        *,
        size: Size = None,
        most: int | None = None,
    ) -> Iterator[Frame]:
        """Like `Video.around`."""
        return self._frames_of("around", time, radius, fps, size=size, most=most)

    def cut(self, start: float, end: float, out: str | PathLike[str], *, smart: bool = False) -> Path:
        """Like `Video.cut`, in a child of its own with room for an encoder."""
        given, pixels = self.children.limits, self.probe.width * self.probe.height
        room = ENCODER + ENCODER_PER_PIXEL * (pixels if pixels <= LARGEST else 0)
        roomy = Children(replace(given, memory=given.memory + room), ADVICE)
        try:
            subject = Subject(roomy, _opened, self.path, self.limits, self._sound_too, self.failures)
            written = subject.call(_read, name_of(_cut), (start, end, Path(out), smart))
            subject.close()
        except ProcessEnded as error:
            raise VideoError(f"no clip of {shown(self.path)} can be written: {error}") from None
        finally:
            roomy.close()
        return cast(Path, self._noted(*written))

    def notes_between(self, start: float, end: float) -> tuple[str, ...]:
        """Like `Video.notes_between`."""
        return self.read(_notes, self.failures, start, end)

    def _frames_of(self, method: str, *arguments: Any, **keywords: Any) -> Iterator[Any]:
        return self.read(_frames, method, arguments, keywords)

    def _received(self, items: Iterator[tuple[Any, ...]]) -> Iterator[Any]:
        try:
            for failures, *parts in items:
                self._noted(None, failures)
                if parts:
                    yield parts[0] if len(parts) == 1 else tuple(parts)
        except ProcessEnded as error:
            raise self._unreadable(error) from None

    def _noted(self, value: Any, failures: Failures | int) -> Any:
        """Take over what failed in the child, or only how many pictures it decoded; parts hold the same object."""
        if isinstance(failures, int):
            self.failures.decoded = failures
        else:
            for each in fields(Failures):
                setattr(self.failures, each.name, getattr(failures, each.name))
        return value

    def _unreadable(self, error: ProcessEnded) -> VideoError:
        self._broken = VideoError(f"{shown(self.path)} cannot be read: {error}")
        return self._broken


# In the child:


def _opened(path: Path, limits: Limits, sound_too: bool, known: Failures | None) -> Video:
    Video.opened_as = None  # a fork has it from its parent
    video = open_sound_too(path) if sound_too else Video(path, limits=limits)
    video.failures = known or video.failures
    return video


def _read(video: Video, function: str, arguments: tuple[Any, ...]) -> Any:
    """What a function makes of a video, and beside it what failed so far; at the end of items that alone."""
    result = named(function)(video, *arguments)
    return _items(video, result) if isinstance(result, Iterator) else (result, video.failures)


def _items(video: Video, items: Iterator[Any]) -> Iterator[tuple[Any, ...]]:
    met = 0
    for item in items:
        failures = replace(video.failures) if video.failures.met != met else video.failures.decoded
        met = video.failures.met
        yield failures, *(item if isinstance(item, tuple) else (item,))
    yield (replace(video.failures),)  # a copy: what is the same object as before is not sent again


def _frames(video: Video, method: str, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Iterator[Any]:
    frames: Iterator[Any] = getattr(video, method)(*arguments, **keywords)
    return frames


def _notes(video: Video, failures: Failures, start: float, end: float) -> tuple[str, ...]:
    return damage_of(video.path, video.limits, video.probe, failures, (start, end))


def _probe(video: Video) -> Probe:
    return video.probe


def _times(video: Video) -> NDArray[np.float64]:
    return video.times


def _cut(video: Video, start: float, end: float, out: Path, smart: bool) -> Path:
    return video.cut(start, end, out, smart=smart)
