"""Every error whenabouts raises on purpose, on one screen.

    WhenaboutsError
    ├── InputError            what the caller gave cannot be used
    │   ├── VideoError        a media file: missing, empty, truncated, no video stream, over a limit
    │   ├── AnnotationError   a row of a prediction or ground-truth file (names file, line, field)
    │   │   └── OfficialCrash     the official evaluator stops here: `EXC TypeError: ...` holds its own words
    │   └── QueryError        an empty or unusable query
    ├── ModelError            a model or checkpoint that is missing, foreign or damaged
    ├── PluginError           a part that another package adds and that cannot be loaded
    └── MissingExtra          an optional dependency that is not installed

The message is one sentence: what was wrong, where, and what to do. The command line prints it without a
traceback; anything that is *not* a `WhenaboutsError` is a bug in whenabouts.
"""

from __future__ import annotations

__all__ = [
    "AnnotationError",
    "InputError",
    "MissingExtra",
    "ModelError",
    "OfficialCrash",
    "PluginError",
    "QueryError",
    "VideoError",
    "WhenaboutsError",
]


class WhenaboutsError(Exception):
    """Base of all deliberate errors; `str(error)` is a sentence for a person."""


class InputError(WhenaboutsError, ValueError):
    """What the caller gave cannot be used."""


class VideoError(InputError):
    """A media file cannot be opened, read or written as asked."""


class QueryError(InputError):
    """A query that cannot be answered, such as an empty one."""


class AnnotationError(InputError):
    """A row of a prediction or annotation file is wrong; the message names file, line and field."""


class OfficialCrash(AnnotationError):
    """Under `strict_official`: the official evaluator raises an exception on this input, and the message quotes it.

    >>> str(OfficialCrash(IndexError("list index out of range")))
    'EXC IndexError: list index out of range'
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(f"EXC {type(error).__name__}: {error}")


class ModelError(WhenaboutsError):
    """A model or checkpoint is missing, of another kind, or damaged."""


class PluginError(WhenaboutsError):
    """A part that another package adds cannot be loaded."""


class MissingExtra(WhenaboutsError, ImportError):
    """An optional dependency is absent.

    >>> str(MissingExtra("hub", "the hub encoder"))
    "the hub encoder needs an extra: pip install 'whenabouts[hub]'"
    """

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(f"{what} needs an extra: pip install 'whenabouts[{extra}]'")
        self.extra = extra
