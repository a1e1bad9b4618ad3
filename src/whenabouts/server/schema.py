"""What the server is asked and what it answers; see also `whenabouts.commands` for find, search and index."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat
from pydantic_core import PydanticCustomError

from whenabouts.commands import Query
from whenabouts.interchange.formats import FORMATS
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction

__all__ = [
    "About",
    "Agreement",
    "Annotation",
    "Annotations",
    "Clip",
    "Correction",
    "Error",
    "Export",
    "FolderFacts",
    "FormatFacts",
    "Health",
    "Hit",
    "Hits",
    "Job",
    "Jobs",
    "Strip",
    "VideoFacts",
    "VideoFile",
    "VideoFiles",
    "Words",
]

Seconds = Annotated[FiniteFloat, Field(ge=0, le=1e9)]
Window = Annotated[list[Seconds], Field(min_length=2, max_length=2)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Kind = Literal["find", "clip", "copy", "index", "watch"]
State = Literal["queued", "running", "done", "failed", "cancelled"]


class Error(BaseModel):
    """Why not, in one sentence."""

    error: str


class Health(BaseModel):
    """The server runs."""

    status: Literal["ok"] = "ok"
    version: str


class FormatFacts(BaseModel):
    """A file format for editors, players or annotation programs."""

    name: str
    suffix: str


class FolderFacts(BaseModel):
    """An allowed folder; `indexed` says whether the library knows any video of it."""

    id: str
    name: str
    indexed: bool


class About(BaseModel):
    """What this server can do."""

    version: str
    models: list[str]
    uploads: bool
    upload_limit: int
    formats: list[FormatFacts]
    folders: list[FolderFacts]
    library: bool


class VideoFile(BaseModel):
    """A video in a folder; `within` are the folders between, `size` is in bytes."""

    id: str
    name: str
    folder: str
    within: str
    size: int
    modified: str


class VideoFiles(BaseModel):
    """Some of the videos there are."""

    videos: list[VideoFile]
    total: int


class VideoFacts(VideoFile):
    """A video that was opened. `frame` is the length of one picture; all times are in seconds.

    `player`: whether browsers play the file itself, a copy, or neither.
    """

    duration: float
    width: int
    height: int
    frame: float
    sound: bool
    player: Literal["file", "copy"] | None
    note: str | None
    timecode: str | None


class Strip(BaseModel):
    """Pictures along a video, as JPEG data addresses."""

    pictures: list[str]


class Line(BaseModel):
    """A line of text and when it is heard or seen, in seconds."""

    start: float
    end: float
    kind: str
    text: str


class Words(BaseModel):
    """What is known by now of what is said and written; `complete` once everything was listened to and read."""

    lines: list[Line]
    complete: bool


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _format(name: str) -> str:
    if name not in FORMATS:
        raise PydanticCustomError("format", "there is no such format; there are {names}", {"names": ", ".join(FORMATS)})
    return name


class Export(_Asked):
    """Predictions of one video for another program."""

    format: Annotated[str, Field(json_schema_extra={"enum": list(FORMATS)}), AfterValidator(_format)]
    predictions: Annotated[list[Prediction], Field(max_length=1000)]


class Clip(_Asked):
    """A stretch of a video, in seconds, as a file of its own; `query` names the file."""

    start: Seconds
    end: Seconds
    smart: bool = False
    query: Annotated[str, Field(max_length=2000)] = "clip"


class Correction(_Asked):
    """What an annotator says about one query: windows [start, end] in seconds; none means that it does not happen."""

    query: Query
    annotator: Name
    windows: Annotated[list[Window], Field(max_length=1000)]


class Annotation(BaseModel):
    """A correction that is saved, and when."""

    query: str
    annotator: str
    windows: list[list[float]]
    saved: str


class Annotations(BaseModel):
    """All of one video."""

    annotations: list[Annotation]


class QueryAgreement(BaseModel):
    """How much those who annotated a query agree, from 0 to 1; null for one alone."""

    query: str
    annotators: list[str]
    tiou: float | None


class Agreement(BaseModel):
    """Agreement by query, and the mean of those that several annotated."""

    queries: list[QueryAgreement]
    mean: float | None


class Hit(BaseModel):
    """A moment of a video of the library, and the address of its picture."""

    video: str | None
    name: str
    moment: Moment
    picture: str | None


class Hits(BaseModel):
    """The best first."""

    hits: list[Hit]


class Job(BaseModel):
    """What was asked and what became of it; `position` is its place in the queue, from 1, and 0 out of it.

    `result` is null until the job is done, and in lists of jobs.
    """

    id: str
    kind: Kind
    state: State
    video: str | None
    request: dict[str, Any]
    step: str
    progress: float
    position: int
    error: str | None
    result: Any
    created: str
    started: str | None
    ended: str | None


class Jobs(BaseModel):
    """The newest first."""

    jobs: list[Job]
