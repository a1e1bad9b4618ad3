"""What worker processes can do, by name. Requests and results are plain values; the paths in them have been checked."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.files.json import finite
from whenabouts.server.jobs.files import export, scenes, stringout, transcript
from whenabouts.server.jobs.report import Report
from whenabouts.server.milliseconds import HALF, exact_ends, shortened
from whenabouts.video import Video

if TYPE_CHECKING:
    from whenabouts.evidence import TimedText
    from whenabouts.prediction import Prediction

__all__ = ["LONG", "TASKS"]

Task = Callable[[dict[str, Any], Report], Any]
EXAMPLE_SIDE = 360  # pixels of the longer side of the thumbnail of an example


def facts(request: dict[str, Any], _report: Report) -> dict[str, Any]:
    """What a video is, and how a browser can play it: as it is, as a copy, or not at all."""
    from whenabouts.interchange.player import MAX_SERVER_COPY_SECONDS, playable
    from whenabouts.interchange.timeline import Timeline

    with Video(Path(request["path"])) as video:
        container = playable(video)
        copied = container is None and video.duration <= MAX_SERVER_COPY_SECONDS
        note = None
        if container is None:
            note = (
                "Browsers cannot play this video as it is; the player shows a small copy with the same times."
                if copied
                else "Browsers cannot play this video, and it is too long for a copy: only pictures are shown."
            )
        timeline = Timeline.of(video)
        return {
            "duration": video.duration,
            "width": video.probe.width,
            "height": video.probe.height,
            "frame": float(1 / timeline.rate.rate),
            "sound": video.probe.has_audio,
            "player": "file" if container else "copy" if copied else None,
            "media_type": f"video/{container}" if container else "video/mp4",
            "note": note,
            "timecode": video.probe.timecode,
            "labels": timeline.labels,
        }


def picture(request: dict[str, Any], _report: Report) -> str | None:
    """The picture on screen at `time` seconds, `height` pixels high, as a data URL."""
    from whenabouts.interchange.thumbnails import thumbnail

    with Video(Path(request["path"])) as video:
        return thumbnail(video, min(request["time"] + HALF, video.duration), height=request["height"])


def frame(request: dict[str, Any], _report: Report) -> dict[str, Any]:
    """The picture at a time, and where it is."""
    from whenabouts.server.pictures import still

    with Video(Path(request["path"])) as video:
        found = still(video, request["time"], size=request["size"])
    return asdict(found.place) | {"picture": _data_url("image/jpeg", found.jpeg)}


def frames(request: dict[str, Any], _report: Report) -> dict[str, Any]:
    """Pictures of a stretch on one, and where they are."""
    from whenabouts.server.pictures import contact_sheet

    with Video(Path(request["path"])) as video:
        start, end = request["start"], video.duration if request["end"] is None else request["end"]
        sheet = contact_sheet(video, start, end, request["count"], size=request["size"])
        picture = _data_url("image/jpeg", sheet.jpeg)
        places = [asdict(place) for place in sheet.places]
        end = min(end, video.duration)
    return {"start": start, "end": end, "columns": sheet.columns, "frames": places, "picture": picture}


def sound(request: dict[str, Any], _report: Report) -> dict[str, Any]:
    """The sound of a stretch, and its kinds."""
    from whenabouts.server.sounds import heard_between, wav

    with Video(Path(request["path"])) as video:
        start, end = exact_ends(video, request["start"], request["start"] + request["seconds"])
        heard = [{"what": one.what, "start": one.start, "end": one.end} for one in heard_between(video, start, end)]
        told = _data_url("audio/wav", wav(video, start, end))
    return {"start": start, "end": end, "heard": heard, "sound": told}


def strip(request: dict[str, Any], _report: Report) -> list[str]:
    """`count` pictures along the stretch from `start` to `end` of the video, as data URLs."""
    from whenabouts.interchange.thumbnails import filmstrip

    with Video(Path(request["path"])) as video:
        return filmstrip(video, request["count"], request["start"], request["end"])


def picture_times(request: dict[str, Any], _report: Report) -> list[float]:
    """When each picture of the video begins."""
    with Video(Path(request["path"])) as video:
        times: list[float] = video.times.tolist()
    return times


def waveform(request: dict[str, Any], _report: Report) -> dict[str, Any]:
    """The heights of `count` equal parts of the sound from `start` to `end`."""
    from whenabouts.interchange.waveform import waveform as heights

    with Video(Path(request["path"])) as video:
        end = video.duration if request["end"] is None else request["end"]
        return heights(video, request["start"], end, request["count"])._asdict()


def words(request: dict[str, Any], _report: Report) -> dict[str, Any]:
    """The lines that are stored with the video, such as subtitles: nothing is listened to or looked at."""
    from whenabouts.evidence import EvidenceModels, HeldKinds

    with Video(Path(request["path"])) as video:
        kinds = HeldKinds(EvidenceModels()).words(required=False)
        return _words([line for kind in kinds for line in kind.lines_at_hand(video)], complete=False)


def find(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """The answer of the command Find, and the words that were read on the way to it."""
    from whenabouts.commands import Find
    from whenabouts.evidence import EvidenceModels, HeldKinds, recorded

    command = Find.of(**request["find"])
    with command.open(request["path"]) as video, recorded(video) as lines:

        def early(so_far: list[Prediction]) -> None:  # without curves: it is sent again and again
            report.early({"predictions": _rows(replace(each, saliency=None, trace=()) for each in so_far)})

        predictions = command.run(video, progress=report, early=early)
    read = [line for of_kind in lines.values() for line in of_kind]
    readable = {kind.name for kind in HeldKinds(EvidenceModels()).words(required=False)}
    return {
        "predictions": _rows(predictions),
        "words": _words(read, complete=readable <= set(lines)) if lines else None,
    }


def clip(request: dict[str, Any], report: Report) -> list[str]:
    """Cut a stretch of a video into a file of its own; returns what was changed of the request."""
    report("cutting", 0.0)
    with Video(Path(request["path"])) as video:
        start, end = exact_ends(video, request["start"], request["end"])
        video.cut(start, end, Path(request["out"]), smart=request["smart"])
        note = shortened(video, request["end"])
    return [note] if note else []


def copy(request: dict[str, Any], report: Report) -> None:
    """Write a small copy that browsers play."""
    from whenabouts.interchange.player import write_copy

    with Video(Path(request["path"])) as video:
        write_copy(video, Path(request["out"]), progress=lambda fraction: report("copying", fraction))


def search(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """The answer of the command Search for the videos below some folders, in its JSON form."""
    from whenabouts.commands import Search

    command = Search.of(**request["search"])
    folders = [Path(folder) for folder in request["folders"]]
    found: dict[str, Any] = finite(command.run(Path(request["library"]), folders=folders, progress=report).to_dict())
    return found


def picture_thumbnail(request: dict[str, Any], _report: Report) -> None:
    """Write a thumbnail of a picture file, which shows that it can be decoded."""
    from whenabouts.interchange.thumbnails import jpeg
    from whenabouts.video.stills.picture import read_picture

    image = read_picture(Path(request["path"]), within=EXAMPLE_SIDE).image
    Path(request["out"]).write_bytes(jpeg(image))


def indexed(request: dict[str, Any], _report: Report) -> list[str]:
    """The paths of all files in a library."""
    from whenabouts.library.run import open_library

    return sorted(open_library(Path(request["library"])).places())


def index(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """The outcome of the command Index, as numbers of videos and the reasons of failures."""
    from whenabouts.commands import Index

    command = Index.of(**request["index"])
    outcome = command.run(Path(request["folder"]), Path(request["library"]), progress=report)
    return {
        "indexed": len(outcome.indexed),
        "known": len(outcome.known),
        "gone": len(outcome.gone),
        "failed": [{"path": path, "reason": reason} for path, reason in outcome.failed.items()],
        "damaged": [{"path": path, "notes": list(notes)} for path, notes in outcome.damaged.items()],
    }


def watch(request: dict[str, Any], report: Report) -> None:
    """Run the command Index now and whenever a file of the folder changes; ends only with the process."""
    from whenabouts.commands import Index

    command = Index.of(**request["index"])
    for _ in command.watch(Path(request["folder"]), Path(request["library"]), progress=report):
        report("watching", 1.0)


QUICK: tuple[Task, ...] = (
    facts,
    picture,
    frame,
    frames,
    sound,
    strip,
    picture_times,
    waveform,
    words,
    export,
    stringout,
    transcript,
    search,
    indexed,
    picture_thumbnail,
)
JOBS: tuple[Task, ...] = (find, clip, copy, scenes, index, watch)
TASKS: Mapping[str, Task] = {task.__name__: task for task in (*QUICK, *JOBS)}
LONG = frozenset(task.__name__ for task in JOBS)  # those that may take hours


def _data_url(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def _rows(predictions: Iterable[Prediction]) -> list[dict[str, Any]]:
    return [finite(prediction.to_dict()) for prediction in predictions]


def _words(lines: Iterable[TimedText], *, complete: bool) -> dict[str, Any]:
    from whenabouts.evidence.speakers import speakers

    ordered = sorted(lines, key=lambda line: (line.start, line.end))
    shown = [
        {"start": line.start, "end": line.end, "kind": line.kind, "text": text, "speaker": speaker}
        for line, (speaker, text) in zip(ordered, speakers(ordered), strict=True)
    ]
    return {"lines": shown, "complete": complete}
