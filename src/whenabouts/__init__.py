"""Say when, in a video, a sentence happens.

    >>> import whenabouts
    >>> [answer] = whenabouts.find("talk.mp4", "a cup of coffee")
    >>> answer.best.start, answer.best.end
    (4.0, 8.0)

    open      a video, with true times            index     many videos into a library
    find      moments in a video                  search    moments in a library
    watch     a stream that has no end            select    the frames that show a sentence
    evaluate  predictions on a benchmark          stress    a model, to see its flaws
    diagnose  what a system gets wrong            compare   answers of two systems
    audit     what a score is worth               leaderboard  what was published
    load      a model by name
    read      predictions from a file             write     predictions to a file
    scenes    the shots of a video, in pictures   transcript  what is said, as a document
    stringout moments as cuts for an editor

Importing the package loads nothing heavy: each name loads what it needs when it is first used.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from whenabouts.errors import (
    AnnotationError,
    DataUnavailable,
    InputError,
    LibraryError,
    MissingExtra,
    ModelError,
    MomentError,
    OfficialCrash,
    PluginError,
    ProcessEnded,
    QueryError,
    QueueFull,
    ServerError,
    StorageError,
    TaskFailed,
    VideoError,
    WhenaboutsError,
)
from whenabouts.plugins import lazily
from whenabouts.telemetry import switch_off
from whenabouts.version import __version__

if TYPE_CHECKING:
    from typing import Unpack

    from whenabouts.auditing.audited import Audit
    from whenabouts.auditing.comparison import Comparison
    from whenabouts.auditing.detection import DetectionDiagnosis
    from whenabouts.auditing.diagnosis.beside import TwoDiagnoses
    from whenabouts.auditing.diagnosis.diagnosis import Diagnosis
    from whenabouts.auditing.leaderboard import Board, Listing
    from whenabouts.commands.keywords import (
        AuditOptions,
        CompareOptions,
        DiagnoseOptions,
        EvaluateOptions,
        FindOptions,
        IndexOptions,
        LeaderboardOptions,
        ScenesOptions,
        SearchOptions,
        SelectOptions,
        StressOptions,
        StringoutOptions,
        TranscribeOptions,
        WatchOptions,
    )
    from whenabouts.commands.watching import Tell, Watching
    from whenabouts.evaluation.report import Report
    from whenabouts.grounders.grounder import Grounder
    from whenabouts.interchange.scenes import SceneList
    from whenabouts.interchange.transcript import Transcript
    from whenabouts.library.hits import Hit, Hits
    from whenabouts.library.run import IndexReport
    from whenabouts.moment import Evidence, Moment
    from whenabouts.prediction import Prediction, Receipt, Saliency
    from whenabouts.selection import Selection
    from whenabouts.trust.stress import Report as StressReport
    from whenabouts.video import Video
    from whenabouts.video.isolated import isolated

    AnyPath = str | PathLike[str]

__all__ = [
    "AnnotationError",
    "DataUnavailable",
    "Evidence",
    "Grounder",
    "InputError",
    "LibraryError",
    "MissingExtra",
    "ModelError",
    "Moment",
    "MomentError",
    "OfficialCrash",
    "PluginError",
    "Prediction",
    "ProcessEnded",
    "QueryError",
    "QueueFull",
    "Receipt",
    "Saliency",
    "ServerError",
    "StorageError",
    "TaskFailed",
    "Video",
    "VideoError",
    "WhenaboutsError",
    "__version__",
    "audit",
    "compare",
    "diagnose",
    "evaluate",
    "find",
    "index",
    "isolated",
    "leaderboard",
    "load",
    "open",
    "read",
    "scenes",
    "search",
    "select",
    "stress",
    "stringout",
    "transcript",
    "watch",
    "write",
]

_VALUES = {
    "Evidence": "whenabouts.moment:Evidence",
    "Grounder": "whenabouts.grounders.grounder:Grounder",
    "Moment": "whenabouts.moment:Moment",
    "Prediction": "whenabouts.prediction:Prediction",
    "Receipt": "whenabouts.prediction:Receipt",
    "Saliency": "whenabouts.prediction:Saliency",
    "Video": "whenabouts.video:Video",
    "isolated": "whenabouts.video.isolated:isolated",
}

logging.getLogger(__name__).addHandler(logging.NullHandler())  # whose program this is decides what is shown
switch_off()  # before anything below this package imports a library that would report home


__getattr__ = lazily(__name__, _VALUES)


def __dir__() -> list[str]:
    return sorted({*globals(), *_VALUES})


def open(path: AnyPath, *, rate: float | None = None) -> Video:
    """Open a local media file, or a sequence of pictures that is shown at `rate` pictures a second.

        with whenabouts.open("video.mp4") as video:
            print(video.duration)
            for frame in video.sample(fps=1):
                ...
        whenabouts.open("frames", rate=25)           # a folder of PNG, JPEG or TIFF files
        whenabouts.open("frames/%05d.png", rate=25)

    Raises VideoError, and InputError for a rate of a file.
    """
    from whenabouts.video import Video
    from whenabouts.video.stills.sequence import at_rate

    return Video(at_rate(Path(path), rate))


def find(video: AnyPath | Video, queries: str | Sequence[str], **options: Unpack[FindOptions]) -> list[Prediction]:
    """Find every query in a video: one `Prediction` per query, in order. A string is one query.

        [answer] = whenabouts.find("video.mp4", "a man opens the fridge")
        whenabouts.find("talk.mkv", ["the budget is mentioned", "applause"], evidence=["said"], top=3)
        whenabouts.find("video.mp4", [], like="picture.jpg")          # what looks like an example
        whenabouts.find("match.mp4", "the second goal", model="openai:http://localhost:8000#qwen", budget="60s")

    Options are those of `whenabouts find` and the fields of `whenabouts.commands.Find`. Models stay loaded for the next
    call. The file is read in this process; for one that a stranger made, see `isolated`. Raises VideoError, QueryError,
    ModelError, InputError, MissingExtra.
    """
    from whenabouts.commands import Find
    from whenabouts.video import Video

    command = Find.of(queries=queries, **options)
    if isinstance(video, Video):
        return command.run(video)
    with command.open(video) as opened:
        return command.run(opened)


def watch(
    source: AnyPath, queries: str | Sequence[str], *, told: Tell | None = None, **options: Unpack[WatchOptions]
) -> Watching:
    """Watch a stream that may have no end: iterate over it for events, while what the queries say happens.

        with whenabouts.watch("rtsp://camera.lan/door", ["a parcel is delivered", "a dog"]) as watching:
            for event in watching:
                print(event.state, event.query, event.start, event.end)

    A source is a file, "-" for stdin, or an address. `told` receives everything: events, notices of the source, clips
    and troubles. `watching.add(query)`, `.remove(query)` and `.close()` may be called from any thread. Options are
    those of `whenabouts watch` and the fields of `whenabouts.commands.Watch`. Raises VideoError, QueryError,
    ModelError, InputError, MissingExtra.
    """
    from whenabouts.commands import Watch

    return Watch.of(queries=queries, **options).run(source, told=told)


def index(folder: AnyPath, library: AnyPath | None = None, **options: Unpack[IndexOptions]) -> IndexReport:
    """Take the videos of a folder into a library, which is FOLDER/.whenabouts if none is named.

        outcome = whenabouts.index("videos")
        print(len(outcome.indexed), outcome.failed)

    The same call again looks at what is new, moved, changed or gone. Options are those of `whenabouts index` and the
    fields of `whenabouts.commands.Index`. Raises InputError, LibraryError, ModelError, MissingExtra.
    """
    from whenabouts.commands import Index

    return Index.of(**options).run(Path(folder), None if library is None else Path(library))


def search(query: str | None, library: AnyPath | Sequence[AnyPath], **options: Unpack[SearchOptions]) -> Hits:
    """Find a sentence in all videos of a library: the best moments with the file that each is in, best first.

        found = whenabouts.search("a cat on a sofa", "videos/.whenabouts", top=5, since="2024-01-01")
        for hit in found:
            print(hit.path, hit.moment.start)
        found.absent                                                             # probably in none of the videos
        whenabouts.search(None, "videos/.whenabouts", like="picture.jpg")        # what looks like an example

    `library` may be several of them, made with the same encoder. Options are those of `whenabouts search` and the
    fields of `whenabouts.commands.Search`. Raises QueryError, InputError, LibraryError, ModelError, MissingExtra.
    """
    from whenabouts.commands import Search

    libraries = [library] if isinstance(library, str | PathLike) else library
    return Search.of(query=query, **options).run(*map(Path, libraries))


def select(video: AnyPath | Video, query: str, **options: Unpack[SelectOptions]) -> Selection:
    """Choose the frames of a video that are shown for a query: their true times, and how well each fits.

        selection = whenabouts.select("video.mp4", "a man opens the fridge", select="aks", frames=16)
        print(selection.times, selection.scores)

    Options are those of `whenabouts select` and the fields of `whenabouts.commands.Select`; see docs/selection.md.
    Raises VideoError, QueryError, InputError, ModelError, MissingExtra.
    """
    from whenabouts.commands import Select
    from whenabouts.video import Video

    command = Select.of(query=query, **options)
    if isinstance(video, Video):
        return command.run(video)
    with command.open(video) as opened:
        return command.run(opened)


def evaluate(
    predictions: AnyPath | Sequence[Any] | Mapping[Any, Any],
    benchmark: AnyPath,
    truth: AnyPath | None = None,
    **options: Unpack[EvaluateOptions],
) -> Report:
    """Score predictions as the benchmark's official evaluator does.

        report = whenabouts.evaluate("answers.jsonl", "qvhighlights", "highlight_val_release.jsonl")
        print(report.table())
        report.plot().save("scores.svg")
        whenabouts.evaluate(predictions, "my.jsonl", split="val").scores["R1@0.5"]

    Predictions are a file, a list of `Prediction`, or rows as such a file has them. A benchmark is a name or a file of
    your own annotations; truth is the annotation file, or a directory that has it. Options are those of `whenabouts
    evaluate` and the fields of `whenabouts.commands.Evaluate`. Raises InputError, AnnotationError.
    """
    from whenabouts.commands import Evaluate

    source = Path(predictions) if isinstance(predictions, str | PathLike) else predictions
    place = {} if truth is None else {"truth": Path(truth)}
    return Evaluate.of(predictions=source, benchmark=str(benchmark), **place, **options).run()


def compare(
    predictions: Sequence[AnyPath | Sequence[Any] | Mapping[Any, Any]],
    benchmark: AnyPath,
    truth: AnyPath | None = None,
    **options: Unpack[CompareOptions],
) -> Comparison:
    """Compare answers to the same queries: each system with the first, every difference with its interval.

        found = whenabouts.compare(["a.jsonl", "b.jsonl"], "qvhighlights", "annotations", split="val")
        for verdict in found.pairs[0].verdicts():
            print(verdict)
        found.to_dict()["comparisons"][0]["deltas"]

    Answers are what `evaluate` takes, at least two. Options are those of `whenabouts compare` and the fields of
    `whenabouts.commands.Compare`; see docs/compare.md. Raises InputError, AnnotationError.
    """
    from whenabouts.commands import Compare

    sources = tuple(Path(one) if isinstance(one, str | PathLike) else one for one in predictions)
    place = {} if truth is None else {"truth": Path(truth)}
    return Compare.of(predictions=sources, benchmark=str(benchmark), **place, **options).run()


def audit(
    benchmark: AnyPath,
    predictions: AnyPath | Sequence[Any] | Mapping[Any, Any] | None = None,
    truth: AnyPath | None = None,
    **options: Unpack[AuditOptions],
) -> Audit:
    """What a score is worth: every blind baseline, the gain of a system over the best one, and the benchmark's biases.

        found = whenabouts.audit("qvhighlights", "answers.jsonl", "annotations")
        print(found.verdicts, found.headline.gain, found.headline.gain_interval)
        whenabouts.audit("my.jsonl", train="other.jsonl").to_dict()["metrics"]

    Options are those of `whenabouts audit` and the fields of `whenabouts.commands.Audit`. Raises InputError,
    AnnotationError.
    """
    from whenabouts.commands import Audit

    source = Path(predictions) if isinstance(predictions, str | PathLike) else predictions
    place = {} if truth is None else {"truth": Path(truth)}
    return Audit.of(benchmark=str(benchmark), predictions=source, **place, **options).run()


def diagnose(
    predictions: AnyPath | Sequence[Any] | Mapping[Any, Any],
    benchmark: AnyPath,
    truth: AnyPath | None = None,
    **options: Unpack[DiagnoseOptions],
) -> Diagnosis | TwoDiagnoses | DetectionDiagnosis:
    """What became of every query, what mending it would bring, and what a system has learned wrongly, in words.

        diagnosis = whenabouts.diagnose("answers.jsonl", "qvhighlights", "annotations")
        print(diagnosis.sentences, diagnosis.counts)
        diagnosis.rows("loose")[:3]
        whenabouts.diagnose("a.jsonl", "my.jsonl", against="b.jsonl").sentences

    Detections of actions are diagnosed as DETAD does. Options are those of `whenabouts diagnose` and the fields of
    `whenabouts.commands.Diagnose`. Raises InputError, AnnotationError.
    """
    from whenabouts.commands import Diagnose

    source = Path(predictions) if isinstance(predictions, str | PathLike) else predictions
    place = {} if truth is None else {"truth": Path(truth)}
    return Diagnose.of(predictions=source, benchmark=str(benchmark), **place, **options).run()


def stress(subject: AnyPath | None = None, **options: Unpack[StressOptions]) -> StressReport:
    """Ask a model about a video, a benchmark or composed videos, changed in many ways, and name its flaws.

        report = whenabouts.stress("my.jsonl", videos="videos", model="hub:NAME")
        print(report.text())
        whenabouts.stress("video.mp4", queries=["a cat", "a red car"]).flaws
        whenabouts.stress(synthetic=True, limit=60)

    Options are those of `whenabouts stress` and the fields of `whenabouts.commands.Stress`. A grounder of your own, and
    cases of your own, go to `whenabouts.trust.stress.stress`. Raises InputError, AnnotationError, VideoError,
    QueryError, MissingExtra.
    """
    from whenabouts.commands import Stress

    return Stress.of(subject=None if subject is None else str(subject), **options).run()


def leaderboard(
    dataset: str | None = None, truth: AnyPath | None = None, **options: Unpack[LeaderboardOptions]
) -> Board | Listing:
    """Published figures of a data set, ranked only where they were counted alike; without one, what there is.

        board = whenabouts.leaderboard("charades-sta", setting="zero-shot")
        for one in board.groups[0].ranked:
            print(one.rank, one.figure.system, one.training.verdict)
        whenabouts.leaderboard("qvhighlights", "annotations", place="answers.jsonl").placed[0].verdicts

    Truth is needed to place a run: the annotation file, or a directory that has it. Options are those of `whenabouts
    leaderboard` and the fields of `whenabouts.commands.Leaderboard`. Raises
    InputError, AnnotationError.
    """
    from whenabouts.commands import Leaderboard

    place = {} if truth is None else {"truth": Path(truth)}
    return Leaderboard.of(dataset=dataset, **place, **options).run()


def load(name: str, **settings: Any) -> Grounder:
    """A model by name, checkpoint, folder or address, to ask about many videos or inside another program.

        grounder = whenabouts.load("similarity", top=3)
        with whenabouts.open("video.mp4") as video:
            [answer] = grounder.ground(video, ["a dog"])

    It answers as it is: unlike `find` it never searches a long video first. `settings` are the fields of its dataclass.
    Raises ModelError.
    """
    from whenabouts.grounders import load

    return load(name, **settings)


def read(path: AnyPath, *, format: str | None = None, video: AnyPath | None = None) -> list[Prediction]:
    """Read predictions from a file: .json, .jsonl, .csv, .srt, .vtt, .eaf, .otio, .edl and all formats that are read.

        predictions = whenabouts.read("corrected.eaf", video="video.mp4")

    format: its name; by default it follows from the suffix (see docs/export.md)
    video:  the video that they are about: formats that count frames need it, and it says how long it is

    Raises InputError, AnnotationError, VideoError, MissingExtra.
    """
    from whenabouts.interchange.exchange import read_predictions

    return read_predictions(Path(path), format=format, video=None if video is None else Path(video))


def write(
    predictions: Prediction | Sequence[Prediction],
    path: AnyPath,
    *,
    format: str | None = None,
    video: AnyPath | None = None,
    only: Literal["likely", "confirmed", "all"] | None = None,
) -> Path:
    """Write predictions to a file for an editor, a player, an annotation program or a benchmark; returns its path.

        whenabouts.write(predictions, "answers.json")   # every field
        whenabouts.write(predictions, "markers.edl")    # for DaVinci Resolve

    format: its name; by default it follows from the suffix (see docs/export.md)
    video:  path of the video, if it differs from that in the predictions
    only:   which moments: `likely` are those that a person marked and those of queries that the model does not call
            absent; `confirmed` are those that a person marked. Default: likely, and all in the formats json, jsonl and
            tal, which tell how likely they are or are scored

    Raises InputError, VideoError, MissingExtra.
    """
    from whenabouts.interchange.exchange import save
    from whenabouts.prediction import Prediction

    several = [predictions] if isinstance(predictions, Prediction) else predictions
    return save(several, Path(path), format=format, video=None if video is None else Path(video), only=only)


def stringout(
    answers: Prediction | Iterable[Prediction | Hit], path: AnyPath, **options: Unpack[StringoutOptions]
) -> Path:
    """Lay the moments of answers one after another on a timeline of cuts for an editing program; returns its path.

        whenabouts.stringout(whenabouts.find("talk.mp4", "a cup of coffee"), "coffee.otio", handles=1.0)
        whenabouts.stringout(whenabouts.search("a cat", "videos/.whenabouts"), "cats.edl", order="score")

    The suffix chooses the format: .otio, .edl, .xml, .fcpxml. What an editor should know is logged. Options are those
    of `whenabouts stringout` and the fields of `whenabouts.commands.Stringout`. Raises InputError, VideoError,
    MissingExtra.
    """
    from whenabouts.commands import Stringout

    cuts = Stringout.of(**options).run(answers, [Path(path)])
    for note in cuts.notes:
        logging.getLogger(__name__).warning("%s", note)
    return Path(path)


def scenes(
    video: AnyPath | Video,
    *paths: AnyPath,
    answers: Sequence[Prediction] | None = None,
    **options: Unpack[ScenesOptions],
) -> SceneList:
    """List the shots of a video, or the moments of answers, and write contact sheets of them.

        for scene in whenabouts.scenes("talk.mp4", "talk.html").scenes:
            print(scene.number, scene.timecode, scene.moment.duration)

    paths: contact sheets (.html, .pdf), or files in a format of `write`

    Options are those of `whenabouts scenes` and the fields of `whenabouts.commands.Scenes`. Raises VideoError,
    InputError, MissingExtra.
    """
    from whenabouts.commands import Scenes
    from whenabouts.video import Video

    command, outs = Scenes.of(**options), [Path(path) for path in paths]
    if isinstance(video, Video):
        return command.run(video, outs, answers=answers)
    with command.open(video) as opened:
        return command.run(opened, outs, answers=answers)


def transcript(
    video: AnyPath | Video,
    *paths: AnyPath,
    answers: Sequence[Prediction] = (),
    **options: Unpack[TranscribeOptions],
) -> Transcript:
    """Write down what is said in a video, with timecodes, speakers and the moments of answers.

        whenabouts.transcript("talk.mp4", "talk.docx", answers=whenabouts.find("talk.mp4", "the budget"))

    paths: files to write: .txt, .docx, .pdf

    What a reader of the files should know is logged. Options are those of `whenabouts transcript` and the fields of
    `whenabouts.commands.Transcribe`. Raises VideoError, InputError, ModelError, MissingExtra.
    """
    from whenabouts.commands import Transcribe
    from whenabouts.video import Video

    command, outs = Transcribe.of(**options), [Path(path) for path in paths]
    if isinstance(video, Video):
        written = command.run(video, outs, answers=answers)
    else:
        with command.open(video) as opened:
            written = command.run(opened, outs, answers=answers)
    for note in written.notes:
        logging.getLogger(__name__).warning("%s", note)
    return written.transcript
