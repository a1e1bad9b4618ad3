"""Bodies and responses of the HTTP API; the bodies of find, search and index are those of `whenabouts.commands`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, model_validator
from pydantic_core import PydanticCustomError

from whenabouts.benchmarks.annotations import Provenance
from whenabouts.commands import Find, Query
from whenabouts.commands.clips import ClipTemplate
from whenabouts.commands.command import MAX_QUERY_CHARS
from whenabouts.interchange.formats import FORMATS
from whenabouts.interchange.formats.format import Group
from whenabouts.interchange.only import Only
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.server.jobs.store import JobKind, JobState
from whenabouts.server.pictures import Place
from whenabouts.server.users import Scope

__all__ = [
    "About",
    "Agreement",
    "Annotation",
    "AnnotationList",
    "AuditFacts",
    "AuditList",
    "Batch",
    "BatchAnswer",
    "BatchBody",
    "BatchList",
    "BatchRow",
    "BatchSummary",
    "ClipBody",
    "ContactSheet",
    "CorrectionBody",
    "Error",
    "EvidenceKindFacts",
    "ExportBody",
    "FolderFacts",
    "FormatFacts",
    "FrameLabels",
    "Health",
    "HeardSound",
    "Job",
    "JobList",
    "LibraryHit",
    "LibraryHits",
    "ListedVideo",
    "LoginBody",
    "NumberedLine",
    "QueryAgreement",
    "QuestionBody",
    "QuestionList",
    "SavedQuestion",
    "Session",
    "ShownFrame",
    "SoundOf",
    "StandingQuery",
    "Strip",
    "TranscriptPage",
    "UserFacts",
    "VideoFacts",
    "VideoList",
    "VideoSummary",
    "Watch",
    "WatchBody",
    "WatchList",
    "WatchQueryBody",
    "Waveform",
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
    """A file format: its name in requests, the suffix of its files, and the programs that it is for.

    `group`: whether its files are for editing programs, for players and web pages, or data
    """

    name: str
    suffix: str
    use: str
    group: Group


class FolderFacts(BaseModel):
    """An allowed folder; `indexed` says whether the library holds any of its videos."""

    id: str
    name: str
    indexed: bool


class EvidenceKindFacts(BaseModel):
    """A kind of evidence: its name in requests and predictions, and words for people."""

    name: str
    label: str


class UserFacts(BaseModel):
    """A user of this server and what they may do: read, ask, correct, administer."""

    name: str
    scopes: list[Scope]


class About(BaseModel):
    """What this server offers; a presence below `absent_below` means that a query probably does not happen.

    `streams`: whether any addresses on the network may be watched
    `user`: who asks; null at a server without users
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
    user: UserFacts | None


class VideoSummary(BaseModel):
    """A video in a folder; `within` is the path between the two, `size` is in bytes."""

    id: str
    name: str
    folder: str
    within: str
    size: int
    modified: str


class ListedVideo(VideoSummary):
    """A video in a list; `duration` is in seconds, where it was asked for and the video can be read."""

    duration: float | None


class VideoList(BaseModel):
    """A page of a list of videos; `total` is the length of the list."""

    videos: list[ListedVideo]
    total: int


class FrameLabels(BaseModel):
    """How frames are named: the rate in frames a second as a fraction, drop-frame or not, and the first frame's number.

    The last counts the frames from the timecode 00:00:00:00 to that of the file's first frame; 0 without one.
    """

    rate: tuple[int, int]
    drop: bool
    start: int


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
    labels: FrameLabels


class Waveform(BaseModel):
    """The loudness of equal parts of a stretch: 0 to 255, null where it was not read yet; none without sound.

    Each request reads five minutes at most: where the answer is `partial`, ask again.
    """

    heights: list[int | None]
    partial: bool


class Strip(BaseModel):
    """Pictures along a video, as data URLs of JPEG files."""

    pictures: list[str]


class Line(BaseModel):
    """A line of text, and when it is heard or seen, in seconds; `kind` is the kind of evidence that it is.

    `speaker`: who says it, where the subtitles name somebody; the text is without that name
    """

    start: float
    end: float
    kind: str
    text: str
    speaker: str = ""


class Words(BaseModel):
    """The known words of a video; `complete` once speech and text on screen were both read."""

    lines: list[Line]
    complete: bool


class ShownFrame(BaseModel):
    """A picture as the data URL of a JPEG file, when it begins, and how editing programs call and count it."""

    time: float
    timecode: str
    frame: int
    picture: str


class ContactSheet(BaseModel):
    """Pictures on one, as the data URL of a JPEG file, row by row, each with its time written on it."""

    start: float
    end: float
    columns: int
    frames: list[Place]
    picture: str


class HeardSound(BaseModel):
    """A kind of sound, and when it is heard, in seconds."""

    what: str
    start: float
    end: float


