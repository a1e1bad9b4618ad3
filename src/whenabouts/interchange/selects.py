"""Answers on several videos, from predictions or from a search of a library, as one stringout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.errors import AnnotationError, InputError
from whenabouts.files.records import read_json
from whenabouts.interchange.exchange import read_predictions, timeline_of
from whenabouts.interchange.only import Only
from whenabouts.interchange.stringout import CutList, Order, assemble
from whenabouts.prediction import Prediction

if TYPE_CHECKING:
    from whenabouts.library.search import Hit

__all__ = ["answers_of", "by_video", "cut_list", "read_answers"]


def cut_list(
    answers: Iterable[Prediction],
    name: str,
    *,
    handles: float = 0.0,
    order: Order = "time",
    start: str | None = None,
    only: Only = "likely",
    video: Path | None = None,
) -> CutList:
    """The moments of answers on one or several videos, each of which is opened; see `stringout.assemble`.

    video: path of the video of answers that name none

    Raises InputError, VideoError.
    """
    found = [(timeline_of(predictions), predictions) for predictions in by_video(answers, video).values()]
    return assemble(found, name, handles=handles, order=order, start=start, only=only)


def by_video(answers: Iterable[Prediction], video: Path | None = None) -> dict[Path, list[Prediction]]:
    """Answers by the path of their video, or by `video` where they name none; a file with two paths is one video.

    Raises InputError.
    """
    found: dict[Path, list[Prediction]] = {}
    first: dict[Path, Path] = {}
    for each in answers:
        path = video if each.video is None else Path(each.video)
        if path is None:
            raise InputError(f"the answer to {each.query!r} has no path of its video; name the video (--video)")
        path = first.setdefault(path.absolute(), path)
        found.setdefault(path, []).append(replace(each, video=str(path)))
    return found


def answers_of(found: Prediction | Iterable[Prediction | Hit], query: str) -> list[Prediction]:
    """Predictions as they are, and the hits of a library search as predictions of `query`, one for each file."""
    answers: list[Prediction] = []
    files: dict[str, list[Hit]] = {}
    for each in [found] if isinstance(found, Prediction) else found:
        if isinstance(each, Prediction):
            answers.append(each)
        else:
            files.setdefault(each.path, []).append(each)
    for path, hits in files.items():
        moments = tuple(hit.moment for hit in hits)
        answers.append(Prediction(query, moments, max(moment.end for moment in moments), video=path))
    return answers


def read_answers(path: Path, *, video: Path | None = None) -> list[Prediction]:
    """The predictions of a file; or of the hits that `search --json` printed, whose query is the file's name.

    Raises InputError, AnnotationError, VideoError, MissingExtra.
    """
    rows = read_json(path) if path.suffix.lower() == ".json" else None
    if not (isinstance(rows, list) and rows and all(isinstance(row, dict) and "path" in row for row in rows)):
        return read_predictions(path, video=video)
    return answers_of(_hits(rows, path), path.stem)


def _hits(rows: Sequence[dict[str, Any]], path: Path) -> list[Hit]:
    from pydantic import TypeAdapter, ValidationError

    from whenabouts.library.search import Hit

    try:
        return TypeAdapter(list[Hit]).validate_python(rows)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(map(str, fault["loc"][1:]))
        raise AnnotationError(f"{path}, hit {int(fault['loc'][0]) + 1}: the field {field}: {fault['msg']}") from None
