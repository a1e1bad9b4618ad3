"""Bodies and responses of the HTTP API; the bodies of find, search and index are those of `whenabouts.commands`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, model_validator
from pydantic_core import PydanticCustomError

from whenabouts.commands import Query
from whenabouts.commands.command import MAX_QUERY_CHARS
from whenabouts.interchange.formats import FORMATS
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.server.jobs.store import JobKind, JobState

__all__ = [
    "About",
    "Agreement",
    "Annotation",
    "AnnotationList",
    "ClipBody",
    "CorrectionBody",
    "Error",
    "EvidenceKindFacts",
    "ExportBody",
    "FolderFacts",
    "FormatFacts",
    "Health",
    "Job",
    "JobList",
    "LibraryHit",
    "LibraryHits",
    "QueryAgreement",
    "StandingQuery",
    "Strip",
    "VideoFacts",
    "VideoList",
    "VideoSummary",
    "Watch",
    "WatchBody",
    "WatchList",
    "WatchQueryBody",
    "Words",
]

Seconds = Annotated[FiniteFloat, Field(ge=0, le=1e9)]
Window = Annotated[list[Seconds], Field(min_length=2, max_length=2)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Error(BaseModel):
    """Why a request was refused, in one sentence."""

    error: str


class Health(BaseModel):
    """The server is running. It is degraded where nothing can be saved, and `reason` says why; reads go on."""

    status: Literal["ok", "degraded"]
    reason: str | None = None
    version: str


class FormatFacts(BaseModel):
    """A file format: its name in requests, the suffix of its files, and the programs that it is for."""

    name: str
    suffix: str
    use: str


class FolderFacts(BaseModel):
    """An allowed folder; `indexed` says whether the library holds any of its videos."""

    id: str
    name: str
    indexed: bool


class EvidenceKindFacts(BaseModel):
    """A kind of evidence: its name in requests and predictions, and words for people."""

    name: str
    label: str


class About(BaseModel):
    """What this server offers; a presence below `absent_below` means that a query probably does not happen.

    `streams`: whether any addresses on the network may be watched
    """

    version: str
    models: list[str]
    evidence: list[EvidenceKindFacts]
    absent_below: float
    uploads: bool
    upload_limit: int
    formats: list[FormatFacts]
    folders: list[FolderFacts]
    library: bool
    streams: bool


class VideoSummary(BaseModel):
    """A video in a folder; `within` is the path between the two, `size` is in bytes."""

    id: str
    name: str
    folder: str
    within: str
    size: int
    modified: str


class VideoList(BaseModel):
    """A page of a list of videos; `total` is the length of the list."""

    videos: list[VideoSummary]
    total: int


class VideoFacts(VideoSummary):
    """A video that was opened. `frame` is the duration of one picture; all times are in seconds.

    `player`: whether browsers play the file itself, a copy of it, or neither.
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
    """Pictures along a video, as data URLs of JPEG files."""

    pictures: list[str]


class Line(BaseModel):
    """A line of text, and when it is heard or seen, in seconds; `kind` is the kind of evidence that it is."""

    start: float
    end: float
    kind: str
    text: str


class Words(BaseModel):
    """The known words of a video; `complete` once speech and text on screen were both read."""

    lines: list[Line]
    complete: bool


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _format(name: str) -> str:
    if name not in FORMATS:
        raise PydanticCustomError("format", "unknown format; choose one of: {names}", {"names": ", ".join(FORMATS)})
    return name


class ExportBody(_Body):
    """Predictions of one video, and the format to write them in."""

    format: Annotated[str, Field(json_schema_extra={"enum": list(FORMATS)}), AfterValidator(_format)]
    predictions: Annotated[list[Prediction], Field(max_length=1000)]


class ClipBody(_Body):
    """A stretch of a video to cut out, in seconds; `query` becomes a part of the file name."""

    start: Seconds
    end: Seconds
    smart: bool = False
    query: Annotated[str, Field(max_length=MAX_QUERY_CHARS)] = "clip"


