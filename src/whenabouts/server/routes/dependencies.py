"""What endpoints depend on: the state of the server, the video, folder or job of the address, and the queue of jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Path, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.requests import ClientDisconnect

from whenabouts.errors import QueueFull
from whenabouts.server.audit import note
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.jobs.store import JobKind, JobRow
from whenabouts.server.milliseconds import rounded
from whenabouts.server.schema import Job
from whenabouts.server.state import State
from whenabouts.server.users import User
from whenabouts.server.videos import Folder, VideoFile

__all__ = [
    "FolderDep",
    "JobDep",
    "JobQueueDep",
    "NoParams",
    "Params",
    "SeesAll",
    "StateDep",
    "UserDep",
    "VideoDep",
    "changeable",
    "declared_length",
    "get_facts",
    "job_facts",
    "own_name",
    "own_or_administer",
    "while_connected",
]

T = TypeVar("T")
ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"
ID = Path(pattern=ID_PATTERN, description="An opaque id, as lists and answers give it.")


class Params(BaseModel):
    """Parameters after the `?` of an address; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")


NoParams = Annotated[Params, Query()]


async def _user(request: Request) -> User:
    user: User = request.scope["user"]
    return user


UserDep = Annotated[User, Depends(_user)]


async def _state(request: Request, user: UserDep) -> State:  # no thread is needed for it, as for what touches the disk
    state: State = request.app.state.server
    return state if user.folders is None else state.seen_by(user)


StateDep = Annotated[State, Depends(_state)]
"""The server as the user of the request may see it."""


def _video(video: Annotated[str, ID], request: Request, state: StateDep) -> VideoFile:
    try:
        found = state.videos.get(video)
    except KeyError:
        raise HTTPRefusal(404, "there is no such video") from None
    note(request.scope, name=found.relative_path)
    return found


def _folder(folder: Annotated[str, ID], state: StateDep) -> Folder:
    try:
        found = state.videos.folder(folder)
    except KeyError:
        raise HTTPRefusal(404, "there is no such folder") from None
    if not state.videos.has_all_of(folder):
        raise HTTPRefusal(403, "you may see only a part of this folder")
    return found


def _job(job: Annotated[str, ID], request: Request, state: StateDep) -> JobRow:
    try:
        row = state.store.get(job)
    except KeyError:
        raise HTTPRefusal(404, "there is no such job") from None
    note(request.scope, kind=row.kind, **_asked(row.request), **({"video": row.video} if row.video else {}))
    return row


def _asked(request: dict[str, Any]) -> dict[str, Any]:
    """The queries of a job's request, as the audit log tells them."""
    queries = request.get("queries") or [request.get("query")]
    return {"queries": [query for query in queries if query]}


VideoDep = Annotated[VideoFile, Depends(_video)]
FolderDep = Annotated[Folder, Depends(_folder)]
JobDep = Annotated[JobRow, Depends(_job)]


@dataclass(frozen=True, slots=True)
class JobQueue:
    """Takes the jobs of one request, of which it knows the key that makes a repeated request the same job."""

    state: State
    request: Request
    key: str | None

    @property
    def client(self) -> str:
        """The user, else the address that the request came from."""
        return str(self.request.scope["client_name"])

    @property
    def user(self) -> User:
        """The user, also where the server has none."""
        user: User = self.request.scope["user"]
        return user

    async def put(self, kind: JobKind, request: dict[str, Any], video: VideoFile | None = None) -> Job:
        """A new job, or the one that was made with the same key; it is on the disk then.

        Raises HTTPRefusal: 429 or 503 where the queue is full, 429 or 403 where the user's quota does not allow it, 409
        where the key was used for another request. Raises DataUnavailable.
        """
        of, store = video.id if video else None, self.state.store

        def put() -> tuple[JobRow, bool]:
            try:
                return store.put(kind, self.client, request, video=of, key=self.key)
            except QueueFull as full:
                raise HTTPRefusal(429 if full.of_client else 503, str(full), **{"Retry-After": "30"}) from None

        row, is_new = await self._counted(kind, request, [video] if video else [], put)
        if not is_new and (row.kind, row.video, row.request) != (kind, of, request):
            raise HTTPRefusal(409, "this Idempotency-Key was used for another request; send a new one")
        note(self.request.scope, job=row.id)
        return await asyncio.to_thread(job_facts, self.state, row, self.user)

    async def put_batch(self, kind: JobKind, request: dict[str, Any], videos: Sequence[VideoFile]) -> str:
        """The id of a batch: the same job for each video, all of them or none; made anew unless its key is known.

        Raises as `put`.
        """
        batch = sha256(f"{self.client} {self.key}".encode()).hexdigest()[:24] if self.key else token_hex(12)
        ids, store = [video.id for video in videos], self.state.store

        def put() -> tuple[str, bool]:
            try:
                return batch, store.put_batch(kind, self.client, request, videos=ids, batch=batch)
            except QueueFull as full:
                sentence = (
                    f"the queue has no room for {len(ids)} more jobs; choose fewer videos, or wait until some are done"
                )
                raise HTTPRefusal(429 if full.of_client else 503, sentence, **{"Retry-After": "30"}) from None

        note(self.request.scope, videos=[video.relative_path for video in videos])
        await self._counted(kind, request, videos, put)
        note(self.request.scope, batch=batch)
        return batch

    async def _counted(
        self, kind: JobKind, request: dict[str, Any], videos: Sequence[VideoFile], put: Callable[[], tuple[T, bool]]
    ) -> tuple[T, bool]:
        """What `put` makes, counted for the user where it is new."""
        user = self.user
        note(self.request.scope, kind=kind, **_asked(request))
        seconds = 0.0
        if kind == "find" and user.quota.seconds_a_day is not None:
            seconds = sum([(await get_facts(self.state, video))["duration"] for video in videos])

        def counted() -> tuple[T, bool]:
            jobs = max(1, len(videos))
            with self.state.quotas.taking(
                user, jobs=jobs, seconds=seconds, open_jobs=lambda: self.state.open_of(self.client)
            ) as give_back:
                made, is_new = put()
                if not is_new:
                    give_back()
            return made, is_new

        made, is_new = await self.state.writes.run(counted)
        if is_new:
            self.state.runner.wake()
        return made, is_new


