"""Predictions in the formats people have, as ranked windows per query.

    JSON Lines     {"qid", "pred_relevant_windows": [[start, end, score], ...]} of QVHighlights, or Time-R1's "pred"
    JSON           Ego4D NLQ's {"results": [{"clip_uid", ..., "predicted_times"}]}, {"results": {video: [{"sentence",
                   "timestamp"}]}} of ActivityNet's captioning and of video shuffling, {qid: windows}, a list of rows,
                   or a list of windows in the order of the annotations, as 2D-TAN's evaluation takes them
    CSV            qid (or video and query), start, end, and perhaps score: ranked by it
    answers        the words of a video-LLM, through a named parser: the field "said" of `predict`, rows with a text
                   field, lmms-eval's {"video>>>query>>>window": text}, {qid: text}, or one line per annotation
    logs           of samples of lmms-eval: `evaluation.lmms_eval`

A row that has a qid finds its query by it alone, any other by video and words, or by the letters of the words where
signs were left out; unknown qids are counted in a warning, and so are rows whose `vid` or `query` is not that of their
qid (`evaluation.unlike`).
Except in CSV with scores, the order of the file is the rank.
In Python, what such a JSON file holds may be given in its place, or a list of `Prediction`: one for every annotation in
its order, or each with its video.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from whenabouts.benchmarks.ego4d_nlq import query_id
from whenabouts.benchmarks.example import Example
from whenabouts.errors import AnnotationError
from whenabouts.evaluation import lmms_eval
from whenabouts.evaluation.suspicions import longer, unsorted, warn_of_outside, warn_of_unsorted
from whenabouts.evaluation.unlike import differs, stem, warn_of_unlike
from whenabouts.files.records import Row, read_csv, read_json, read_lines, read_rows, read_text
from whenabouts.metrics.instances import are_plain
from whenabouts.prediction import Prediction
from whenabouts.query.text import letters
from whenabouts.rewards.parse import Parser, text_of

__all__ = [
    "Source",
    "Windows",
    "log_task",
    "name_of",
    "read_answers",
    "read_by_query",
    "read_confidences",
    "read_detections",
    "read_submission",
    "read_words",
]

WINDOW_FIELDS = ("pred_relevant_windows", "predicted_times", "timestamp", "timestamps", "windows", "pred", "prediction")
RETRIEVED = "retrieve_results"
VIDEO_FIELDS = ("vid", "video", "video_id", "movie", "clip_uid")
QUERY_FIELDS = ("query", "sentence", "question", "caption", "description")

Source = Path | Sequence[Any] | Mapping[Any, Any]  # a file, a list of `Prediction` or rows, or what a JSON file holds
Windows = list[list[float]]
Found = Iterator[tuple[str | int | None, Any, str]]  # qid, None if it is unknown; windows or text; place


def name_of(source: Source) -> str:
    """What the predictions are called in an error: their file, if they are in one."""
    return str(source) if isinstance(source, Path) else "the predictions"


def read_answers(
    source: Source, examples: Sequence[Example], parser: Parser | None = None, *, nan: bool = False
) -> dict[str | int, Windows]:
    """Ranked [start, end] windows in seconds by qid; qids that are not in the annotations are counted in a warning.

    Raises AnnotationError naming file, row and field, also where no qid at all is in the annotations.
    """
    answers: dict[str | int, Windows] = {}
    places: dict[str | int, str] = {}
    known = _Known(examples)
    out_of_order = long = 0
    for qid, value, where in _found(source, known, examples, parser, nan):
        if qid is None:
            continue
        if qid in answers:
            raise AnnotationError(f"{where}: qid {qid!r} is already at {places[qid]}; keep one of them")
        places[qid] = where
        answers[qid] = _windows(value, where, parser, nan)
        windows = value if parser is None else None
        if isinstance(windows, Mapping):
            windows = windows.get(_field(Row(windows, where), WINDOW_FIELDS))
        out_of_order += isinstance(windows, list) and unsorted(windows)
        long += longer(windows) if isinstance(windows, list) else 0
    warn_of_unsorted(out_of_order)
    warn_of_outside(answers, examples, long)
    known.refuse_strangers(answers)
    if count := len(known.unknown):
        told = "1 prediction has a qid that is" if count == 1 else f"{count} predictions have a qid that is"
        warnings.warn(f"{told} not in the annotations, such as {next(iter(known.unknown))!r}", stacklevel=2)
    warn_of_unlike(known.unlike)
    return answers


def read_by_query(source: Source, examples: Sequence[Example]) -> dict[str | int, Row]:
    """The whole row of each answer, by qid. Raises AnnotationError, also for answers that are no objects."""
    rows: dict[str | int, Row] = {}
    known = _Known(examples)
    for qid, value, where in _found(source, known, examples, None, nan=False):
        if qid is not None:
            if qid in rows:
                raise AnnotationError(f"{where}: qid {qid!r} is already at {rows[qid].where}; keep one of them")
            rows[qid] = Row(value, where)
    known.refuse_strangers(rows)
    return rows


def read_confidences(
    source: Source, examples: Sequence[Example], *, nan: bool = False
) -> dict[str | int, tuple[float | None, float | None, bool]]:
    """Per qid the score of the first window, the `presence` of the row, and whether it says that it failed.

    Each is None where it is not said. Raises AnnotationError for a presence outside [0, 1].
    """
    found: dict[str | int, tuple[float | None, float | None, bool]] = {}
    for qid, value, where in _found(source, _Known(examples), examples, None, nan):
        if qid is None:
            continue
        row = Row(value, where) if isinstance(value, Mapping) else None
        presence = row.number("presence", None) if row is not None else None
        if presence is not None and not 0 <= presence <= 1:
            raise AnnotationError(f"{where}: the field presence must be a probability in [0, 1], not {presence:g}")
        windows: Any = value if row is None else row.get(_field(row, WINDOW_FIELDS))
        first = windows[0] if isinstance(windows, list) and windows else None
        score = first[2] if isinstance(first, list) and len(first) > 2 and _is_time(first[2], nan) else None
        found[qid] = (None if score is None else float(score), presence, bool(row and row.get("failure")))
    return found


def read_words(source: Source, examples: Sequence[Example]) -> dict[str | int, str]:
    """What was said of each query, by qid; where that is not one answer in words, the first window in a sentence.

    Raises AnnotationError.
    """
    words: dict[str | int, str] = {}
    for qid, value, where in _found(source, _Known(examples), examples, None, nan=False):
        if qid is not None:
            several = isinstance(value, Mapping) and isinstance(value.get("said"), list) and len(value["said"]) != 1
            said = None if several else _said(value, where)
            windows = _windows(value, where, None, nan=False) if said is None else []
            sentence = "The event happens in {} - {} seconds.".format(*windows[0]) if windows else ""
            words[qid] = sentence if said is None else said
    return words


def read_submission(
    source: Source, examples: Callable[[], Sequence[Example]], *, nan: bool = False, empty: bool = False
) -> list[Row]:
    """Rows of a QVHighlights submission. `examples` is called only to find the qid of each `Prediction`."""
    if isinstance(source, Path):
        return read_lines(source, nan=nan, empty=empty)
    rows = _rows_of(source, examples()) if _are_predictions(source) else _json(source)
    return read_rows(rows, name_of(source))


def log_task(source: Source) -> lmms_eval.Task | None:
    """The task of lmms-eval whose log the predictions are; None for all others. Raises AnnotationError."""
    try:
        if isinstance(source, Path):
            with source.open(encoding="utf-8") as file:
                first = json.loads(file.readline())
        else:
            first = source[0] if isinstance(source, Sequence) else None
    except (OSError, ValueError, RecursionError, IndexError):
        return None
    return lmms_eval.task_of(first, name_of(source))


def read_detections(source: Source, *, nan: bool = False) -> dict[str, Any]:
    """TAL predictions, JSON or CSV with these columns, as {"results": {video: [{"segment", "label", "score"}]}}.

    `retrieve_results` of a submission to Ego4D's moment queries come in the same form, where there are any.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    if isinstance(source, Path) and source.suffix == ".csv":
        for row in read_csv(source):
            segment = [row.number("start"), row.number("end")]
            detection = {"segment": segment, "label": row.text("label"), "score": row.number("score")}
            found.setdefault(row.text(_field(row, VIDEO_FIELDS)), []).append(detection)
        return {"results": found}
    where = name_of(source)
    if _are_predictions(source):
        return {"results": _detections_of(source)}
    content = Row(read_json(source, nan=nan) if isinstance(source, Path) else _json(source), where)
    read = {"results": _of_results(content, _field(content, ("results", "detect_results")), where, nan)}
    return read | ({RETRIEVED: _of_results(content, RETRIEVED, where, nan)} if RETRIEVED in content else {})


