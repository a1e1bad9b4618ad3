"""`whenabouts evaluate`: predictions against a benchmark, under a protocol that is always named."""

from __future__ import annotations

import dataclasses
import json
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whenabouts.errors import AnnotationError, InputError, OfficialCrash

if TYPE_CHECKING:
    from whenabouts.benchmarks import Dataset, Example
    from whenabouts.benchmarks.report import Report
    from whenabouts.metrics.protocols import Ranked

MOMENTS = ("moment_detr", "cg_detr", "univtg", "lighthouse")
DETECTIONS = ("anet", "opentad", "actionformer")


@dataclasses.dataclass(frozen=True)
class _Job:
    """What was asked."""

    predictions: Path
    dataset: Dataset
    split: str
    truth: Path
    protocol: str
    official: str | None
    strict: bool
    parser: str | None
    train: Path | None


def evaluate(
    predictions: Annotated[
        Path, typer.Argument(metavar="PRED", help="QVHighlights JSONL, TAL, NLQ or 2D-TAN JSON, CSV, text.")
    ],
    benchmark: Annotated[str, typer.Option(help="A benchmark; a wrong name lists them.")],
    split: Annotated[str | None, typer.Option(help="Which split; the usual test split if not given.")] = None,
    ground_truth: Annotated[
        Path | None, typer.Option(envvar="WHENABOUTS_DATA", help="The annotation file, or a folder that has it.")
    ] = None,
    protocol: Annotated[str | None, typer.Option(help="Another protocol than the benchmark's own.")] = None,
    official: Annotated[str | None, typer.Option(help=f"{', '.join(MOMENTS)}; {', '.join(DETECTIONS)}.")] = None,
    strict_official: Annotated[
        bool, typer.Option(help="Reproduce the official code's quirks, and its exceptions.")
    ] = False,
    parser: Annotated[str | None, typer.Option(help="Read the text of a video-LLM with this parser.")] = None,
    train: Annotated[Path | None, typer.Option(help="Annotations from which to choose the blind baseline.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; with --official its own dictionary.")] = False,
) -> None:
    """Score predictions as the benchmark's official evaluator does, and say what the score is worth."""
    from whenabouts.benchmarks import dataset

    chosen = dataset(benchmark)
    _check_official(official, chosen)
    split = split or chosen.default_split
    chosen.file_names(split)
    place = ground_truth or Path()
    truth = chosen.find(place, split) if place.is_dir() else place
    name = protocol or chosen.protocol
    job = _Job(predictions, chosen, split, truth, name, official, strict_official, parser, train)
    with _warnings_on_stderr():
        if chosen.task == "TAL":
            _tell(job, _detections(job), None, as_json)
        elif chosen.task == "HL":
            _tell(job, _ratings(job), None, as_json)
        elif name == "didemo" and not official:
            _tell(job, _segments(job), None, as_json)
        elif official or _protocol(name, "Highlights"):
            _tell(job, _moments(job), None if as_json or strict_official else _first_windows(job), as_json)
        else:
            _tell(job, None, _report(job, _protocol(name, "Ranked")), as_json)


def _tell(job: _Job, figures: dict[str, Any] | None, report: Report | None, as_json: bool) -> None:
    from whenabouts.cli.scores import print_figures, print_report

    if as_json:
        about = {"benchmark": job.dataset.name, "split": job.split}
        typer.echo(json.dumps(about | dataclasses.asdict(report) if report else figures, indent=4))
        return
    heading = f"{job.dataset.title}, {job.split}"
    if figures is not None:
        named = f"{job.protocol}, evaluator {job.official}" if job.official else job.protocol
        print_figures(figures, f"{heading} · protocol {named}", fractions=job.dataset.task == "TAL")
    if report is not None:
        print_report(report, heading)


def _check_official(official: str | None, dataset: Dataset) -> None:
    fitting = DETECTIONS if dataset.task == "TAL" else () if dataset.task == "HL" else MOMENTS
    if official is not None and official not in fitting:
        names = ", ".join(fitting) or "none; leave out --official"
        raise InputError(f"there is no official evaluator {official!r} for {dataset.name}; choose one of: {names}")