class CorrectionBody(_Body):
    """One annotator's windows [start, end] for one query, in seconds; none mean that it does not happen."""

    query: Query
    annotator: Name
    windows: Annotated[list[Window], Field(max_length=1000)]


class Annotation(BaseModel):
    """A saved correction, and when it was saved."""

    query: str
    annotator: str
    windows: list[list[float]]
    saved: str


class AnnotationList(BaseModel):
    """The annotations of one video."""

    annotations: list[Annotation]


class QueryAgreement(BaseModel):
    """Mean tIoU between the annotators of a query, from 0 to 1; null for a single annotator."""

    query: str
    annotators: list[str]
    tiou: float | None


class Agreement(BaseModel):
    """Agreement by query, and the mean over the queries with several annotators."""

    queries: list[QueryAgreement]
    mean: float | None


class LibraryHit(BaseModel):
    """A moment of a video of the library, the address of its thumbnail, and what is damaged of the video.

    unlikely: whether it is listed only as the nearest that there is
    """

    video: str | None
    name: str
    moment: Moment
    picture: str | None
    notes: list[str] = []
    unlikely: bool = False


class LibraryHits(BaseModel):
    """Moments, best first, and whether what is sought is in any of the videos.

    presence: P(it happens in one of them), null where scores only rank; `absent` is whether it is probably in none, and
    the moments are then only the nearest. `videos` is how many were searched. `notes` say what must be known.
    """

    hits: list[LibraryHit]
    presence: float | None = None
    absent: bool = False
    videos: int = 0
    notes: list[str] = []


class Picture(BaseModel):
    """An uploaded picture: what the field `like` of a find or a search takes, and the address of a thumbnail."""

    like: str
    sha256: str
    picture: str


class Job(BaseModel):
    """A job: its request, its state and its result; `position` is its place in the queue, from 1, else 0.

    `result` is null until the job is done, and in lists of jobs. `early` is what a running find has found so far, in
    the form of its result.
    """

    id: str
    kind: JobKind
    state: JobState
    video: str | None
    request: dict[str, Any]
    step: str
    progress: float
    position: int
    error: str | None
    early: Any = None
    result: Any
    created: str
    started: str | None
    ended: str | None


class JobList(BaseModel):
    """Jobs, newest first."""

    jobs: list[Job]


class WatchBody(BaseModel):
    """What to watch, either a video of this server or an address that its operator allowed, and the queries.

    `follow`: the video is still being written. `speed`: how many times as fast as it plays; 1 by default.
    """

    model_config = ConfigDict(extra="forbid")

    video: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    url: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    queries: Annotated[
        list[Query], Field(min_length=1, max_length=100), AfterValidator(lambda given: list(dict.fromkeys(given)))
    ]
    follow: bool = False
    speed: Annotated[FiniteFloat, Field(gt=0, le=1000)] | None = None
    threshold: Annotated[FiniteFloat, Field(ge=0, le=1)] | None = None

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.video is None) == (self.url is None):
            raise ValueError("name either a video or a url")
        return self


class WatchQueryBody(BaseModel):
    """One more query for a watch."""

    model_config = ConfigDict(extra="forbid")

    query: Query


class StandingQuery(BaseModel):
    """A query of a watch, in seconds of the stream.

    `since`: when what happens now began; `last`: the moment that ended last; `moments`: how many there were
    """

    query: str
    since: float | None = None
    last: tuple[float, float] | None = None
    moments: int = 0


class Watch(BaseModel):
    """A watch as it stands. `told` are the newest rows, newest first, as `whenabouts watch --json` writes them.

    `clock`: seconds of the stream that were looked at; `rate`: pictures a second; `behind`: seconds that the newest had
    waited; `lost`: the source is away
    """

    id: str
    source: str
    video: str | None
    state: Literal["running", "ended", "failed"]
    error: str | None
    created: str
    clock: float
    rate: float
    behind: float
    lost: bool
    queries: list[StandingQuery]
    told: list[dict[str, Any]]


class WatchList(BaseModel):
    """Watches, newest first."""

    watches: list[Watch]
