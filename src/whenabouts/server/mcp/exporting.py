"""The tool `export`: moments as a file of another program or as a stringout, and what is said as a document.

No file names a folder of this machine: editing programs find the videos by their names.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from whenabouts.errors import InputError
from whenabouts.evidence import gather
from whenabouts.interchange.formats import FORMATS, cuts_in
from whenabouts.progress import Progress, stage
from whenabouts.server.jobs.files import export, stringout, transcript
from whenabouts.server.jobs.report import SILENT
from whenabouts.server.mcp.arguments import DOCUMENTS, ExportArguments
from whenabouts.server.mcp.folders import Folders
from whenabouts.server.mcp.resources import Resources
from whenabouts.video import open_sound_too

__all__ = ["Exported", "exported"]

OF_CUTS = ("handles", "order", "start")
SHORT = 20_000  # characters of a file that a client is shown
Rows = list[dict[str, Any]]  # predictions in their JSON form


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was made; `text` is what it says, None where it is no text or a long one."""

    name: str
    data: bytes
    notes: tuple[str, ...]
    text: str | None = None


def exported(
    arguments: ExportArguments,
    folders: Folders,
    resources: Resources,
    progress: Progress,
    *,
    speech_model: str | None,
) -> Exported:
    """The file that is asked for. Raises InputError, VideoError, ModelError, MissingExtra."""
    _refuse_unused(arguments)
    answers = _answers(arguments, resources)
    if arguments.format in DOCUMENTS:
        return _document(arguments, answers, folders, progress, speech_model)
    kind = FORMATS[arguments.format]
    if not answers:
        raise InputError("nothing to export: give `answers`, addresses that `find` or `search` gave, or `moments`")
    if arguments.cuts:
        cuts_in(kind)
        videos = [{"path": str(folders.video(name)), "name": name, "predictions": answers[name]} for name in answers]
        options = arguments.model_dump(include={"handles", "order", "start", "only"})
        request = {"videos": videos, "format": arguments.format, "options": options}
        made, stem = stringout(request, SILENT), "selects"
    else:
        if len(answers) > 1:
            raise InputError(
                f"a file of {arguments.format} holds moments of one video, and these are of {len(answers)}: ask for "
                "each, or for `cuts`"
            )
        [name] = answers
        request = {"path": str(folders.video(name)), "name": name, "predictions": answers[name], "only": arguments.only}
        made, stem = export({**request, "format": arguments.format}, SILENT), PurePath(name).stem
    return _exported(f"{stem}{kind.suffix}", made, kind.encoding)


def _refuse_unused(arguments: ExportArguments) -> None:
    """Raises InputError where something is asked of cuts, and there are none."""
    fields = type(arguments).model_fields
    asked = [name for name in OF_CUTS if getattr(arguments, name) != fields[name].get_default()]
    if asked and not arguments.cuts:
        raise InputError(f"{' and '.join(asked)} are of a stringout: ask for `cuts` too, or leave them out")


def _document(
    arguments: ExportArguments, answers: Mapping[str, Rows], folders: Folders, progress: Progress, model: str | None
) -> Exported:
    if arguments.cuts:
        raise InputError(
            f"a transcript (format {arguments.format}) has no cuts; leave `cuts` out, or choose otio or edl"
        )
    if arguments.video is None and not answers:
        raise InputError("a transcript is of one video: name it as `video`")
    videos = answers if arguments.video is None else {arguments.video: answers.get(arguments.video, []), **answers}
    if len(videos) > 1:
        raise InputError(f"a transcript is of one video, and these moments are of {len(videos)}: ask for each")
    [name] = videos
    path = folders.video(name)
    with open_sound_too(path) as video:
        told = stage(progress, "reading and listening")
        lines = gather(video, ("said",), required=("said",), speech_model=model, progress=told)
    said = [{name: getattr(line, name) for name in ("start", "end", "text", "kind", "speaker")} for line in lines]
    request = {"path": str(path), "name": name, "lines": said, "predictions": answers.get(name, [])}
    made = transcript({**request, "format": arguments.format, "only": arguments.only}, SILENT)
    if not lines:
        made["notes"].append("no words were found in this video: there are no subtitles, and no speech was heard")
    return _exported(f"{PurePath(name).stem}.{arguments.format}", made, "utf-8" if arguments.format == "txt" else None)


def _answers(arguments: ExportArguments, resources: Resources) -> dict[str, Rows]:
    """Predictions by the name of their video: of the answers, and of moments that were chosen among them."""
    found: dict[str, Rows] = {}
    for uri in arguments.answers:
        resource, text = resources.read(uri)
        if not isinstance(resource.content, str):
            raise InputError(f"{uri!r} is not an answer; give an address that `find` or `search` gave")
        told = json.loads(str(text))
        if "hits" in told:
            query = resource.title.partition(": ")[2]
            for name, row in _of_search(told, query):
                found.setdefault(name, []).append(row)
        else:
            found.setdefault(told["video"], []).extend(told["predictions"])
    if arguments.moments:
        if arguments.video is None:
            raise InputError("`moments` are of one video: name it as `video`")
        for each in arguments.moments:
            moment = {"start": each.start, "end": each.end}
            row = {"query": each.label, "duration": each.end, "moments": [moment]}
            found.setdefault(arguments.video, []).append(row)
    return found


def _of_search(told: dict[str, Any], query: str) -> Iterable[tuple[str, dict[str, Any]]]:
    """A prediction for each video; where scores are probabilities, the best one is its presence."""
    videos: dict[str, Rows] = {}
    for hit in told["hits"]:
        videos.setdefault(hit["video"], []).append(hit["moment"])
    for name, moments in videos.items():
        presence = None if told["presence"] is None else max(moment["score"] for moment in moments)
        end = max(moment["end"] for moment in moments)
        yield name, {"query": query, "duration": end, "moments": moments, "presence": presence}


def _exported(name: str, made: dict[str, Any], encoding: str | None) -> Exported:
    data = base64.b64decode(made["data"])
    text = None if encoding is None else data.decode(encoding, "replace")
    return Exported(name, data, tuple(made["notes"]), text if text is not None and len(text) <= SHORT else None)