def _of_results(content: Row, field: str, where: str, nan: bool) -> dict[str, list[dict[str, Any]]]:
    results = Row(content[field], f"{where}, results")
    found: dict[str, list[dict[str, Any]]] = {}
    for video in results:
        if are_plain(entries := results.entries(video)):
            found[video] = entries
            continue
        rows = [Row(item, f"{where}, {video}, detection {i}") for i, item in enumerate(entries, 1)]
        for row in rows:
            row.name("label")
            if not nan:
                row.pair("segment"), row.number("score")
        found[video] = [dict(row) for row in rows]
    return found


def _are_predictions(source: Source) -> TypeGuard[Sequence[Prediction]]:
    return isinstance(source, Sequence) and bool(source) and all(isinstance(one, Prediction) for one in source)


def _json(value: Any) -> Any:
    """A value as a JSON file would hold it: tuples and arrays become lists."""
    try:
        return json.loads(json.dumps(value, default=lambda array: array.tolist()))
    except (AttributeError, TypeError, ValueError, RecursionError):
        raise AnnotationError("the predictions must be a file, values of JSON, or a list of Prediction") from None


def _rows_of(predictions: Sequence[Prediction], examples: Sequence[Example]) -> list[dict[str, Any]]:
    """Rows of a submission with the qids of the queries that were answered."""
    in_order = [p.query for p in predictions] == [e.query for e in examples]
    known = _Known(examples)
    rows = []
    for number, prediction in enumerate(predictions):
        where = f"the predictions, entry {number + 1}"
        if in_order:
            qid = examples[number].qid
        elif prediction.video is None:
            raise AnnotationError(f"{where}: it does not say its video; give one for every annotation in its order")
        else:
            qid = known.by_words(prediction.video, prediction.query, where)
        row = prediction.to_qvhighlights(qid, stem(prediction.video or ""), limit=len(prediction.moments))
        row |= {"said": list(prediction.said)} if prediction.said else {}
        rows.append(row | ({"trace": list(prediction.trace)} if prediction.trace else {}))
    return rows