async def _job_queue(
    request: Request,
    state: StateDep,
    key: Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)] = None,
) -> JobQueue:
    return JobQueue(state, request, key)


JobQueueDep = Annotated[JobQueue, Depends(_job_queue)]


def job_facts(state: State, row: JobRow, user: User) -> Job:
    """A job as a user sees it, with its times in milliseconds."""
    step, progress, position = state.runner.progress(row)
    return Job(
        id=row.id,
        kind=row.kind,
        state=row.state,
        video=row.video,
        request=row.request,
        step=step,
        progress=progress,
        position=position,
        error=row.error,
        early=rounded(state.runner.early(row)),
        result=rounded(row.result),
        created=row.created,
        started=row.started,
        ended=row.ended,
        changeable=changeable(user, row.client),
    )


async def while_connected(request: Request, making: Awaitable[T]) -> T:
    """What is made, unless the client hangs up first: then the making is cancelled. Raises ClientDisconnect."""
    made, left = asyncio.ensure_future(making), asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait((made, left), return_when=asyncio.FIRST_COMPLETED)
        if not made.done():
            raise ClientDisconnect
        return made.result()
    finally:
        made.cancel()
        left.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def get_facts(state: State, video: VideoFile) -> dict[str, Any]:
    """The facts of a video, as the task `facts` gives them. Raises HTTPRefusal."""
    facts: dict[str, Any] = await state.video_cache.get(video, "facts")
    return facts


def declared_length(request: Request, user: User) -> int | None:
    """The bytes that an upload will have, as its client says. Raises HTTPRefusal where they must be counted."""
    length = request.headers.get("content-length")
    if length is None and user.quota.upload_bytes_a_day is not None:
        raise HTTPRefusal(411, "send the Content-Length of the upload: your uploads are counted")
    return int(length) if length is not None else None


def own_name(user: User, given: str) -> str:
    """The name under which something is saved: the user's own, where the server has users. Raises HTTPRefusal."""
    if user.name not in {None, given}:
        raise HTTPRefusal(403, f"you are logged in as {user.name!r}; another name is another user's")
    return given


def own_or_administer(user: User, owner: str | None) -> None:
    """Raises HTTPRefusal where somebody reads or changes what is another user's, and does not administer all folders.

    What others own may tell of any folder, and another administrator of some folders may see others than its owner.
    """
    if not _owns_or_administers(user, owner):
        raise HTTPRefusal(403, "this is another user's; they or an administrator of all folders can do that")


def changeable(user: User, owner: str | None) -> bool:
    """Whether a user may change and delete what is `owner`'s, where that needs the scope to ask."""
    return "ask" in user.scopes and _owns_or_administers(user, owner)


def _owns_or_administers(user: User, owner: str | None) -> bool:
    return user.name in {None, owner} or ("administer" in user.scopes and user.folders is None)


async def _sees_all(user: UserDep) -> None:
    if user.folders is not None:
        raise HTTPRefusal(403, "this tells of all folders, and you may see only some")


SeesAll = Depends(_sees_all)
"""Refuses users who see only some folders."""
