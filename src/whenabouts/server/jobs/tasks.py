"""What the processes of the server can do, by name: from plain values to plain values, with paths that are allowed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from whenabouts.files.json import finite
from whenabouts.video import Video

__all__ = ["TASKS"]

Tell = Callable[[str, float], None]


def facts(request: dict[str, Any], _tell: Tell) -> dict[str, Any]:
    """What a video is, and how a browser can play it: as it is, as a copy, or not at all."""
    from whenabouts.interchange.player import COPIED, playable
    from whenabouts.interchange.timeline import Timeline

    with Video(Path(request["path"])) as video:
        kind = playable(video)
        copied = kind is None and video.duration <= COPIED
        note = None
        if kind is None:
            note = (
                "Browsers cannot play this video as it is; the player shows a small copy, on the same clock."
                if copied
                else "Browsers cannot play this video, and it is too long for a copy: pictures only."
            )
        timeline = Timeline.of(video)
        return {
            "duration": video.duration,
            "width": video.probe.width,
            "height": video.probe.height,
            "frame": float(1 / timeline.rate.rate),
            "sound": video.probe.has_audio,
            "player": "file" if kind else "copy" if copied else None,
            "media_type": f"video/{kind}" if kind else "video/mp4",
            "note": note,
            "timecode": video.probe.timecode,
        }


def picture(request: dict[str, Any], _tell: Tell) -> str | None:
    """The picture on show at `time` seconds, `height` pixels high, as a data address."""
    from whenabouts.interchange.thumbnails import thumbnail

    with Video(Path(request["path"])) as video:
        return thumbnail(video, min(request["time"], video.duration), height=request["height"])


def strip(request: dict[str, Any], _tell: Tell) -> list[str]:
    """`count` pictures along the video."""
    from whenabouts.interchange.thumbnails import filmstrip

    with Video(Path(request["path"])) as video:
        return filmstrip(video, request["count"])


def words(request: dict[str, Any], _tell: Tell) -> dict[str, Any]:
    """The lines of subtitles: what can be told of a video without listening to it or looking at it."""
    from whenabouts.evidence.subtitles import subtitles

    with Video(Path(request["path"])) as video:
        return {"lines": [_line(line) for line in subtitles(video)], "complete": False}


def export(request: dict[str, Any], _tell: Tell) -> str:
    """Predictions as the text of another program's file; the video goes by its name alone."""
    from whenabouts.interchange.formats import FORMATS
    from whenabouts.interchange.timeline import Timeline
    from whenabouts.prediction import Prediction

    with Video(Path(request["path"])) as video:
        timeline = dataclasses.replace(Timeline.of(video), path=Path("/") / request["name"])
    predictions = [
        dataclasses.replace(Prediction.from_dict(each), video=request["name"], duration=timeline.duration)
        for each in request["predictions"]
    ]
    return FORMATS[request["format"]].write(predictions, timeline)


def find(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Predictions, and the words that were read on the way."""
    from whenabouts.commands import Find
    from whenabouts.evidence import gather, word_kinds
    from whenabouts.grounders.similarity import Similarity

    asked = Find.of(**request["find"])
    with Video(Path(request["path"])) as video:
        grounder = asked.grounder(video.duration, tell)
        if isinstance(grounder, Similarity) and isinstance(grounder.encoder, str):
            grounder = dataclasses.replace(grounder, encoder=_encoder(grounder.encoder))
        predictions = grounder.ground(video, asked.queries)
        told = None
        texts = [kind for kind in word_kinds() if kind in (asked.evidence or word_kinds())]
        if asked.model == "similarity" and asked.cache and texts:
            lines = gather(video, texts, speech_model=asked.speech_model)  # read a moment ago, and kept
            told = {"lines": [_line(line) for line in lines], "complete": len(texts) == len(word_kinds())}
    return {"predictions": [finite(prediction.to_dict()) for prediction in predictions], "words": told}


def clip(request: dict[str, Any], tell: Tell) -> None:
    """A stretch of a video as a file of its own."""
    tell("cutting", 0.0)
    with Video(Path(request["path"])) as video:
        end = min(request["end"], video.duration)
        video.cut(request["start"], end, Path(request["out"]), smart=request["smart"])


def copy(request: dict[str, Any], tell: Tell) -> None:
    """A small copy that browsers play."""
    from whenabouts.interchange.player import write_copy

    with Video(Path(request["path"])) as video:
        write_copy(video, Path(request["out"]), progress=lambda done: tell("copying", done))


def search(request: dict[str, Any], _tell: Tell) -> list[dict[str, Any]]:
    """The best moments of the videos below some folders, each with the path of its video."""
    from glob import escape

    from whenabouts.commands import Search
    from whenabouts.library.run import made_with
    from whenabouts.library.search import search as run

    asked = Search.of(**request["search"])
    library, encoder = _library(request["library"]), _encoder(made_with(Path(request["library"])))
    hits = []
    for folder in request["folders"]:
        pattern = asked.path or "*"
        below = pattern if pattern.startswith(("*", "/")) else f"/{pattern}"
        filters = dataclasses.replace(asked.filters, path=escape(folder) + below)
        hits += run(library, encoder, asked.query, top=asked.top, filters=filters, refine=asked.refine)
    best = sorted(hits, key=lambda hit: (-hit.moment.score, hit.path, hit.moment.start))
    return [{"path": hit.path, "moment": finite(dataclasses.asdict(hit.moment))} for hit in best]


def indexed(request: dict[str, Any], _tell: Tell) -> list[str]:
    """The paths of all files that a library knows."""
    return sorted(_library(request["library"]).places())


def index(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Bring a library up to date with a folder."""
    from whenabouts.commands import Index
    from whenabouts.library.run import Local, index_folder, made_with, open_library

    asked, place = Index.of(**request["index"]), Path(request["library"])
    settings = asked.settings(made_with(place))
    library = open_library(place, settings)
    outcome = index_folder(library, Path(request["folder"]), settings, Local(tell), again=asked.again)
    return {
        "indexed": len(outcome.indexed),
        "known": len(outcome.known),
        "gone": len(outcome.gone),
        "failed": [{"path": path, "reason": reason} for path, reason in outcome.failed.items()],
    }


def watch(request: dict[str, Any], tell: Tell) -> None:
    """Index a folder, and again whenever something in it changes; ends only with the process."""
    from watchfiles import watch as changes

    root = Path(request["folder"])

    def visible(_: object, path: str) -> bool:  # the library itself may lie in a hidden folder below
        return not any(part.startswith(".") for part in Path(path).relative_to(root).parts)

    index(request, tell)
    tell("watching", 1.0)
    for _ in changes(root, watch_filter=visible, debounce=2000, step=500, ignore_permission_denied=True):
        index(request, tell)
        tell("watching", 1.0)


TASKS: Mapping[str, Callable[[dict[str, Any], Tell], Any]] = {
    "facts": facts,
    "picture": picture,
    "strip": strip,
    "words": words,
    "export": export,
    "find": find,
    "clip": clip,
    "copy": copy,
    "search": search,
    "indexed": indexed,
    "index": index,
    "watch": watch,
}


@lru_cache(maxsize=2)
def _encoder(name: str) -> Any:
    """Kept for the next task."""
    from whenabouts.encoders import load_encoder

    return load_encoder(name)


def _library(path: str) -> Any:
    from whenabouts.library.run import open_library

    return open_library(Path(path))


def _line(line: Any) -> dict[str, Any]:
    return {"start": line.start, "end": line.end, "kind": line.kind, "text": line.text}