def _detections_of(predictions: Sequence[Prediction]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for number, prediction in enumerate(predictions, 1):
        if prediction.video is None:
            raise AnnotationError(f"the predictions, entry {number}: it does not say its video")
        found.setdefault(stem(prediction.video), []).extend(
            {"segment": [moment.start, moment.end], "label": prediction.query, "score": moment.score}
            for moment in prediction.moments
        )
    return found


def _found(source: Source, known: _Known, examples: Sequence[Example], parser: Parser | None, nan: bool) -> Found:
    name, place = name_of(source), "entry"
    rows: Any
    if isinstance(source, Path) and source.suffix == ".csv":
        yield from _csv(source, known)
        return
    if isinstance(source, Path):
        text = read_text(source)
        if not text.lstrip().startswith(("{", "[")):
            if parser is None:
                raise AnnotationError(f"{name}: this is text, not JSON; name a parser with --parser, or the file .csv")
            yield from _in_order(text.rstrip("\n").split("\n"), examples, f"{name}, line")
            return
        lines = source.suffix == ".jsonl" or _is_lines(text)
        rows = [row.data for row in read_lines(source, nan=nan)] if lines else read_json(source, nan=nan)
        place = "row" if lines else "entry"
    else:
        rows = _rows_of(source, examples) if _are_predictions(source) else _json(source)
    if isinstance(rows, dict):
        rows = next((rows[name] for name in ("results", "preds") if isinstance(rows.get(name), list)), rows)
    if isinstance(rows, dict):
        rows = _of_videos(rows.get("results")) or rows
    if isinstance(rows, dict):
        for key, value in rows.items():
            yield known.key(key, f"{name}, {key}"), value, f"{name}, {key}"
    elif isinstance(rows, list) and rows and all(isinstance(row, Mapping) for row in rows):
        if lmms_eval.task_of(rows[0], name):
            in_log = lmms_eval.matched((Row(data, f"{name}, {place} {i}") for i, data in enumerate(rows, 1)), examples)
            for qid, asked, words, where in in_log:
                if qid is None:
                    known.unknown.setdefault(asked, where)
                yield qid, words, where
            return
        in_order = _repeats_in_order(rows, examples)
        for number, data in enumerate(rows, 1):
            row = Row(data, f"{name}, {place} {number}")
            yield examples[number - 1].qid if in_order else known.row(row), data, row.where
    elif isinstance(rows, list):
        yield from _in_order(rows, examples, f"{name}, {place}")
    else:
        raise AnnotationError(f"{name}: predictions must be an object or a list")


def _of_videos(results: Any) -> list[dict[str, Any]]:
    """The rows of {video: [{"sentence", ...}]}, each with its video; none where it is not that."""
    if not isinstance(results, dict) or not all(isinstance(rows, list) for rows in results.values()):
        return []
    named = [(video, row) for video, rows in results.items() for row in rows]
    if not all(isinstance(row, dict) and any(field in row for field in QUERY_FIELDS) for _, row in named):
        return []
    return [{"video": video} | row for video, row in named]


def _repeats_in_order(rows: Sequence[Mapping[str, Any]], examples: Sequence[Example]) -> bool:
    """Whether rows use a qid twice, but are about the annotations one by one, as those of NA-VMR are."""
    if len(rows) != len(examples) or len({str(row.get("qid")) for row in rows}) == len(rows):
        return False
    asked = ((row.get("vid"), row.get("query")) for row in rows)
    return all(said == (e.video, e.query) for said, e in zip(asked, examples, strict=True))


def _is_lines(text: str) -> bool:
    first, _, rest = text.strip().partition("\n")
    try:
        return isinstance(json.loads(first), dict) and bool(rest)
    except (ValueError, RecursionError):
        return False


def _in_order(values: Sequence[Any], examples: Sequence[Example], place: str) -> Found:
    if len(values) != len(examples):
        raise AnnotationError(
            f"{place} 1 to {len(values)}: {len(examples)} are needed, one per annotation in its order"
        )
    for number, (value, example) in enumerate(zip(values, examples, strict=True), 1):
        yield example.qid, value, f"{place} {number}"


def _csv(path: Path, known: _Known) -> Found:
    found: dict[str | int, list[tuple[float, float, float]]] = {}
    places: dict[str | int, str] = {}
    for row in read_csv(path):
        qid = known.row(row)
        if qid is None:
            continue
        places.setdefault(qid, row.where)
        score = row.number("score") if "score" in row else 0.0
        found.setdefault(qid, []).append((row.number("start"), row.number("end"), score))
    for qid, rows in found.items():
        order = np.argsort([-score for *_, score in rows], kind="stable")
        yield qid, [list(rows[i][:2]) for i in order], places[qid]


class _Known:
    """The queries that can be predicted, by qid and by video and words.

    `unknown` has the places of other qids, `unlike` those of rows that are about another query than their qid.
    """

    def __init__(self, examples: Sequence[Example]) -> None:
        self.qids: dict[str, str | int] = {}
        self.unknown: dict[str, str] = {}
        self.unlike: list[str] = []
        self.examples = {e.qid: e for e in examples}
        self.words: dict[tuple[str, str], list[str | int]] = {}
        self.letters: dict[tuple[str, str], list[str | int]] = {}
        for e in examples:
            if str(e.qid) in self.qids:
                raise AnnotationError(f"{e.where}: qid {e.qid!r} is used twice in the ground truth")
            self.qids[str(e.qid)] = e.qid
            self.words.setdefault((stem(e.video), e.query.strip().lower()), []).append(e.qid)
            self.letters.setdefault((stem(e.video), letters(e.query)), []).append(e.qid)

    def row(self, row: Row) -> str | int | None:
        if "query_idx" in row:
            name = query_id(row.text("clip_uid"), row.text("annotation_uid"), int(row.number("query_idx")))
            return self.key(name, row.where)
        if row.get("qid") not in (None, ""):
            qid = self.key(str(row.name("qid")), row.where)
            if qid is not None and differs(row, self.examples[qid]):
                self.unlike.append(row.where)
            return qid
        if any(f in row for f in VIDEO_FIELDS) and any(f in row for f in QUERY_FIELDS):
            return self.by_words(str(row[_field(row, VIDEO_FIELDS)]), row.text(_field(row, QUERY_FIELDS)), row.where)
        if "id" in row:
            return self.key(str(row.name("id")), row.where)
        return self.key(str(row.name("qid")), row.where)

    def key(self, key: str, where: str) -> str | int | None:
        if key in self.qids:
            return self.qids[key]
        if key.count(">>>") == 2:
            video, query, _ = key.split(">>>")
            return self.by_words(video, query, where)
        self.unknown.setdefault(key, where)
        return None

    def refuse_strangers(self, found: Mapping[str | int, Any]) -> None:
        """Refuse predictions none of which is about a query that can be predicted."""
        if self.unknown and not found:
            qid, where = next(iter(self.unknown.items()))
            raise AnnotationError(f"{where}: qid {qid!r} is not in the ground truth, and neither is any other")

    def by_words(self, video: str, query: str, where: str) -> str | int:
        found = self.words.get((stem(video), query.strip().lower()), [])
        found = found or self.letters.get((stem(video), letters(query)), [])
        if len(found) != 1:
            problem = "is not in the ground truth" if not found else f"is there {len(found)} times; give its qid"
            raise AnnotationError(f"{where}: the query {query.strip()!r} on {video} {problem}")
        return found[0]


def _windows(value: Any, where: str, parser: Parser | None, nan: bool) -> Windows:
    if parser is not None:
        text = _said(value, where)
        if text is None:
            raise AnnotationError(f"{where}: no text for the parser {parser.name} found")
        return [list(window) for window in parser.windows(text)]
    if text_of(value) is not None and not (isinstance(value, Mapping) and any(f in value for f in WINDOW_FIELDS)):
        raise AnnotationError(f"{where}: this is text; name a parser with --parser")
    if isinstance(value, Mapping):
        row = Row(value, where)
        value = row[_field(row, WINDOW_FIELDS)]
    if isinstance(value, list) and value and not any(isinstance(v, list) for v in value):
        value = [] if all(v is None for v in value) else [value]
    if not isinstance(value, list):
        raise AnnotationError(f"{where}: windows must be a list of [start, end] in seconds")
    if _are_plain(value):
        return [[float(start), float(end)] for start, end, *_ in value]
    for number, window in enumerate(value, 1):
        if not isinstance(window, list) or len(window) < 2 or not all(_is_time(v, nan) for v in window[:2]):
            raise AnnotationError(f"{where}: window {number} must be [start, end] in seconds, not {window!r:.60}")
    return [[float(window[0]), float(window[1])] for window in value]


def _are_plain(windows: list[Any]) -> bool:
    """A quick look at windows; a slow one finds the words for what is wrong."""
    if not set(map(type, windows)) <= {list} or not all(len(window) > 1 for window in windows):
        return False
    times = [time for window in windows for time in window[:2]]
    return set(map(type, times)) <= {int, float} and all(-1e300 < time < 1e300 for time in times)


def _said(value: Any, where: str) -> str | None:
    """The words of an answer, if there are any."""
    said = value.get("said") if isinstance(value, Mapping) else None
    if said is None:
        return text_of(value)
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        raise AnnotationError(f"{where}: the field said must be a list of texts")
    if len(said) != 1:
        raise AnnotationError(
            f"{where}: the model gave {len(said)} answers, and a parser reads one; "
            "answers to several samples or parts of a video are scored by their windows, without a parser"
        )
    return str(said[0])


def _is_time(value: Any, nan: bool) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and ((nan and isinstance(value, float)) or abs(value) < 1e300)
    )


def _field(row: Row, names: Sequence[str]) -> str:
    return next((name for name in names if name in row), names[0])
