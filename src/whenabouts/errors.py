"""Every error whenabouts raises on purpose, on one screen.

    WhenaboutsError
    ├── InputError            what the caller gave cannot be used
    │   ├── VideoError        a media file: missing, empty, truncated, no video stream, over a limit
    │   ├── AnnotationError   a row of a prediction or ground-truth file (names file, line, field)
    │   │   └── OfficialCrash     the official evaluator stops here: `EXC TypeError: ...` holds its own words
    │   ├── QueryError        an empty query, or an option that cannot be used
    │   ├── MomentError       numbers that are not a moment, such as an end before its start
    │   └── LibraryError      a library that cannot be opened, read or written
    ├── ModelError            a model or checkpoint that is missing, foreign or damaged
    ├── PluginError           a part that another package adds and that cannot be loaded
    ├── MissingExtra          an optional dependency that is not installed
    ├── StorageError          a disk that is full, read-only or gone, or a file that cannot be written
    └── ServerError           what the server cannot do now
        ├── TaskFailed        a worker process could not do a task
        ├── ProcessEnded      a worker process ended before its task did
        ├── QueueFull         no more jobs are taken: of one client, or of any
        └── DataUnavailable   the disk of the server is full, read-only, gone, locked or damaged

The message is one sentence: what was wrong, where, and what to do. The command line prints it without a
traceback; anything that is *not* a `WhenaboutsError` is a bug in whenabouts.
"""

from __future__ import annotations

__all__ = [
    "AnnotationError",
    "DataUnavailable",
    "InputError",
    "LibraryError",
    "MissingExtra",
    "ModelError",
    "MomentError",
    "OfficialCrash",
    "PluginError",
    "ProcessEnded",
    "QueryError",
    "QueueFull",
    "ServerError",
    "StorageError",
    "TaskFailed",
    "VideoError",
    "WhenaboutsError",
]


BEGINNING, END = 1500, 300  # characters of a message that are kept where it is longer


class WhenaboutsError(Exception):
    """Base of all deliberate errors; `str(error)` is a sentence for a person.

    Of what a file or a request holds and a message quotes, at most so much is repeated that it can be read.
    """

    def __str__(self) -> str:
        text = super().__str__()
        return text if len(text) <= BEGINNING + END else f"{text[:BEGINNING]} […] {text[-END:]}"


class InputError(WhenaboutsError, ValueError):
    """What the caller gave cannot be used."""


class VideoError(InputError):
    """A media file cannot be opened, read or written as requested."""


class QueryError(InputError):
    """A query that cannot be answered, such as an empty one, or an option that cannot be used."""


class MomentError(InputError):
    """Numbers that are not a moment or a curve, such as an end before its start."""


class LibraryError(InputError):
    """A library cannot be opened, read or written."""


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


class StorageError(WhenaboutsError, OSError):
    """A file cannot be written: the disk is full, read-only or gone, or its name or folder is not possible.

    It is an OSError as well, whose `errno` says which, and `strerror` the whole sentence.

    >>> error = StorageError(28, "answers.jsonl cannot be written: the disk is full; free some space and try again")
    >>> error.errno, str(error)
    (28, 'answers.jsonl cannot be written: the disk is full; free some space and try again')
    """

    def __str__(self) -> str:
        return str(self.strerror)


class ServerError(WhenaboutsError):
    """The server cannot do now what was requested."""


class TaskFailed(ServerError):
    """A worker process of the server could not do a task.

    internal: whether the fault is in whenabouts, rather than in the request, the video or the library
    """

    def __init__(self, sentence: str, *, internal: bool = False) -> None:
        super().__init__(sentence)
        self.internal = internal


class ProcessEnded(ServerError):
    """A worker process of the server ended before its task did: it crashed, was stopped, or took too long."""


class QueueFull(ServerError):
    """The server takes no more jobs for now.

    of_client: whether that is because of the jobs of this client, rather than of all clients

    >>> str(QueueFull(of_client=True))
    'too many of your jobs are waiting; try again later'
    """

    def __init__(self, *, of_client: bool) -> None:
        super().__init__(f"too many {'of your ' if of_client else ''}jobs are waiting; try again later")
        self.of_client = of_client


class DataUnavailable(ServerError):
    """The data of the server cannot be read or written for now; what was to be written is not.

    reason: one of `whenabouts.server.disk.SENTENCES`, such as "full"
    """

    def __init__(self, sentence: str, reason: str) -> None:
        super().__init__(sentence)
        self.reason = reason
