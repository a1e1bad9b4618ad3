"""Watches: standing queries on a video or a stream, started, followed and stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from whenabouts.commands.command import Query as QueryText
from whenabouts.errors import QueryError, VideoError
from whenabouts.server import schema
from whenabouts.server.audit import note
from whenabouts.server.body import json_body
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.live.streams import is_allowed
from whenabouts.server.live.watch_process import WatchProcess
from whenabouts.server.live.watches import MOST_RUNNING, TooMany
from whenabouts.server.milliseconds import rounded
from whenabouts.server.openapi import ERRORS, takes
from whenabouts.server.routes.dependencies import (
    NoParams,
    Params,
    StateDep,
    UserDep,
    changeable,
    get_facts,
    own_or_administer,
)
from whenabouts.server.state import State
from whenabouts.server.users import User
from whenabouts.video.live.address import Address

router = APIRouter(prefix="/api/watches", responses=ERRORS)
WATCH_EXAMPLE = {"url": "rtsp://camera.example.org/door", "queries": ["a person at the door"]}
QUERY_EXAMPLE = {"query": "a parcel on the ground"}
WatchBody = Annotated[schema.WatchBody, Depends(json_body(schema.WatchBody))]
WatchQueryBody = Annotated[schema.WatchQueryBody, Depends(json_body(schema.WatchQueryBody))]
EVENT_INTERVAL = 0.2  # seconds between two events


class QueryParams(Params):
    """Which query is meant."""

    query: QueryText


async def _watch(
    watch: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")], request: Request, state: StateDep
) -> WatchProcess:
    try:
        found = state.watches.get(watch)
    except KeyError:
        raise HTTPRefusal(404, "there is no such watch") from None
    if found.video is not None:  # what a stream is called may be its address
        note(request.scope, video=found.video, name=found.name)
    note(request.scope, queries=list(found.wanted.queries))
    return found


WatchDep = Annotated[WatchProcess, Depends(_watch)]


async def _own_watch(watch: WatchDep, user: UserDep) -> WatchProcess:
    own_or_administer(user, watch.owner)
    return watch


OwnWatchDep = Annotated[WatchProcess, Depends(_own_watch)]
"""A watch that the user may change."""


@router.get("")
def list_watches(_: NoParams, user: UserDep, state: StateDep) -> schema.WatchList:
    """List the watches that run and the last ones that ended, newest first."""
    return schema.WatchList(watches=[_facts(each, user) for each in state.watches.all()])


@router.post("", status_code=201, openapi_extra=takes(schema.WatchBody, WATCH_EXAMPLE))
async def create_watch(_: NoParams, body: WatchBody, user: UserDep, request: Request, state: StateDep) -> schema.Watch:
    """Start a watch of a video, as fast as it plays, or of a stream that the operator allowed.

    It counts as a job of the user while it runs, and with the length of its video.
    """
    note(request.scope, queries=body.queries, **({"video": body.video} if body.video else {}))
    if body.video is None and user.folders is not None:
        raise HTTPRefusal(403, "a stream is in no folder, and you may see only some folders")
    source, name, seconds = await _source(body, state, user)
    if body.video is not None:
        note(request.scope, name=name)
    fields = body.model_dump(mode="json", exclude={"video", "url"}, exclude_none=True)
    if body.video is not None and not body.follow:
        fields.setdefault("speed", 1.0)
    client = str(request.scope["client_name"])

    def start() -> WatchProcess:
        with state.quotas.taking(user, jobs=1, seconds=seconds, open_jobs=lambda: state.open_of(client)):
            return state.watches.start(source, name, body.video, client, fields)

    try:
        watch = await state.writes.run(start)
    except TooMany:
        sentence = f"{MOST_RUNNING} watches are running, the most at once; stop one first"
        raise HTTPRefusal(429, sentence, **{"Retry-After": "30"}) from None
    return _facts(watch, user)


@router.get("/{watch}")
def get_watch(watch: WatchDep, _: NoParams, user: UserDep) -> schema.Watch:
    """Get a watch as it stands, with the newest things that it told."""
    return _facts(watch, user)


@router.post("/{watch}/stop")
def stop_watch(watch: OwnWatchDep, _: NoParams, user: UserDep) -> schema.Watch:
    """Stop a watch; what it told stays."""
    watch.stop()
    return _facts(watch, user)


@router.delete("/{watch}")
def delete_watch(watch: OwnWatchDep, _: NoParams, user: UserDep, state: StateDep) -> schema.Watch:
    """Stop a watch and forget it."""
    with suppress(KeyError):  # somebody else did
        state.watches.delete(watch.id)
    return _facts(watch, user)


@router.post("/{watch}/queries", openapi_extra=takes(schema.WatchQueryBody, QUERY_EXAMPLE))
def add_query(watch: OwnWatchDep, _: NoParams, body: WatchQueryBody, user: UserDep, request: Request) -> schema.Watch:
    """Add a query to a watch; it is asked from now on."""
    note(request.scope, queries=[body.query])
    return _changed(watch, user, add=body.query)


@router.delete("/{watch}/queries")
def remove_query(
    watch: OwnWatchDep, params: Annotated[QueryParams, Query()], user: UserDep, request: Request
) -> schema.Watch:
    """Remove a query from a watch; it is asked no longer."""
    note(request.scope, queries=[params.query])
    return _changed(watch, user, remove=params.query)


@router.get("/{watch}/events", response_class=EventSourceResponse)
async def follow_watch(watch: WatchDep, _: NoParams, user: UserDep, state: StateDep) -> AsyncIterator[ServerSentEvent]:
    """Follow a watch until it has ended: server-sent events, each with the watch as it is then."""
    number = 0
    with state.changes.follow(watch.id) as changed:
        while not state.changes.closed:
            changed.clear()
            facts = _facts(watch, user)
            yield ServerSentEvent(data=facts, event="watch", id=str(number))
            number += 1
            if facts.state != "running":
                return
            await changed.wait()
            await asyncio.sleep(EVENT_INTERVAL)


async def _source(body: schema.WatchBody, state: State, user: User) -> tuple[str, str, float]:
    """What to open, what it is called, and how long it is where that is counted. Raises HTTPRefusal."""
    if body.video is not None:
        try:
            video = await asyncio.to_thread(state.videos.get, body.video)
        except KeyError:
            raise HTTPRefusal(404, "there is no such video") from None
        seconds = 0.0
        if user.quota.seconds_a_day is not None:
            try:
                seconds = (await get_facts(state, video))["duration"]
            except HTTPRefusal:
                if not body.follow:  # what is still being written may have no length yet
                    raise
        return str(video.path), video.name, seconds
    assert body.url is not None
    if not is_allowed(body.url, state.settings.streams):
        raise HTTPRefusal(403, "the operator of this server has not allowed this address; see --allow-stream")
    try:
        return body.url, Address.parse(body.url).name, 0.0
    except VideoError as error:
        raise HTTPRefusal(409, str(error)) from None


def _changed(watch: WatchProcess, user: User, *, add: str | None = None, remove: str | None = None) -> schema.Watch:
    if watch.state != "running":
        raise HTTPRefusal(409, "this watch has ended; start another")
    try:
        if add is not None:
            watch.add(add)
        if remove is not None:
            watch.remove(remove)
    except QueryError as error:
        raise HTTPRefusal(409, str(error)) from None
    return _facts(watch, user)


def _facts(watch: WatchProcess, user: User) -> schema.Watch:
    state, standing = watch.state, rounded(watch.standing)
    known = {each["query"]: each for each in standing.get("queries", ())}
    queries = [schema.StandingQuery(**known.get(query, {"query": query})) for query in watch.wanted.queries]
    return schema.Watch(
        id=watch.id,
        source=watch.name,
        video=watch.video,
        state=state,
        error=watch.error,
        created=datetime.fromtimestamp(watch.created, UTC).isoformat(timespec="seconds"),
        clock=standing.get("clock", 0.0),
        rate=standing.get("rate", 0.0),
        behind=standing.get("behind", 0.0),
        lost=standing.get("lost", False),
        queries=queries,
        told=rounded(watch.rows),
        changeable=changeable(user, watch.owner),
    )
