"""Videos: listed, uploaded, played, shown as pictures and words, asked about, cut and exported."""

from __future__ import annotations

import asyncio
import base64
from bisect import bisect_right
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field, FiniteFloat

from whenabouts.commands import Find
from whenabouts.interchange.captions import captions, in_captions
from whenabouts.interchange.formats import FORMATS
from whenabouts.printable import json_text
from whenabouts.server import schema
from whenabouts.server.audit import note
from whenabouts.server.body import MIB, json_body, refuse_encoded
from whenabouts.server.examples import resolved
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.media import RangeResponse, attachment
from whenabouts.server.milliseconds import rounded
from whenabouts.server.openapi import ERRORS, takes
from whenabouts.server.routes.dependencies import (
    JobQueueDep,
    NoParams,
    Params,
    StateDep,
    UserDep,
    VideoDep,
    changeable,
    declared_length,
    get_facts,
    job_facts,
    own_or_administer,
    while_connected,
)
from whenabouts.server.state import State
from whenabouts.server.uploads import upload_owner
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
CAPTIONS_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {"description": "Captions", "content": {"text/vtt": {"schema": {"type": "string"}}}}
}
FILE_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"application/octet-stream": BINARY}}
}
UPLOAD_BODY = {"required": True, "content": {"application/octet-stream": BINARY, "video/mp4": BINARY}}
FIND_EXAMPLE = {"queries": ["a red car passes", "the third time a red car passes"], "top": 3}
CLIP_EXAMPLE = {"start": 586.727, "end": 590.4, "query": "a red car passes"}
EXPORT_EXAMPLE = {
    "format": "csv",
    "predictions": [{"query": "a red car passes", "duration": 3600.0, "moments": [{"start": 586.727, "end": 590.4}]}],
}
FindBody = Annotated[Find, Depends(json_body(Find))]
ClipBody = Annotated[schema.ClipBody, Depends(json_body(schema.ClipBody))]
ExportBody = Annotated[schema.ExportBody, Depends(json_body(schema.ExportBody, limit=64 * MIB))]


class ListParams(Params):
    """Which videos to list."""

    folder: Annotated[str | None, Field(max_length=64)] = None
    name: Annotated[str | None, Field(max_length=200, description="Only those with this in their name.")] = None
    sort: Literal["name", "newest", "largest"] = "name"
    lengths: Annotated[bool, Field(description="Open each video, and tell how long it is.")] = False
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class UploadParams(Params):
    """The client's file name of an upload."""

    name: Annotated[str, Field(min_length=1, max_length=1000)]


class PictureParams(Params):
    """Which picture: the one on screen at `t` seconds, `height` pixels high."""

    t: Annotated[FiniteFloat, Field(ge=0, le=1e9)] = 0.0
    height: Annotated[int, Field(ge=16, le=1080)] = 126


class StretchParams(Params):
    """The stretch from `start` to `end` seconds, by default all."""

    start: Annotated[FiniteFloat, Field(ge=0, le=1e9)] = 0.0
    end: Annotated[FiniteFloat | None, Field(ge=0, le=1e9)] = None


class StripParams(StretchParams):
    """The middle pictures of `count` equal parts of the stretch from `start` to `end` seconds, by default of all."""

    count: Annotated[int, Field(ge=1, le=100)] = 14


class WaveformParams(StretchParams):
    """The loudness of `count` equal parts of the stretch from `start` to `end` seconds, by default of all."""

    count: Annotated[int, Field(ge=1, le=4000)] = 1000


@router.get("")
async def list_videos(params: Annotated[ListParams, Query()], user: UserDep, state: StateDep) -> schema.VideoList:
    """List the videos of a folder, or of all folders; with `lengths` each of them is opened."""
    try:
        videos = await asyncio.to_thread(state.videos.all, params.folder)
    except KeyError:
        raise HTTPRefusal(404, "there is no such folder") from None
    if params.name:
        sought = params.name.casefold()
        videos = [video for video in videos if sought in video.relative_path.casefold()]
    if params.sort != "name":
        field = "mtime" if params.sort == "newest" else "size"
        videos.sort(key=lambda video: -int(getattr(video, field)))
    page = videos[params.offset : params.offset + params.limit]
    listed = [
        schema.ListedVideo(
            **_summary(video).model_dump(),
            duration=await _duration(state, video) if params.lengths else None,
            changeable=video.folder == UPLOADS and changeable(user, await asyncio.to_thread(upload_owner, video.path)),
        )
        for video in page
    ]
    return schema.VideoList(videos=listed, total=len(videos))


