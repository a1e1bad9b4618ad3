"""Annotations: saved, listed, followed, compared, and exported for evaluation and training."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field

from whenabouts.benchmarks.annotations import PROVENANCE, Provenance
from whenabouts.commands.command import MAX_QUERY_CHARS
from whenabouts.server import schema
from whenabouts.server.agreement import agreement
from whenabouts.server.annotations import Correction, SavedAnnotation
from whenabouts.server.audit import note
from whenabouts.server.body import json_body
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.openapi import ERRORS, takes
from whenabouts.server.preconditions import PreconditionsDep, etag
from whenabouts.server.routes.dependencies import NoParams, Params, StateDep, UserDep, VideoDep, get_facts, own_name
from whenabouts.server.state import State
from whenabouts.server.videos import VideoFile

router = APIRouter(prefix="/api", responses=ERRORS)
EVENT_INTERVAL = 0.1  # seconds between two events
JSON_LINES: dict[int | str, dict[str, Any]] = {
    200: {"description": "JSON Lines", "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
}
CORRECTION_EXAMPLE = {"query": "a red car passes", "annotator": "mina", "windows": [[586.727, 590.4]]}
CorrectionBody = Annotated[schema.CorrectionBody, Depends(json_body(schema.CorrectionBody))]


class AnnotationParams(Params):
    """Which annotation of a video."""

    query: Annotated[str, Query(min_length=1, max_length=MAX_QUERY_CHARS)]
    annotator: schema.Name


class ExportParams(Params):
    """Whose annotations to export, by default everyone's, and of which provenance, by default of all."""

    annotator: schema.Name | None = None
    provenance: Annotated[list[Provenance], Field(max_length=len(PROVENANCE))] = Field(
        default_factory=lambda: list(PROVENANCE)
    )


@router.get("/videos/{video}/annotations")
def list_annotations(video: VideoDep, _: NoParams, state: StateDep) -> schema.AnnotationList:
    """List the annotations of a video."""
    return _listed(video, state)


@router.put("/videos/{video}/annotations", openapi_extra=takes(schema.CorrectionBody, CORRECTION_EXAMPLE))
async def put_annotation(
    video: VideoDep,
    _: NoParams,
    body: CorrectionBody,
    preconditions: PreconditionsDep,
    user: UserDep,
    state: StateDep,
    request: Request,
    response: Response,
) -> schema.Annotation:
    """Create or replace one annotator's windows for one query; the answer comes when they are on the disk.

    What exists is only replaced with `If-Match`: its ETag, or `*` for whatever it is.
    """
    note(request.scope, queries=[body.query])
    duration = (await get_facts(state, video))["duration"]
    kinds = body.window_provenance or ["edited"] * len(body.windows)
    given = sorted(zip(((start, min(end, duration)) for start, end in body.windows), kinds, strict=True))
    if wrong := next((window for window, _ in given if not window[0] < window[1]), None):
        raise HTTPRefusal(409, f"windows: a window needs start < end within {duration:.3f} s, got {list(wrong)}")
    windows, of_each = tuple(window for window, _ in given), tuple(kind for _, kind in given)
    annotator = own_name(user, body.annotator)

    def write() -> SavedAnnotation:
        corrects = _corrected(state, video, body)
        correction = Correction(body.query, annotator, windows, of_each, corrects)
        return state.annotations.put(video.id, video.relative_path, duration, correction, preconditions.check)

    saved = await state.writes.run(write)
    state.changes.notify(video.id)
    response.headers["ETag"] = etag(saved.version)
    return _shown(saved)


