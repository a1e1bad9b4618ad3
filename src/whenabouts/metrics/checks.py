"""What makes a row unfit for a fair score, said with its qid and row number.

Row numbers count from 1, as lines of a JSONL file do. A caller that knows the files gives `prefixes`, what stands in
front of an error: one for the predictions and one for the ground truth.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from whenabouts.errors import AnnotationError

__all__ = ["MAX_DURATION", "check_submission", "check_windows"]

MAX_DURATION = 1e7  # seconds of a video: four months

Row = Mapping[str, Any]
SHOWN = 80  # characters of what was wrong


def _is_window(window: Any, columns: int) -> bool:
    return isinstance(window, list | tuple) and len(window) >= columns and all(type(v) in (int, float) for v in window)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def check_windows(windows: Any, where: str, *, columns: int, empty_allowed: bool = False) -> int:
    """Refuse inverted, NaN and zero-length windows; returns how many zero-length ones were let pass.

    `windows` must be rows of at least `columns` numbers: start, end in seconds, then a score.
    """
    try:
        table = np.asarray(windows)
    except ValueError:
        table = np.empty(0, dtype=object)
    if table.ndim != 2 or table.shape[1] < columns or table.dtype.kind not in "iuf":
        expected = "[start, end, score]" if columns == 3 else "[start, end]"
        wrong = next((w for w in windows if not _is_window(w, columns)), None) if isinstance(windows, list) else windows
        if wrong is None:
            raise AnnotationError(f"{where}: windows must be a non-empty list of {expected} in seconds")
        shown = _short(wrong)
        raise AnnotationError(f"{where}: windows must be a non-empty list of {expected} in seconds, not {shown}")
    for i, window in enumerate(table[:, :columns].tolist()):
        start, end = window[:2]
        if not np.isfinite(window).all():
            raise AnnotationError(f"{where}: window {i + 1} has a value that is not a finite number: {window}")
        if end < start:
            raise AnnotationError(f"{where}: window {i + 1} ends before it starts: [{start}, {end}]")
        if end == start and not empty_allowed:
            raise AnnotationError(f"{where}: window {i + 1} has no length: [{start}, {end}]")
    return int((table[:, 0] == table[:, 1]).sum())


def check_submission(
    submission: Sequence[Row], ground_truth: Sequence[Row], prefixes: tuple[str, str] = ("", "")
) -> None:
    """Refuse a QVHighlights submission or annotation that official code would score by accident."""
    prefix = prefixes[0]
    kinds = f"{prefix}prediction", f"{prefixes[1]}ground truth"
    for rows, kind in zip([submission, ground_truth], kinds, strict=True):
        _check_qids(rows, kind)
    predicted, annotated = ({d["qid"]: None for d in rows} for rows in (submission, ground_truth))
    for qid in annotated:
        if qid not in predicted:
            raise AnnotationError(f"{prefix}qid {qid!r} of the ground truth has no prediction; every query needs a row")
    for qid in predicted:
        if qid not in annotated:
            raise AnnotationError(f"{prefix}qid {qid!r} is predicted but not in the ground truth; remove the row")
    if not submission:
        raise AnnotationError(f"{prefix}no predictions found")
    fields = [key for key in ("pred_relevant_windows", "pred_saliency_scores") if key in submission[0]]
    if not fields:
        raise AnnotationError(
            f"{_where(submission[0], 0, kinds[0])}: neither pred_relevant_windows nor pred_saliency_scores is there"
        )
    if "pred_relevant_windows" in fields:
        _check_moments(submission, ground_truth, kinds)
    if "pred_saliency_scores" in fields:
        _check_saliency(submission, ground_truth, kinds)


def _where(row: Row, index: int, kind: str) -> str:
    return f"{kind} row {index + 1}, qid {row['qid']!r}"


def _check_qids(rows: Sequence[Row], kind: str) -> None:
    seen: dict[Any, int] = {}
    for i, row in enumerate(rows):
        if "qid" not in row:
            raise AnnotationError(f"{kind} row {i + 1}: the field qid is missing")
        if seen.setdefault(row["qid"], i) != i:
            first = seen[row["qid"]] + 1
            raise AnnotationError(f"{_where(row, i, kind)}: this qid is already in row {first}; keep one of them")


def _check_moments(submission: Sequence[Row], ground_truth: Sequence[Row], kinds: tuple[str, str]) -> None:
    empty = 0
    for rows, kind, key, columns in [
        (submission, kinds[0], "pred_relevant_windows", 3),
        (ground_truth, kinds[1], "relevant_windows", 2),
    ]:
        if _all_well(rows, key, columns):
            continue
        for i, row in enumerate(rows):
            if not isinstance(row.get(key), Sequence):
                raise AnnotationError(f"{_where(row, i, kind)}: the field {key} is missing or no list")
            used = row[key][:10] if columns == 3 else row[key]
            empty += check_windows(used, f"{_where(row, i, kind)}, {key}", columns=columns, empty_allowed=columns == 3)
    if empty:
        warnings.warn(f"{empty} predicted windows have no length; each of them is a miss", stacklevel=4)


def _all_well(rows: Sequence[Row], key: str, columns: int) -> bool:
    """A quick look at all windows at once; the slow look then finds the words for what is wrong."""
    try:
        lists = [row[key][:10] if columns == 3 else row[key] for row in rows]
        table = np.asarray([window for windows in lists for window in windows])
        regular = table.ndim == 2 and table.shape[1] >= columns and table.dtype.kind in "iuf"
        return regular and all(lists) and bool(np.isfinite(table).all() and (table[:, 0] < table[:, 1]).all())
    except (KeyError, TypeError, ValueError):
        return False


def _check_saliency(submission: Sequence[Row], ground_truth: Sequence[Row], kinds: tuple[str, str]) -> None:
    for i, row in enumerate(submission):
        try:
            fit = bool(np.isfinite(row["pred_saliency_scores"]).all()) and len(row["pred_saliency_scores"]) > 0
        except (KeyError, TypeError, ValueError):
            fit = False
        if not fit:
            raise AnnotationError(
                f"{_where(row, i, kinds[0])}: pred_saliency_scores must be a list of finite numbers, one per clip"
            )
    for i, row in enumerate(ground_truth):
        where = _where(row, i, kinds[1])
        for key in ("duration", "relevant_clip_ids", "saliency_scores"):
            if row.get(key) is None:
                raise AnnotationError(f"{where}: the field {key} is missing")
        if not 0 < row["duration"] < MAX_DURATION:  # a rating is kept for every clip of two seconds
            raise AnnotationError(
                f"{where}: the field duration must be the seconds of a video, not {row['duration']:g}"
            )
        clips, ids = int(row["duration"] / 2), row["relevant_clip_ids"]
        if not ids or len(ids) != len(row["saliency_scores"]):
            raise AnnotationError(f"{where}: relevant_clip_ids and saliency_scores must have one entry per rated clip")
        if not all(0 <= clip < clips for clip in ids):
            raise AnnotationError(f"{where}: relevant_clip_ids go beyond the video, which has {clips} clips of 2 s")