@router.post("", status_code=201, openapi_extra={"requestBody": UPLOAD_BODY})
async def upload_video(
    params: Annotated[UploadParams, Query()], request: Request, user: UserDep, state: StateDep
) -> schema.VideoSummary:
    """Upload a video; the body is the bytes of the file."""
    note(request.scope, name=params.name)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/octet-stream" and not media_type.startswith("video/"):
        raise HTTPRefusal(415, "send the bytes of the video with Content-Type: application/octet-stream, or video/…")
    refuse_encoded(request)
    declared = declared_length(request, user)
    client = str(request.scope["client_name"])
    with state.quotas.taking(user, size=declared or 0):
        path = await state.uploads.receive(client, params.name, request.stream(), declared, user.name)
    video = await asyncio.to_thread(state.videos.at, path.resolve())
    state.videos.rescan()
    if video is None:
        raise HTTPRefusal(404, "the video was deleted while it was uploaded")
    state.metrics.uploaded.inc(video.size)
    note(request.scope, video=video.id, name=video.name)
    return _summary(video)


@router.get("/{video}")
async def get_video(video: VideoDep, _: NoParams, state: StateDep) -> schema.VideoFacts:
    """Get the facts of a video, and how a browser can play it."""
    facts = await get_facts(state, video)
    known = {name: value for name, value in rounded(facts).items() if name in schema.VideoFacts.model_fields}
    return schema.VideoFacts(**_summary(video).model_dump(), **known)


@router.delete("/{video}", status_code=204)
async def delete_video(video: VideoDep, _: NoParams, user: UserDep, state: StateDep) -> None:
    """Delete an upload with its jobs and its annotations."""
    if video.folder != UPLOADS:
        raise HTTPRefusal(403, "only uploads can be deleted here; this video is in a folder of the operator")
    own_or_administer(user, upload_owner(video.path))
    await state.writes.run(lambda: _delete(video, state))


@router.get("/{video}/stream", response_class=Response, responses=VIDEO_RESPONSES)
async def stream_video(video: VideoDep, _: NoParams, request: Request, state: StateDep) -> Any:
    """Get the file of a video for a player, or its copy: all of it, or one range of bytes."""
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
    """Get the picture on screen at a time, as JPEG."""
    url = await state.video_cache.get(video, "picture", time=params.t, height=params.height)
    if url is None:
        raise HTTPRefusal(409, "no picture can be decoded at this time")
    jpeg = base64.b64decode(url.partition(",")[2])
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


@router.get("/{video}/strip")
async def get_strip(
    video: VideoDep, params: Annotated[StripParams, Query()], request: Request, state: StateDep
) -> schema.Strip:
    """Get pictures along the video, or along a stretch of it, as data URLs."""
    duration = (await get_facts(state, video))["duration"]
    _check_stretch(params, duration)
    making = state.video_cache.get(video, "strip", **params.model_dump())
    return schema.Strip(pictures=await while_connected(request, making))


@router.get("/{video}/pictures")
async def list_pictures(
    video: VideoDep, params: Annotated[StretchParams, Query()], request: Request, state: StateDep
) -> schema.PictureTimes:
    """List when the pictures of a stretch begin, which a frame rate does not tell where it varies."""
    _check_stretch(params, (await get_facts(state, video))["duration"])
    times = await while_connected(request, state.video_cache.get(video, "picture_times"))
    first = max(0, bisect_right(times, params.start) - 2)
    last = len(times) if params.end is None else bisect_right(times, params.end) + 1
    return schema.PictureTimes(times=times[first:last])


@router.get("/{video}/waveform")
async def get_waveform(
    video: VideoDep, params: Annotated[WaveformParams, Query()], request: Request, state: StateDep
) -> schema.Waveform:
    """Get how loud the sound is along the video, or along a stretch of it."""
    _check_stretch(params, (await get_facts(state, video))["duration"])
    making = state.video_cache.get(video, "waveform", **params.model_dump())
    return schema.Waveform(**await while_connected(request, making))


