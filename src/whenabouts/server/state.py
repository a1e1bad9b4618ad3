"""`State`: the parts of a running server, which the routes work with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from whenabouts.errors import InputError
from whenabouts.grounders.warm import WARM
from whenabouts.server.annotations import AnnotationStore
from whenabouts.server.attempts import Attempts
from whenabouts.server.audit import AuditLog
from whenabouts.server.batches import Batches
from whenabouts.server.disk import Disk
from whenabouts.server.examples import Pictures, video_of
from whenabouts.server.jobs.changes import JobChanges
from whenabouts.server.jobs.handler import VideoJobHandler
from whenabouts.server.jobs.runner import JobRunner, lanes
from whenabouts.server.jobs.store import JobRow, JobStore
from whenabouts.server.live import Watches
from whenabouts.server.live.streams import valid_prefix
from whenabouts.server.metrics import Metrics
from whenabouts.server.questions import QuestionStore
from whenabouts.server.quick_tasks import QuickTasks
from whenabouts.server.quota import Quotas
from whenabouts.server.settings import Settings, read_secret
from whenabouts.server.uploads import Uploads
from whenabouts.server.users import FILE as USERS
from whenabouts.server.users import User, UserStore
from whenabouts.server.video_cache import VideoCache
from whenabouts.server.videos import VideoFiles
from whenabouts.server.writes import Writes

__all__ = ["State"]

MAX_WATCHED = 8  # folders at once


@dataclass(slots=True)
class State:
    """The parts of one server; `secret` is the key of its ids and cookies."""

    settings: Settings
    secret: bytes
    disk: Disk
    writes: Writes
    store: JobStore
    changes: JobChanges
    videos: VideoFiles
    uploads: Uploads
    pictures: Pictures
    annotations: AnnotationStore
    questions: QuestionStore
    batches: Batches
    quick_tasks: QuickTasks
    facts: QuickTasks
    video_cache: VideoCache
    metrics: Metrics
    handler: VideoJobHandler
    runner: JobRunner
    watches: Watches
    users: UserStore
    attempts: Attempts
    quotas: Quotas
    audit: AuditLog

    @classmethod
    def open(cls, settings: Settings) -> State:
        """The parts of a server with these settings; no job runs before `runner.start()`.

        Raises InputError where a folder does not exist, or the data folder cannot be used or is in use.
        """
        settings = settings.resolved()
        data = settings.data
        for prefix in settings.streams:
            if not valid_prefix(prefix):
                raise InputError(f"{prefix} is not the beginning of an address such as rtsp://camera.example.org/")
        for folder in settings.folders:
            if not folder.is_dir():
                raise InputError(f"{folder} is not a directory; give the folders that hold videos")
        try:
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
            disk = Disk(data)
            store = JobStore(data / "jobs.sqlite", limit=settings.queue_limit, report=disk.report)
            secret = read_secret(data)
            quick_tasks, facts = (QuickTasks(limits=settings.limits) for _ in range(2))
            uploads = Uploads(data / "uploads", settings.upload_limit, quick_tasks)
            pictures = Pictures(data / "pictures", quick_tasks, enabled=settings.upload_limit > 0)
            annotations = AnnotationStore(data / "annotations.sqlite", disk.report)
            questions = QuestionStore(data / "questions.sqlite", disk.report)
            users = UserStore(data / USERS, disk.report)
            audit = AuditLog(data / "audit.sqlite", disk.report)
            videos = VideoFiles(settings.folders, uploads.folder, secret)
            metrics = Metrics(store, disk)
            handler = VideoJobHandler(settings, videos, metrics)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise InputError(f"{data} cannot be used ({reason}); give another folder with --data") from error
        changes = JobChanges()
        kinds = lanes(settings.workers, min(MAX_WATCHED, len(videos.folders) + 1))
        warm_limit = WARM.limit_bytes if settings.warm_limit is None else settings.warm_limit
        return cls(
            settings,
            secret,
            disk,
            Writes(),
            store,
            changes,
            videos,
            uploads,
            pictures,
            annotations,
            questions,
            Batches(store),
            quick_tasks,
            facts,
            VideoCache(quick_tasks, facts),
            metrics,
            handler,
            JobRunner(store, changes, handler, disk, kinds, warm_limit // settings.workers, settings.limits),
            Watches(changes.notify, handler.hide),
            users,
            Attempts(),
            Quotas(users),
            audit,
        )

    def seen_by(self, user: User) -> State:
        """The same server as a user sees it who may see only some videos: no other is listed, found or opened."""
        videos = self.videos.seen_by(user)

        def sees(video: str | None) -> bool:
            return video is not None and videos.has(video)

        def sees_job(row: JobRow) -> bool:
            if row.video is None:
                return videos.has_all_of(row.request["folder"])
            example = video_of(row.request.get("like"))  # the query calls that video by its name
            return sees(row.video) and (example is None or sees(example))

        return replace(
            self,
            videos=videos,
            store=self.store.seen_by(sees_job),
            annotations=self.annotations.seen_by(sees),
            watches=self.watches.seen_by(sees),
        )

    def open_of(self, client: str) -> int:
        """How much of a client's waits or runs: jobs and watches."""
        return self.store.open_of(client) + self.watches.running_of(client)

    def close(self) -> None:
        """End all processes and close the databases; jobs are taken up at the next start."""
        self.changes.close()
        self.runner.close()
        self.watches.close()
        self.quick_tasks.close()
        self.facts.close()
        self.writes.close()
        self.disk.close()
        self.annotations.close()
        self.questions.close()
        self.users.close()
        self.audit.close()
        self.store.close()
