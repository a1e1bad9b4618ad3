"""Tasks that write files to hand on, from a request of the server; no file names a folder of this machine."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from whenabouts.errors import InputError
from whenabouts.server.jobs.report import Report
from whenabouts.video import Video

if TYPE_CHECKING:
    from whenabouts.interchange.timeline import Timeline
    from whenabouts.prediction import Prediction

__all__ = ["export", "scenes", "stringout", "transcript"]


def export(request: dict[str, Any], _report: Report) -> dict[str, Any]:
    """Predictions as a file for another program, in Base64, and what it cannot hold."""
    from whenabouts.interchange.formats import FORMATS

    timeline, answers = _answered(request)
    predictions = [replace(each, video=request["name"], duration=timeline.duration) for each in answers]
    kind, only = FORMATS[request["format"]], request["only"]
    notes = [*_cut_off(timeline, answers), *kind.told(predictions, timeline, only)]
    return _sent(kind.data(predictions, timeline, only), notes)


def stringout(request: dict[str, Any], _report: Report) -> dict[str, Any]:
    """A timeline of cuts, in Base64, and what an editor should know."""
    from whenabouts.interchange.formats import FORMATS, cuts_in
    from whenabouts.interchange.stringout import assemble

    answers = [_answered(each) for each in request["videos"]]
    cuts = assemble(answers, "selects", **request["options"])
    kind, notes = FORMATS[request["format"]], [note for each in answers for note in _cut_off(*each)]
    return _sent(cuts_in(kind)(cuts).encode(kind.encoding, "backslashreplace"), [*notes, *cuts.notes])


def transcript(request: dict[str, Any], _report: Report) -> dict[str, Any]:
    """A document with lines that are known, in Base64, and what it cannot show."""
    from whenabouts.evidence import TimedText
    from whenabouts.interchange.only import chosen
    from whenabouts.interchange.transcript import transcript
    from whenabouts.interchange.transcript_files import write_document

    lines = [TimedText(**line, source="") for line in request["lines"] if line["kind"] == "said"]
    timeline, answers = _answered(request)
    with TemporaryDirectory(prefix="whenabouts-") as folder:
        out = Path(folder) / f"transcript.{request['format']}"
        notes = write_document(transcript(timeline, lines, chosen(answers, request["only"])), out)
        return _sent(out.read_bytes(), [*_cut_off(timeline, answers), *notes])


def scenes(request: dict[str, Any], report: Report) -> list[str]:
    """Write a contact sheet of a video at `out`; returns what a reader of it should know."""
    from whenabouts.commands import Scenes

    rows = request["predictions"]
    answers = (
        None if rows is None else [replace(each, video=None) for each in _predictions(rows)]
    )  # all about this video
    command = Scenes.of(only=request["only"])
    with Video(Path(request["path"])) as video:
        return list(command.run(video, [Path(request["out"])], answers=answers, progress=report).notes)


def _answered(request: dict[str, Any]) -> tuple[Timeline, list[Prediction]]:
    """The timeline of a video, without its folder, and the predictions on it. Raises InputError where they are not."""
    from whenabouts.interchange.timeline import Timeline

    with Video(Path(request["path"])) as video:
        timeline = replace(Timeline.of(video), path=Path("/") / request["name"])
    answers = _predictions(request["predictions"])
    for each in answers:
        if any(moment.start >= timeline.duration for moment in each.moments):
            raise InputError(
                f"a moment of {each.query!r} starts after the end of {timeline.name}, at {timeline.duration:.3f} s"
            )
    return timeline, answers


def _cut_off(timeline: Timeline, answers: list[Prediction]) -> list[str]:
    """A note for each answer with a moment that is written up to the end of its video, and no further."""
    end = timeline.duration + 1 / timeline.rate.rate
    return [
        f"a moment of {each.query!r} ends after the end of {timeline.name}, at {timeline.duration:.3f} s, and is"
        " written up to there"
        for each in answers
        if any(moment.end > end for moment in each.moments)
    ]


def _predictions(rows: list[dict[str, Any]]) -> list[Prediction]:
    from whenabouts.prediction import Prediction

    return [Prediction.from_dict(row) for row in rows]


def _sent(data: bytes, notes: Any) -> dict[str, Any]:
    return {"data": base64.b64encode(data).decode(), "notes": list(notes)}