@router.get("/{video}/captions", response_class=Response, responses=CAPTIONS_RESPONSE)
async def get_captions(video: VideoDep, _: NoParams, state: StateDep) -> Response:
    """Get what is said in the video as WebVTT: from its subtitles or from speech that was recognised."""
    words = await asyncio.to_thread(state.handler.known_words, video) or await state.video_cache.get(video, "words")
    return Response(
        captions(words["lines"]), media_type="text/vtt; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


@router.get("/{video}/words")
async def get_words(video: VideoDep, _: NoParams, state: StateDep) -> schema.Words:
    """Get what is said and written in the video, as far as it has been read."""
    words = await asyncio.to_thread(state.handler.known_words, video)
    told = rounded(words or await state.video_cache.get(video, "words"))
    return schema.Words(**told, captions=sum(map(in_captions, told["lines"])))


@router.post("/{video}/find", status_code=202, openapi_extra=takes(Find, FIND_EXAMPLE))
async def find_moments(video: VideoDep, _: NoParams, body: FindBody, jobs: JobQueueDep, state: StateDep) -> schema.Job:
    """Start a job that finds when something happens in a video.

    `like` is `picture:HASH` of an uploaded picture, or `@12.5` or `@12.5-15` of this video; of another video its id
    stands before.
    """
    state.handler.check(body)
    like = resolved(body.like, state.pictures.folder, state.videos)
    asked = body.model_copy(update={"like": like}).asked
    return await jobs.put("find", body.model_dump(mode="json") | {"queries": asked}, video)


@router.post("/{video}/clip", status_code=202, openapi_extra=takes(schema.ClipBody, CLIP_EXAMPLE))
async def cut_clip(video: VideoDep, _: NoParams, body: ClipBody, jobs: JobQueueDep, state: StateDep) -> schema.Job:
    """Start a job that cuts a clip, exact to the frame.

    An end beyond the video is brought to its end; `notes` of the job's result say so.
    """
    duration = (await get_facts(state, video))["duration"]
    if not body.start < min(body.end, duration):
        raise HTTPRefusal(409, f"a clip needs 0 <= start < end within {duration:.3f} s")
    return await jobs.put("clip", body.model_dump(mode="json"), video)


@router.post("/{video}/copy", status_code=202)
async def copy_video(video: VideoDep, _: NoParams, jobs: JobQueueDep, state: StateDep) -> schema.Job:
    """Start a job that makes a copy for browsers; all clients get the same job."""
    if (await get_facts(state, video))["player"] != "copy":
        raise HTTPRefusal(409, "browsers play the video itself, or it is too long: it gets no copy")

    request = {"version": video.version}
    known = await asyncio.to_thread(state.store.find, "copy", video.id, request)
    if known and (known.state in {"queued", "running"} or state.handler.copy_path(video).is_file()):
        return await asyncio.to_thread(job_facts, state, known, jobs.user)
    return await jobs.put("copy", request, video)


@router.post(
    "/{video}/export",
    response_class=Response,
    responses=FILE_RESPONSE,
    openapi_extra=takes(schema.ExportBody, EXPORT_EXAMPLE),
)
async def export_predictions(
    video: VideoDep, _: NoParams, body: ExportBody, request: Request, state: StateDep
) -> Response:
    """Write predictions as a file for an editor, a player or an annotation program.

    What the file cannot hold is told in the header `Whenabouts-Notes`, a percent-encoded JSON list of sentences.
    """
    note(request.scope, queries=list(dict.fromkeys(each.query for each in body.predictions)))
    task = {
        "path": str(video.path),
        "name": video.name,
        "format": body.format,
        "only": body.only,
        "predictions": [prediction.to_dict() for prediction in body.predictions],
    }
    file = await state.quick_tasks.run("export", task)
    stem = video.name.rpartition(".")[0] or video.name
    headers = {"Content-Disposition": attachment(stem + FORMATS[body.format].suffix)}
    if notes := file["notes"]:
        headers["Whenabouts-Notes"] = quote(json_text(notes))
    return Response(base64.b64decode(file["data"]), media_type="application/octet-stream", headers=headers)


def _check_stretch(params: StretchParams, duration: float) -> None:
    if not params.start < (duration if params.end is None else params.end) or params.start >= duration:
        raise HTTPRefusal(409, f"a stretch needs 0 <= start < end, and to start within {duration:.3f} s")


def _delete(video: VideoFile, state: State) -> None:
    with state.uploads.removing(video.path):
        for row in state.store.newest(limit=ALL_JOBS, video=video.id):
            with suppress(KeyError):
                state.runner.delete(row.id)
        state.annotations.delete_video(video.id)
    state.handler.delete_video_files(video)
    state.videos.rescan()


async def _duration(state: State, video: VideoFile) -> float | None:
    """The length of a video in seconds; None of one that cannot be read."""
    try:
        return float((await get_facts(state, video))["duration"])
    except HTTPRefusal:
        return None


def _summary(video: VideoFile) -> schema.VideoSummary:
    """A video as clients see it."""
    modified = datetime.fromtimestamp(video.mtime / 1e9, UTC).isoformat(timespec="seconds")
    return schema.VideoSummary(
        id=video.id, name=video.name, folder=video.folder, within=video.within, size=video.size, modified=modified
    )