def _protocol(name: str, kind: str | None = None) -> Any:
    """A protocol by name; with `kind`, None unless it is of that class."""
    from whenabouts.metrics.protocols import PROTOCOLS

    if name not in PROTOCOLS:
        raise InputError(f"there is no protocol named {name!r}; choose one of: {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name] if kind is None or type(PROTOCOLS[name]).__name__ == kind else None


def _moments(job: _Job) -> dict[str, Any]:
    """The dictionary of one of the four QVHighlights evaluators."""
    from whenabouts.benchmarks.formats import moment_lines
    from whenabouts.benchmarks.rows import read_lines
    from whenabouts.metrics import qvhighlights

    rows = read_lines(job.predictions, nan=job.strict, empty=job.strict)
    if job.dataset.task == "MR" or job.truth.suffix == ".jsonl":
        truths = [row.data for row in read_lines(job.truth, nan=job.strict, empty=job.strict)]
        if not job.strict:
            moment_lines(job.truth)
    else:
        truths = [_as_row(e) for e in job.dataset.read(job.truth, job.split)]
    if not job.strict:
        for row in rows:
            row.name("qid")
            if "pred_saliency_scores" in row:
                row.numbers("pred_saliency_scores")
    with _files_named(job):
        return qvhighlights.evaluate(
            [row.data for row in rows], truths, dialect=job.official or "moment_detr", strict_official=job.strict
        )


def _detections(job: _Job) -> dict[str, Any]:
    from whenabouts.benchmarks.predictions import read_detections
    from whenabouts.benchmarks.rows import read_json

    rules = _protocol(job.protocol, "Detection")
    if rules is None:
        raise InputError(f"the protocol {job.protocol} does not score {job.dataset.name}, which is TAL")
    examples = job.dataset.read(job.truth, job.split)  # refuses what is no annotation file
    truths = read_json(job.truth, nan=job.strict)
    if "database" not in truths:
        truths = _as_database(examples) if job.dataset.name == "ego4d-mq" else {"database": truths}
    subsets = {entry.get("subset") for entry in truths["database"].values()}
    subset = next((s for s in job.dataset.subsets.get(job.split, ()) if s in subsets), None)
    found = read_detections(job.predictions, nan=job.strict)
    if job.official:
        rules = dataclasses.replace(rules, variant=job.official, recall_at=())
    with _files_named(job):
        return dict(rules.score(found, truths, subset=subset, strict_official=job.strict))


def _ratings(job: _Job) -> dict[str, Any]:
    from whenabouts.benchmarks.rows import read_lines

    job.dataset.read(job.truth, job.split)  # refuses what is no annotation file
    rows = read_lines(job.predictions)
    for row in rows:
        row.name("qid")
        row.numbers("pred_saliency_scores")
    with _files_named(job):
        return dict(_protocol(job.protocol).score(rows, read_lines(job.truth)))


def _segments(job: _Job) -> dict[str, Any]:
    """DiDeMo ranks segments of 5 s: windows in seconds become pairs of inclusive segment numbers."""
    from whenabouts.benchmarks.didemo import SEGMENT
    from whenabouts.benchmarks.predictions import read_answers

    def numbers(windows: Any) -> list[tuple[int, int]]:
        return [(round(start / SEGMENT), round(end / SEGMENT) - 1) for start, end in windows]

    examples = job.dataset.read(job.truth, job.split)
    answers = read_answers(job.predictions, examples)
    for e in examples:
        if e.qid not in answers:
            raise AnnotationError(f"{job.predictions}: qid {e.qid!r} has no ranking; DiDeMo needs one for every query")
    rankings, opinions = [numbers(answers[e.qid]) for e in examples], [numbers(e.windows) for e in examples]
    try:
        return dict(_protocol(job.protocol).score(rankings, opinions))
    except ValueError as error:
        raise AnnotationError(f"{job.predictions}: {error}; rank all segments of every query") from None


def _first_windows(job: _Job) -> Report | None:
    """Beside the official dictionary: the first windows against the moments they fit best."""
    from whenabouts.benchmarks.predictions import read_answers
    from whenabouts.benchmarks.report import report
    from whenabouts.benchmarks.rows import read_lines
    from whenabouts.metrics.protocols import Ranked

    if "pred_relevant_windows" not in read_lines(job.predictions)[0]:
        return None
    rules = Ranked("top-1", "first window in file order, best-fitting moment")
    examples = _examples(job.dataset, job.truth, job.split, rules)
    answers = {qid: windows[:1] for qid, windows in read_answers(job.predictions, examples).items()}
    return report(rules, _without_broken(answers), examples, _training(job, rules))


def _report(job: _Job, rules: Ranked | None) -> Report:
    from whenabouts.benchmarks.predictions import read_answers
    from whenabouts.benchmarks.report import report
    from whenabouts.rewards.parse import parser_named

    if rules is None:
        raise InputError(f"the protocol {job.protocol} does not score ranked windows; see --help")
    examples = _examples(job.dataset, job.truth, job.split, rules)
    read = job.dataset.read(job.truth, job.split)
    parser = parser_named(job.parser) if job.parser else None
    answers: dict[Any, Any] = dict(read_answers(job.predictions, read, parser, nan=job.strict))
    scored = {e.qid for e in examples}
    answers = {qid: windows for qid, windows in answers.items() if qid in scored}
    if parser and not job.strict:
        answers = _without_broken(answers)
    with _files_named(job):
        return report(rules, answers, examples, _training(job, rules), strict_official=job.strict)


def _examples(dataset: Dataset, path: Path, split: str, rules: Ranked) -> list[Example]:
    from whenabouts.benchmarks.charades_sta import clamp

    examples = dataset.read(path, split)
    return clamp(examples) if rules.truth == "clamped" else [e for e in examples if len(e.windows)]


def _training(job: _Job, rules: Ranked) -> list[Example]:
    """Annotations for the blind baseline: the file that was named, or the training split beside."""
    if job.train:
        return _examples(job.dataset, job.train, "train", rules)
    try:
        path = job.dataset.find(job.truth.parent, "train")
    except InputError:
        return []
    return _examples(job.dataset, path, "train", rules) if path != job.truth else []


def _without_broken(answers: dict[Any, Any]) -> dict[Any, Any]:
    """What a parser read but no video has is a miss, not an error; it must not make room for the next window."""
    fit = {qid: windows if all(w[0] < w[1] for w in windows) else [] for qid, windows in answers.items()}
    broken = sum(bool(answers[qid]) and not fit[qid] for qid in answers)
    if broken:
        warnings.warn(f"{broken} answers hold an inverted or empty interval and count as misses", stacklevel=2)
    return fit


def _as_row(e: Example) -> dict[str, Any]:
    row = {"qid": e.qid, "query": e.query, "vid": e.video, "duration": e.duration}
    return row | {"relevant_windows": e.windows.tolist()}


def _as_database(examples: list[Example]) -> dict[str, Any]:
    database: dict[str, Any] = {}
    for e in examples:
        entry = database.setdefault(e.video, {"annotations": []})
        entry["annotations"] += [{"label": e.query, "segment": window} for window in e.windows.tolist()]
    return {"database": database}


@contextmanager
def _files_named(job: _Job) -> Iterator[None]:
    """Put the file's name in front of what metrics say of a row; what official code would raise is left as it is."""
    try:
        yield
    except OfficialCrash:
        raise
    except AnnotationError as error:
        at_fault = job.truth if "ground truth" in str(error) else job.predictions
        raise AnnotationError(f"{at_fault}: {error}") from None
    except (ArithmeticError, AttributeError) as error:
        if not job.strict:
            raise
        raise OfficialCrash(error) from error


@contextmanager
def _warnings_on_stderr() -> Iterator[None]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)  # of 0/0, which strict_official is about
        yield
    for text in dict.fromkeys(str(w.message) for w in caught):
        print(f"whenabouts: note: {text}", file=sys.stderr)
