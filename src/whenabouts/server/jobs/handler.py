"""What each kind of job is: from the client's request to the task of a worker, and from its result to what clients see.

Tasks receive paths, and paths come back in their sentences and receipts; here they are removed.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from whenabouts.commands import Command
from whenabouts.errors import TaskFailed
from whenabouts.files.atomic import replacing, sync_folder, synced
from whenabouts.files.cache import cache_folder
from whenabouts.query import ParsedQuery, describe
from whenabouts.selection import SELECTORS
from whenabouts.server.examples import resolved
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.jobs.store import JobRow, JobState
from whenabouts.server.metrics import Metrics
from whenabouts.server.settings import OPERATOR_FIELDS, Settings
from whenabouts.server.videos import VideoFile, VideoFiles

__all__ = ["VideoJobHandler", "picture_url"]

ALWAYS_ALLOWED = {"encoder": ("builtin",), "device": ("cpu",), "select": tuple(SELECTORS.own)}
NO_MODELS = ("device", "calibrator")  # fields whose names are no models of the operator
KEPT_COPIES = 100  # copies for players
THUMBNAIL_HEIGHT = 126  # pixels


class VideoJobHandler:
    """The jobs of one server; implements `whenabouts.server.jobs.runner.JobHandler`."""

    def __init__(self, settings: Settings, videos: VideoFiles, metrics: Metrics) -> None:
        self.settings, self.videos, self.metrics = settings, videos, metrics
        folders = (settings.data / name for name in ("clips", "copies", "words", "parts"))
        self.clips, self.copies, self.words, self.parts = folders
        shutil.rmtree(self.parts, ignore_errors=True)  # what a killed server left unfinished
        for folder in (self.clips, self.copies, self.words, self.parts):
            folder.mkdir(parents=True, exist_ok=True)
        for left in self.words.glob(".*.part"):
            left.unlink(missing_ok=True)

    def check(self, command: Command) -> None:
        """Refuse files, servers and hardware that the operator did not allow. Raises HTTPRefusal."""
        for field in OPERATOR_FIELDS:
            name = getattr(command, field, None)
            allowed = [*ALWAYS_ALLOWED.get(field, ()), *(() if field in NO_MODELS else self.settings.models)]
            if name is not None and not allowed:
                raise HTTPRefusal(403, f"{field}: clients of this server cannot choose it; leave it out")
            if name is not None and name not in allowed:
                names = ", ".join(allowed)
                raise HTTPRefusal(
                    403, f"{field}: the operator of this server does not allow this; choose from: {names}"
                )

    def copy_path(self, video: VideoFile) -> Path:
        """Where the copy of a video for players is, or will be."""
        return self.copies / f"{video.version}.mp4"

    def file_path(self, row: JobRow) -> Path:
        """Where the file that a job makes for its client is, or will be: a clip or a contact sheet."""
        return self.clips / f"{row.id}.{row.request['format'] if row.kind == 'scenes' else 'mp4'}"

    def known_words(self, video: VideoFile) -> dict[str, Any] | None:
        """The words that a job read in a video; None where no job has read any."""
        try:
            words: dict[str, Any] = json.loads((self.words / f"{video.version}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return words

    def prepare(self, row: JobRow) -> tuple[str, dict[str, Any]]:
        """The name of the task that does a job, and the task's request. Raises TaskFailed."""
        request = row.request
        if row.kind in {"index", "watch"}:
            try:
                folder = self.videos.folder(request["folder"]).path
            except KeyError:
                raise TaskFailed("the server no longer shows this folder") from None
            return row.kind, {
                "library": str(self.settings.library_path),
                "folder": str(folder),
                "index": {name: value for name, value in request.items() if name != "folder"},
            }
        video = self._video(row)
        if row.kind == "find":
            names = {field: request[field] for field in OPERATOR_FIELDS if request.get(field)}
            models = {
                field: name if field in NO_MODELS else self.settings.models.get(name, name)
                for field, name in names.items()
            }
            try:
                like = resolved(request.get("like"), self.settings.data / "pictures", self.videos)
            except HTTPRefusal as refusal:
                raise TaskFailed(refusal.detail) from None
            return "find", {"path": str(video.path), "find": request | models | {"like": like}}
        if row.kind in {"clip", "scenes"}:
            return row.kind, {**request, "path": str(video.path), "out": str(self._part(row))}
        return "copy", {"path": str(video.path), "out": str(self._part(row))}

    def conclude(self, row: JobRow, result: Any) -> Any:
        """The job's result as clients see it, from that of the task."""
        if row.kind in {"clip", "scenes"}:
            _keep(self._part(row), self.file_path(row))
            return {"file": f"/api/jobs/{row.id}/file"} | ({"notes": result} if result else {})
        if row.kind == "copy":
            _keep(self._part(row), self.copies / f"{row.request['version']}.mp4")
            self._delete_old_copies()
            return {"file": f"/api/videos/{row.video}/stream"}
        if row.kind == "find":
            if result["words"] is not None:
                self._keep_words(self._video(row), result["words"])
            return self._predictions(row, result["predictions"])
        failed = [
            {"name": Path(each["path"]).name, "reason": self.hide(each["reason"], row)} for each in result["failed"]
        ]
        damaged = [{"name": Path(each["path"]).name, "notes": each["notes"]} for each in result["damaged"]]
        return {**result, "failed": failed, "damaged": damaged}

    def show(self, row: JobRow, result: Any) -> Any:
        """What a find has found so far as clients see it, in the form of its result."""
        return self._predictions(row, result["predictions"])

    def hide(self, sentence: str, row: JobRow | None = None) -> str:
        """A sentence without paths of this machine and without what aliases of models stand for."""
        for secret, shown in self._secrets(row):
            sentence = sentence.replace(secret, shown)
        return sentence

    def delete_files(self, job: str) -> None:
        """Delete the files that a job made."""
        with suppress(OSError):
            for made in self.clips.glob(f"{job}.*"):
                made.unlink(missing_ok=True)

    def delete_video_files(self, video: VideoFile) -> None:
        """Delete what was made of a video that was deleted."""
        for made in (self.copy_path(video), self.words / f"{video.version}.json"):
            with suppress(OSError):
                made.unlink(missing_ok=True)

    def ended(self, row: JobRow, state: JobState, seconds: float) -> None:
        """Count a job that was started and has ended, and delete its temporary files."""
        self.metrics.ended.labels(row.kind, state).inc()
        if state == "cancelled":
            self.delete_files(row.id)
        self.metrics.seconds.labels(row.kind).observe(seconds)
        shutil.rmtree(self.parts / row.id, ignore_errors=True)

    def _part(self, row: JobRow) -> Path:
        """The file that a job writes, in a folder that is deleted however the job ends."""
        folder = self.parts / row.id
        folder.mkdir(exist_ok=True)
        return folder / f"part{self.file_path(row).suffix}"

    def _video(self, row: JobRow) -> VideoFile:
        try:
            return self.videos.get(row.video or "")
        except KeyError:
            raise TaskFailed("the video is no longer there") from None

    def _predictions(self, row: JobRow, predictions: list[dict[str, Any]]) -> dict[str, Any]:
        pictures, understood = [], []
        for prediction in predictions:
            query = prediction["query"]
            hidden = self._hidden(prediction, row)
            prediction.clear()
            prediction.update(hidden | {"query": query, "video": self._video(row).name})
            pictures.append([picture_url(row.video or "", (m["start"] + m["end"]) / 2) for m in prediction["moments"]])
            understood.append(describe(ParsedQuery(**read)) if (read := prediction.get("understood")) else "")
        return {"predictions": predictions, "thumbnails": pictures, "understood": understood}

    def _hidden(self, value: Any, row: JobRow) -> Any:
        if isinstance(value, dict):
            return {self.hide(name, row): self._hidden(each, row) for name, each in value.items()}
        if isinstance(value, list):
            return [self._hidden(each, row) for each in value]
        return self.hide(value, row) if isinstance(value, str) else value

    def _secrets(self, row: JobRow | None) -> list[tuple[str, str]]:
        """Strings that clients must not see, each with what they see in its place; the longest first."""
        pairs = [(name, alias) for alias, name in self.settings.models.items() if name != alias]
        if row is not None and row.video:
            with suppress(KeyError):
                video = self.videos.get(row.video)
                pairs.append((str(video.path), video.name))
        for folder in (*self.videos.folders, self.videos.uploads):
            pairs += [(f"{folder.path}/", ""), (str(folder.path), folder.name)]
        for place in (self.settings.library_path, self.settings.data, cache_folder()):
            pairs += [(str(place.resolve()), place.name), (str(place), place.name)]
        return sorted((pair for pair in pairs if len(pair[0]) > 2), key=lambda pair: -len(pair[0]))

    def _keep_words(self, video: VideoFile, words: dict[str, Any]) -> None:
        known = self.known_words(video)
        if known and known["complete"] and not words["complete"]:
            return
        with suppress(OSError), replacing(self.words / f"{video.version}.json") as part:
            part.write_text(json.dumps(words, ensure_ascii=False), "utf-8")

    def _delete_old_copies(self) -> None:
        copies = sorted(self.copies.glob("*.mp4"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in copies[KEPT_COPIES:]:
            with suppress(OSError):
                old.unlink()


def _keep(part: Path, whole: Path) -> None:
    """Give a finished file its name, so that both survive a power failure: then its job is done. Raises OSError."""
    synced(part)
    part.replace(whole)
    sync_folder(whole.parent)


def picture_url(video: str, time: float) -> str:
    """The address of the thumbnail at a time of a video."""
    return f"/api/videos/{video}/picture?" + urlencode({"t": round(time, 3), "height": THUMBNAIL_HEIGHT})
