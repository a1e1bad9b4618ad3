"""Videos: listed, uploaded, played, shown as pictures and words, asked about, cut and exported."""

from __future__ import annotations

import asyncio
import base64
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field, FiniteFloat

from whenabouts.commands import Find
from whenabouts.interchange.formats import FORMATS
from whenabouts.prediction import Prediction
from whenabouts.server import schema
from whenabouts.server.body import MIB, json_body, refuse_encoded
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.media import RangeResponse, attachment
from whenabouts.server.openapi import ERRORS, takes
from whenabouts.server.pictures import resolved
from whenabouts.server.routes.dependencies import (
    JobQueueDep,
    NoParams,
    Params,
    StateDep,
    VideoDep,
    get_facts,
    job_facts,
)
from whenabouts.server.state import State
from whenabouts.server.videos import UPLOADS, VideoFile

router = APIRouter(prefix="/api/videos", responses=ERRORS)
ALL_JOBS = 1 << 30
BINARY = {"schema": {"type": "string", "format": "binary"}}
VIDEO_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole file", "content": {"video/mp4": BINARY, "video/webm": BINARY}},
    206: {"description": "A part of it", "content": {"video/mp4": BINARY, "video/webm": BINARY}},
    304: {"description": "Not changed"},
}
JPEG_RESPONSE: dict[int | str, dict[str, Any]] = {200: {"description": "A picture", "content": {"image/jpeg": BINARY}}}
FILE_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"application/octet-stream": BINARY}}
}
UPLOAD_BODY = {"required": True, "content": {"application/octet-stream": BINARY, "video/mp4": BINARY}}
FindBody = Annotated[Find, Depends(json_body(Find))]
ClipBody = Annotated[schema.ClipBody, Depends(json_body(schema.ClipBody))]
ExportBody = Annotated[schema.ExportBody, Depends(json_body(schema.ExportBody, limit=64 * MIB))]


class ListParams(Params):
    """Which videos to list."""

    folder: Annotated[str | None, Field(max_length=64)] = None
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class UploadParams(Params):
    """The client's file name of an upload."""

    name: Annotated[str, Field(min_length=1, max_length=1000)]


class PictureParams(Params):
    """Which picture: the one on screen at `t` seconds, `height` pixels high."""

    t: Annotated[FiniteFloat, Field(ge=0, le=1e9)] = 0.0
    height: Annotated[int, Field(ge=16, le=1080)] = 126


class StripParams(Params):
    """How many pictures."""

    count: Annotated[int, Field(ge=1, le=100)] = 14


@router.get("")
def list_videos(params: Annotated[ListParams, Query()], state: StateDep) -> schema.VideoList:
    """The videos of a folder, or of all folders."""
    try:
        videos = state.videos.all(params.folder)
    except KeyError:
        raise HTTPRefusal(404, "there is no such folder") from None
    page = videos[params.offset : params.offset + params.limit]
    return schema.VideoList(videos=[_summary(video) for video in page], total=len(videos))


