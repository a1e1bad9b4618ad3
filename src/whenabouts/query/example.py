"""`Example`: a picture, a frame of a video or a moment of one that is sought, alone or with words beside it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Self

from whenabouts.errors import QueryError
from whenabouts.query.parse import parse_query
from whenabouts.query.parsed import ParsedQuery

__all__ = ["Example"]

TIME = r"(?:\d+:){0,2}\d+(?:\.\d*)?|\.\d+"
TIMED = re.compile(rf"(?P<path>.*)@(?P<start>{TIME})(?:-(?P<end>{TIME}))?", re.DOTALL)
PICTURE = re.compile(r".*\.(?:png|jpe?g|webp|tiff?|gif|bmp)", re.DOTALL | re.IGNORECASE)
THIS = "this video"
IT = "it happens"  # completes "the second time", which is no sentence by itself


@dataclass(frozen=True, slots=True)
class Example:
    """What is sought looks like this.

    path:  of a picture or a video; "" is the video that is asked about
    start: seconds on the clock of the video; None for a picture
    end:   seconds at which the moment ends; None for a single frame

    In text it is `picture.jpg`, `video.mp4@12.5` or `video.mp4@12.5-15`, and `@12.5-15` in the same video; times may
    also be written 1:02:03.5.
    """

    path: str
    start: float | None = None
    end: float | None = None

    @classmethod
    def parse(cls, text: str, *, files: bool = True) -> Self:
        """Read the form in text. Raises QueryError.

        files: whether what is the name of a file is a picture, even where it ends as with a time: `me@12`

        >>> Example.parse("video.mp4@12.5-15")
        Example(path='video.mp4', start=12.5, end=15.0)
        >>> Example.parse("picture.jpg")
        Example(path='picture.jpg', start=None, end=None)
        """
        if not text.strip():
            raise QueryError("the example is empty; give a picture, or a video and a time: video.mp4@12.5")
        if files and _is_file(text):
            return cls(text)
        if "://" in text:
            raise QueryError(f"the example {text!r} is an address; download it, and give the file")
        if "@" not in text:
            return cls(text)
        timed = TIMED.fullmatch(text)
        start = _seconds(timed["start"]) if timed else 0.0
        end = _seconds(timed["end"]) if timed and timed["end"] else None
        if timed is None and PICTURE.fullmatch(text):
            return cls(text)
        if timed is None or not math.isfinite(start + (end or 0.0)):
            raise QueryError(
                f"the time in the example {text!r} is not understood; write seconds, minutes:seconds or "
                "hours:minutes:seconds, from 0: VIDEO@12.5 or VIDEO@1:02:03.5-1:02:10"
            )
        if end is not None and not start < end:
            raise QueryError(f"the example {text!r} ends before it starts; write START-END in seconds")
        return cls(timed["path"], start, end)

    def __str__(self) -> str:
        """The form in text."""
        if self.start is None:
            return self.path
        return f"{self.path}@{_written(self.start)}" + ("" if self.end is None else f"-{_written(self.end)}")

    @property
    def name(self) -> str:
        """The name of the file without its folder."""
        return PurePath(self.path).name or THIS

    @property
    def title(self) -> str:
        """What answers call it.

        >>> Example("talks/video.mp4", 12.5, 15.0).title
        'like video.mp4 from 12.5 to 15 s'
        """
        if self.start is None:
            return f"like {self.name}"
        times = f"at {self.start:.7g} s" if self.end is None else f"from {self.start:.7g} to {self.end:.7g} s"
        return f"like {self.name} {times}"

    def query(self, text: str = "") -> str:
        """The query of the example with words beside it; one that was made so before stays as it is.

        >>> example = Example("cat.jpg")
        >>> example.query("on a sofa")
        'on a sofa (like cat.jpg)'
        >>> example.query(example.query("on a sofa")), example.query()
        ('on a sofa (like cat.jpg)', 'like cat.jpg')
        """
        words = self.words(text) or ""
        return f"{words} ({self.title})" if words else self.title

    def words(self, query: str) -> str | None:
        """The words beside the example: "" where it stands alone; all of a query that does not name it.

        >>> Example("cat.jpg").words("on a sofa (like cat.jpg)")
        'on a sofa'
        """
        return "" if query == self.title else query.removesuffix(f"({self.title})").strip()

    def named_in(self, query: str) -> bool:
        """Whether a query is one of `query`."""
        return query == self.title or query.endswith(f" ({self.title})")

    def read(self, query: str) -> ParsedQuery:
        """What a query with the example asks: its constraints as for any query, and the example in its event.

        >>> Example("cat.jpg").read("the second time, after the break (like cat.jpg)").which
        2
        """
        words = self.words(query)
        if not words:
            return ParsedQuery(self.title)
        parsed = parse_query(words)
        if parsed.which is None and parsed.event:
            completed = parse_query(f"{parsed.event} {IT}")
            if completed.which is not None and completed.event == IT:
                parsed = replace(parsed, event="", which=completed.which)
        return replace(parsed, event=self.query(parsed.event), words=None, kind=None, act=None, asks=None)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _written(seconds: float) -> str:
    return repr(seconds) if "e" not in repr(seconds) else f"{seconds:.12f}"


def _seconds(time: str) -> float:
    total = 0.0
    for part in time.split(":"):
        total = 60 * total + float(part)
    return total