@router.delete("/videos/{video}/annotations")
async def delete_annotation(
    video: VideoDep,
    params: Annotated[AnnotationParams, Query()],
    preconditions: PreconditionsDep,
    user: UserDep,
    state: StateDep,
    request: Request,
) -> schema.AnnotationList:
    """Delete one annotator's windows for one query, with `If-Match`: its ETag, or `*`. Returns what is left."""
    note(request.scope, queries=[params.query])
    delete, annotator = state.annotations.delete, own_name(user, params.annotator)
    try:
        await state.writes.run(lambda: delete(video.id, params.query, annotator, preconditions.check))
    except KeyError:
        raise HTTPRefusal(404, "there is no such annotation") from None
    state.changes.notify(video.id)
    return await asyncio.to_thread(_listed, video, state)


@router.get("/videos/{video}/annotations/events", response_class=EventSourceResponse)
async def follow_annotations(video: VideoDep, _: NoParams, state: StateDep) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: all annotations of a video, now and at each change."""
    number, latest = 0, None
    with state.changes.follow(video.id) as changed:
        while not state.changes.closed:
            changed.clear()
            listed = await asyncio.to_thread(_listed, video, state)
            if latest is None or listed.annotations != latest.annotations:
                yield ServerSentEvent(data=listed, event="annotations", id=str(number))
                number, latest = number + 1, listed
            await changed.wait()
            await asyncio.sleep(EVENT_INTERVAL)


@router.get("/videos/{video}/agreement")
def get_agreement(video: VideoDep, _: NoParams, state: StateDep) -> schema.Agreement:
    """Get how much the annotators of a video agree on each query that they have checked."""
    windows: dict[str, dict[str, tuple[tuple[float, float], ...]]] = {}
    for each in state.annotations.of_video(video.id):
        if each.provenance != "model":
            windows.setdefault(each.query, {})[each.annotator] = each.windows
    queries = [
        schema.QueryAgreement(query=query, annotators=list(of_query), tiou=agreement(of_query))
        for query, of_query in windows.items()
    ]
    known = [each.tiou for each in queries if each.tiou is not None]
    return schema.Agreement(queries=queries, mean=sum(known) / len(known) if known else None)


@router.get("/annotations.jsonl", response_class=Response, responses=JSON_LINES)
def export_annotations(params: Annotated[ExportParams, Query()], state: StateDep) -> Response:
    """Export all annotations as JSON Lines, for `whenabouts evaluate`, `train`, `curate` and `post-train`."""
    return Response(
        "".join(row.to_line() for row in state.annotations.export(params.annotator, params.provenance)).encode(),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": 'attachment; filename="annotations.jsonl"'},
    )


def _corrected(state: State, video: VideoFile, body: schema.CorrectionBody) -> dict[str, Any] | None:
    """The model's answer that a correction names; of a job that is gone, its name alone. Raises HTTPRefusal."""
    if body.job is None:
        return None
    try:
        job = state.store.get(body.job)
    except KeyError:
        return {"job": body.job}
    if job.kind != "find" or job.video != video.id:
        raise HTTPRefusal(409, "job: it is no find on this video; leave it out, or send the one that is corrected")
    answers = (job.result or state.runner.early(job) or {}).get("predictions", ())
    answer = next((each for each in answers if each["query"] == body.query), None)
    if answer is None:
        return {"job": body.job}
    moments = [[each["start"], each["end"], each.get("score")] for each in answer["moments"]]
    return {"job": body.job, "moments": moments, "receipt": answer.get("receipt")}


def _listed(video: VideoFile, state: State) -> schema.AnnotationList:
    version = state.annotations.version  # before they are read: they may be newer, never older
    return schema.AnnotationList(
        annotations=[_shown(each) for each in state.annotations.of_video(video.id)], version=version
    )


def _shown(saved: SavedAnnotation) -> schema.Annotation:
    """An annotation as clients see it."""
    return schema.Annotation(
        query=saved.query,
        annotator=saved.annotator,
        windows=[list(window) for window in saved.windows],
        saved=saved.saved,
        version=saved.version,
        provenance=saved.provenance,
        window_provenance=None if saved.window_provenance is None else list(saved.window_provenance),
        job=(saved.corrects or {}).get("job"),
    )
