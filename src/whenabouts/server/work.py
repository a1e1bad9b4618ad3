"""What each kind of job is: from what a client asked to the task of a process, and back to what the client sees.

Paths go into processes and come out of them again in sentences and receipts; here they are taken away.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from whenabouts.commands import Find
from whenabouts.errors import TaskFailed
from whenabouts.files.atomic import replacing
from whenabouts.files.cache import cache_folder
from whenabouts.server.jobs.store import Row, State
from whenabouts.server.metrics import Metrics
from whenabouts.server.refusal import Refusal
from whenabouts.server.settings import Settings
from whenabouts.server.videos import VideoFile, VideoFiles

__all__ = ["Work", "picture_address"]

NAMED = ("model", "verify", "encoder", "speech_model")  # fields of Find that could name files and addresses
HARMLESS = {"encoder": ("builtin",)}
COPIES = 100  # copies for players that are kept
THUMBNAIL = 126  # pixels


class Work:
    """The jobs of one server; see `whenabouts.server.jobs.runner.Work`."""

    def __init__(self, settings: Settings, videos: VideoFiles, metrics: Metrics) -> None:
        self.settings, self.videos, self.metrics = settings, videos, metrics
        rooms = (settings.data / name for name in ("clips", "copies", "words", "parts"))
        self.clips, self.copies, self.words, self.parts = rooms
        shutil.rmtree(self.parts, ignore_errors=True)  # what a killed server left half written
        for folder in (self.clips, self.copies, self.words, self.parts):
            folder.mkdir(parents=True, exist_ok=True)

    def allow(self, find: Find) -> None:
        """Only models the operator named. Raises Refusal."""
        for field in NAMED:
            name = getattr(find, field)
            if name is not None and name not in self.settings.models and name not in HARMLESS.get(field, ()):
                allowed = ", ".join(self.settings.models)
                raise Refusal(403, f"{field}: this server answers only with what its operator allowed: {allowed}")

    def copy_of(self, video: VideoFile) -> Path:
        """Where the copy of a video for players is, or will be."""
        return self.copies / f"{video.version}.mp4"

    def clip_of(self, job: str) -> Path:
        """Where the clip of a job is, or will be."""
        return self.clips / f"{job}.mp4"

    def words_of(self, video: VideoFile) -> dict[str, Any] | None:
        """The words that a job read in a video, None where none did."""
        try:
            told: dict[str, Any] = json.loads((self.words / f"{video.version}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return told

    def prepare(self, row: Row) -> tuple[str, dict[str, Any]]:
        """The task of a process, and what it is given. Raises TaskFailed."""
        asked = row.request
        if row.kind in {"index", "watch"}:
            try:
                folder = self.videos.folder(asked["folder"]).path
            except KeyError:
                raise TaskFailed("this folder is no longer one of the server's") from None
            return row.kind, {
                "library": str(self.settings.library_place),
                "folder": str(folder),
                "index": {name: value for name, value in asked.items() if name != "folder"},
            }
        video = self._video(row)
        if row.kind == "find":
            meant = {name: self.settings.models.get(asked[name], asked[name]) for name in NAMED if asked.get(name)}
            return "find", {"path": str(video.path), "find": asked | meant}
        if row.kind == "clip":
            return "clip", {**asked, "path": str(video.path), "out": str(self._part(row))}
        return "copy", {"path": str(video.path), "out": str(self._part(row))}

    def conclude(self, row: Row, result: Any) -> Any:
        """What clients see of what the process gave."""
        if row.kind == "clip":
            self._part(row).replace(self.clip_of(row.id))
            return {"file": f"/api/jobs/{row.id}/file"}
        if row.kind == "copy":
            self._part(row).replace(self.copies / f"{row.request['version']}.mp4")
            self._forget_copies()
            return {"file": f"/api/videos/{row.video}/stream"}
        if row.kind == "find":
            if result["words"] is not None:
                self._keep_words(self._video(row), result["words"])
            return self._predictions(row, result["predictions"])
        failed = [
            {"name": Path(each["path"]).name, "reason": self.hide(each["reason"], row)} for each in result["failed"]
        ]
        return {**result, "failed": failed}

    def hide(self, told: str, row: Row | None = None) -> str:
        """A sentence without paths of this machine and without what aliases of models stand for."""
        for real, shown in self._secrets(row):
            told = told.replace(real, shown)
        return told

    def forget(self, job: str) -> None:
        """Delete what a job left."""
        with suppress(OSError):
            self.clip_of(job).unlink(missing_ok=True)

    def forget_video(self, video: VideoFile) -> None:
        """Delete what was made of a video that is gone for good."""
        for made in (self.copy_of(video), self.words / f"{video.version}.json"):
            with suppress(OSError):
                made.unlink(missing_ok=True)

    def ended(self, row: Row, state: State, seconds: float) -> None:
        """A job that was begun has ended."""
        self.metrics.ended.labels(row.kind, state).inc()
        if state == "cancelled":
            self.forget(row.id)
        self.metrics.seconds.labels(row.kind).observe(seconds)
        shutil.rmtree(self.parts / row.id, ignore_errors=True)

    def _part(self, row: Row) -> Path:
        """Where a job writes, in a folder that goes with it, however it ends."""
        folder = self.parts / row.id
        folder.mkdir(exist_ok=True)
        return folder / "part.mp4"

    def _video(self, row: Row) -> VideoFile:
        try:
            return self.videos.get(row.video or "")
        except KeyError:
            raise TaskFailed("the video is no longer there") from None

    def _predictions(self, row: Row, predictions: list[dict[str, Any]]) -> dict[str, Any]:
        pictures = []
        for prediction in predictions:
            query = prediction["query"]
            hidden = self._hidden(prediction, row)
            prediction.clear()
            prediction.update(hidden | {"query": query, "video": self._video(row).name})
            pictures.append(
                [picture_address(row.video or "", (m["start"] + m["end"]) / 2) for m in prediction["moments"]]
            )
        return {"predictions": predictions, "thumbnails": pictures}

    def _hidden(self, value: Any, row: Row) -> Any:
        if isinstance(value, dict):
            return {name: self._hidden(each, row) for name, each in value.items()}
        if isinstance(value, list):
            return [self._hidden(each, row) for each in value]
        return self.hide(value, row) if isinstance(value, str) else value

    def _secrets(self, row: Row | None) -> list[tuple[str, str]]:
        pairs = [(real, alias) for alias, real in self.settings.models.items() if real != alias]
        if row is not None and row.video:
            with suppress(KeyError):
                video = self.videos.get(row.video)
                pairs.append((str(video.path), video.name))
        for folder in (*self.videos.folders, self.videos.uploads):
            pairs += [(f"{folder.path}/", ""), (str(folder.path), folder.name)]
        for place in (self.settings.library_place, self.settings.data, cache_folder()):
            pairs += [(str(place.resolve()), place.name), (str(place), place.name)]
        return sorted((pair for pair in pairs if len(pair[0]) > 2), key=lambda pair: -len(pair[0]))

    def _keep_words(self, video: VideoFile, words: dict[str, Any]) -> None:
        known = self.words_of(video)
        if known and known["complete"] and not words["complete"]:
            return
        with suppress(OSError), replacing(self.words / f"{video.version}.json") as part:
            part.write_text(json.dumps(words, ensure_ascii=False), "utf-8")

    def _forget_copies(self) -> None:
        copies = sorted(self.copies.glob("*.mp4"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in copies[COPIES:]:
            with suppress(OSError):
                old.unlink()


def picture_address(video: str, time: float) -> str:
    """Where the small picture of a moment is."""
    return f"/api/videos/{video}/picture?" + urlencode({"t": round(time, 3), "height": THUMBNAIL})