@router.post("", status_code=201, openapi_extra={"requestBody": UPLOAD_BODY})
async def upload_video(
    params: Annotated[UploadParams, Query()], request: Request, state: StateDep
) -> schema.VideoSummary:
    """Upload a video: the body is the bytes of the file."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/octet-stream" and not media_type.startswith("video/"):
        raise HTTPRefusal(415, "send the bytes of the video with Content-Type: application/octet-stream, or video/…")
    refuse_encoded(request)
    length = request.headers.get("content-length")
    declared = int(length) if length is not None else None
    client = str(request.scope["client_name"])
    path = await state.uploads.receive(client, params.name, request.stream(), declared)
    video = await asyncio.to_thread(state.videos.at, path.resolve())
    state.videos.rescan()
    if video is None:
        raise HTTPRefusal(404, "the video was deleted while it was uploaded")
    state.metrics.uploaded.inc(video.size)
    return _summary(video)


@router.get("/{video}")
async def get_video(video: VideoDep, _: NoParams, state: StateDep) -> schema.VideoFacts:
    """The facts of a video, and how a browser can play it."""
    facts = await get_facts(state, video)
    known = {name: value for name, value in facts.items() if name in schema.VideoFacts.model_fields}
    return schema.VideoFacts(**_summary(video).model_dump(), **known)


@router.delete("/{video}", status_code=204)
async def delete_video(video: VideoDep, _: NoParams, state: StateDep) -> None:
    """Delete an upload with its jobs and its annotations."""
    if video.folder != UPLOADS:
        raise HTTPRefusal(403, "only uploads can be deleted here; this video is in a folder of the operator")
    await state.writes.run(lambda: _delete(video, state))


@router.get("/{video}/stream", response_class=Response, responses=VIDEO_RESPONSES)
async def stream_video(video: VideoDep, _: NoParams, request: Request, state: StateDep) -> Any:
    """The file of a video for a player, or its copy: all of it, or one range of bytes."""
    facts = await get_facts(state, video)
    if facts["player"] is None:
        raise HTTPRefusal(409, "browsers cannot play this video, and it is too long for a copy")
    try:
        if facts["player"] == "file":
            descriptor = await asyncio.to_thread(state.videos.open, video)
        else:
            descriptor = await asyncio.to_thread(state.videos.open_path, state.handler.copy_path(video))
    except OSError:
        if facts["player"] == "copy":
            raise HTTPRefusal(409, f"browsers need a copy of this video: POST /api/videos/{video.id}/copy") from None
        raise HTTPRefusal(404, "there is no such video") from None
    return RangeResponse(
        descriptor,
        request.headers,
        facts["media_type"],
        count=state.metrics.streamed.inc,
        closing=lambda: state.changes.closed,
    )


@router.get("/{video}/picture", response_class=Response, responses=JPEG_RESPONSE)
async def get_picture(video: VideoDep, params: Annotated[PictureParams, Query()], state: StateDep) -> Response:
    """The picture on screen at a time."""
    url = await state.video_cache.get(video, "picture", time=params.t, height=params.height)
    if url is None:
        raise HTTPRefusal(409, "no picture can be decoded at this time")
    jpeg = base64.b64decode(url.partition(",")[2])
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


@router.get("/{video}/strip")
async def get_strip(video: VideoDep, params: Annotated[StripParams, Query()], state: StateDep) -> schema.Strip:
    """Pictures along the video."""
    return schema.Strip(pictures=await state.video_cache.get(video, "strip", count=params.count))


@router.get("/{video}/words")
async def get_words(video: VideoDep, _: NoParams, state: StateDep) -> schema.Words:
    """What is said and written in the video, as far as it has been read."""
    words = await asyncio.to_thread(state.handler.known_words, video)
    return schema.Words(**(words or await state.video_cache.get(video, "words")))


@router.post("/{video}/find", status_code=202, openapi_extra=takes(Find))
async def start_find(video: VideoDep, _: NoParams, body: FindBody, jobs: JobQueueDep, state: StateDep) -> schema.Job:
    """Start a job that finds when something happens in a video.

    `like` is `picture:HASH` of an uploaded picture, or `@12.5` or `@12.5-15` of this video; of another video its id
    stands before.
    """
    state.handler.check(body)
    like = resolved(body.like, state.pictures.folder, state.videos)
    asked = body.model_copy(update={"like": like}).asked
    return await jobs.put("find", body.model_dump(mode="json") | {"queries": asked}, video.id)


@router.post("/{video}/clip", status_code=202, openapi_extra=takes(schema.ClipBody))
async def start_clip(video: VideoDep, _: NoParams, body: ClipBody, jobs: JobQueueDep, state: StateDep) -> schema.Job:
    """Start a job that cuts a clip, exact to the frame."""
    duration = (await get_facts(state, video))["duration"]
    if not body.start < min(body.end, duration):
        raise HTTPRefusal(409, f"a clip needs 0 <= start < end within {duration:.3f} s")
    return await jobs.put("clip", body.model_dump(mode="json"), video.id)


@router.post("/{video}/copy", status_code=202)
async def start_copy(video: VideoDep, _: NoParams, jobs: JobQueueDep, state: StateDep) -> schema.Job:
    """Start a job that makes a copy for browsers; all clients get the same job."""
    if (await get_facts(state, video))["player"] != "copy":
        raise HTTPRefusal(409, "browsers play the video itself, or it is too long: it gets no copy")

    request = {"version": video.version}
    known = await asyncio.to_thread(state.store.find, "copy", video.id, request)
    if known and (known.state in {"queued", "running"} or state.handler.copy_path(video).is_file()):
        return await asyncio.to_thread(job_facts, state, known)
    return await jobs.put("copy", request, video.id)


@router.post(
    "/{video}/export", response_class=Response, responses=FILE_RESPONSE, openapi_extra=takes(schema.ExportBody)
)
async def export_predictions(video: VideoDep, _: NoParams, body: ExportBody, state: StateDep) -> Response:
    """Predictions as a file for an editor, a player or an annotation program."""
    duration = (await get_facts(state, video))["duration"]
    if late := _starting_after(body.predictions, duration):
        raise HTTPRefusal(409, f"a moment of {late.query!r} starts after the end of the video, at {duration:.3f} s")
    request = {
        "path": str(video.path),
        "name": video.name,
        "format": body.format,
        "predictions": [prediction.to_dict() for prediction in body.predictions],
    }
    text = await state.quick_tasks.run("export", request)
    stem = video.name.rpartition(".")[0] or video.name
    return Response(
        text.encode("utf-8", "backslashreplace"),
        media_type="application/octet-stream",
        headers={"Content-Disposition": attachment(stem + FORMATS[body.format].suffix)},
    )


def _delete(video: VideoFile, state: State) -> None:
    with state.uploads.removing(video.path):
        for row in state.store.newest(limit=ALL_JOBS, video=video.id):
            with suppress(KeyError):
                state.runner.delete(row.id)
        state.annotations.delete_video(video.id)
    state.handler.delete_video_files(video)
    state.videos.rescan()


def _starting_after(predictions: list[Prediction], duration: float) -> Prediction | None:
    """The first prediction with a moment that cannot be in a video of `duration` seconds."""
    return next((each for each in predictions for moment in each.moments if moment.start >= duration), None)


def _summary(video: VideoFile) -> schema.VideoSummary:
    """A video as clients see it."""
    modified = datetime.fromtimestamp(video.mtime / 1e9, UTC).isoformat(timespec="seconds")
    return schema.VideoSummary(
        id=video.id, name=video.name, folder=video.folder, within=video.within, size=video.size, modified=modified
    )