class SoundOf(BaseModel):
    """The sound of a stretch as the data URL of a WAV file, and the kinds of sound that are known to be in it."""

    start: float
    end: float
    heard: list[HeardSound]
    sound: str


class NumberedLine(Line):
    """A line with its number among all lines, and whether the words that were searched for are in it."""

    number: int
    hit: bool


class TranscriptPage(BaseModel):
    """Lines of the known words; `complete` once speech and text on screen were both read.

    `total`: lines of all pages together; `hits`: those that the search found; `next`: the offset of the next page
    """

    lines: list[NumberedLine]
    total: int
    hits: int | None
    next: int | None
    complete: bool


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _format(name: str) -> str:
    if name not in FORMATS:
        raise PydanticCustomError("format", "unknown format; choose one of: {names}", {"names": ", ".join(FORMATS)})
    return name


class ExportBody(_Body):
    """Predictions of one video, the format to write them in, and which of their moments.

    `only`: `likely` leaves out what is probably not in the video, `confirmed` takes what a person marked; null is the
    format's default.
    """

    format: Annotated[str, Field(json_schema_extra={"enum": list(FORMATS)}), AfterValidator(_format)]
    predictions: Annotated[list[Prediction], Field(max_length=1000)]
    only: Only | None = None


class ClipBody(_Body):
    """A stretch of a video to cut out, in seconds; `name` is the template of the file's name, with `query` for a field.

    Without it the name has the query and the times.
    """

    start: Seconds
    end: Seconds
    smart: bool = False
    query: Annotated[str, Field(max_length=MAX_QUERY_CHARS)] = "clip"
    name: ClipTemplate | None = None


class CorrectionBody(_Body):
    """One annotator's windows [start, end] for one query, in seconds; none mean that it does not happen.

    `window_provenance`: of each window, edited where it is left out. `job`: the find whose answer is corrected.
    """

    query: Query
    annotator: Name
    windows: Annotated[list[Window], Field(max_length=1000)]
    window_provenance: Annotated[list[Provenance], Field(max_length=1000)] | None = None
    job: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None

    @model_validator(mode="after")
    def _one_for_each(self) -> Self:
        if self.window_provenance is not None and len(self.window_provenance) != len(self.windows):
            raise ValueError("window_provenance needs one entry for each of windows")
        return self


class Annotation(BaseModel):
    """A saved correction: when it was saved, and its version, which in quotes is its ETag.

    `provenance`: edited, or confirmed where the model's windows are all right as they are, or model where some of the
    model's are among them that nobody has checked. It is null for what an older version of whenabouts saved.
    `job`: the find whose answer was corrected.
    """

    query: str
    annotator: str
    windows: list[list[float]]
    saved: str
    version: int
    provenance: Provenance | None
    window_provenance: list[Provenance] | None
    job: str | None


class AnnotationList(BaseModel):
    """The annotations of one video. A change that got a version of at most `version` is in them."""

    annotations: list[Annotation]
    version: int


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


class QuestionBody(_Body):
    """A question to save, for the person `owner`; for everybody where that is null."""

    query: Query
    owner: Name | None = None


class SavedQuestion(BaseModel):
    """A saved question; `owner` is null where everybody shares it."""

    id: str
    query: str
    owner: str | None


class QuestionList(BaseModel):
    """Saved questions, in the order in which they were saved."""

    questions: list[SavedQuestion]


class BatchBody(_Body):
    """The videos to ask, by their ids, and what each of them is asked."""

    videos: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]], Field(min_length=1, max_length=1000)
    ]
    find: Find


class BatchAnswer(BaseModel):
    """What a video says to a question: how likely it happens, how many moments were found, and the earliest of them."""

    query: str
    presence: float | None
    absent: bool
    moments: int
    first: tuple[float, float] | None
    failure: str | None


class BatchRow(BaseModel):
    """A video of a batch, how far its job is, and its answers once that is done."""

    video: str
    name: str
    job: str
    state: JobState
    step: str
    progress: float
    error: str | None
    answers: list[BatchAnswer]


class Batch(BaseModel):
    """The table of a batch: a row for each video."""

    id: str
    queries: list[str]
    rows: list[BatchRow]


class BatchSummary(BaseModel):
    """A batch in a list: the number of its videos, and its questions."""

    id: str
    videos: int
    queries: list[str]
    created: str


class BatchList(BaseModel):
    """Batches, newest first."""

    batches: list[BatchSummary]


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


class LoginBody(BaseModel):
    """The token of a user, as the operator gave it."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, Field(min_length=1, max_length=200)]


class Session(BaseModel):
    """Who is logged in; null for nobody, and at a server without users."""

    user: UserFacts | None


class AuditFacts(BaseModel):
    """One thing that somebody did: when, who, from which address, by which request, and with which status."""

    number: int
    at: str
    user: str | None
    client: str
    action: str
    request: str
    status: int
    detail: dict[str, Any]


class AuditList(BaseModel):
    """Rows of the audit log, the newest first."""

    rows: list[AuditFacts]
