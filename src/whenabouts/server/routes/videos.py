"""Videos: lists, facts, bytes, pictures, words, uploads, and what can be made of them."""

from __future__ import annotations

import asyncio
import base64
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from whenabouts.commands import Find
from whenabouts.interchange.formats import FORMATS
from whenabouts.prediction import Prediction
from whenabouts.server import schema
from whenabouts.server.media import Ranged
from whenabouts.server.openapi import ERRORS, MIB, body, takes
from whenabouts.server.refusal import Refusal
from whenabouts.server.routes.parts import Client, Nothing, These, ThisVideo, job, queue
from whenabouts.server.videos import UPLOADS, VideoFile

router = APIRouter(prefix="/api/videos", responses=ERRORS)
EVERY = 1 << 30
BINARY = {"schema": {"type": "string", "format": "binary"}}
VIDEO: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole file", "content": {"video/mp4": BINARY, "video/webm": BINARY}},
    206: {"description": "A part of it", "content": {"video/mp4": BINARY, "video/webm": BINARY}},
    304: {"description": "Not changed"},
}
JPEG: dict[int | str, dict[str, Any]] = {200: {"description": "A picture", "content": {"image/jpeg": BINARY}}}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"application/octet-stream": BINARY}}
}
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


class Listing(BaseModel):
    """Which videos."""

    model_config = ConfigDict(extra="forbid")
    folder: Annotated[str | None, Field(max_length=64)] = None
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class Named(BaseModel):
    """What the client calls its video."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=1000)]


class At(BaseModel):
    """Which picture: the one on show at `t` seconds, `height` pixels high."""

    model_config = ConfigDict(extra="forbid")
    t: Annotated[FiniteFloat, Field(ge=0, le=1e9)] = 0.0
    height: Annotated[int, Field(ge=16, le=1080)] = 126


class Count(BaseModel):
    """How many pictures."""

    model_config = ConfigDict(extra="forbid")
    count: Annotated[int, Field(ge=1, le=100)] = 14


@router.get("")
def videos(asked: Annotated[Listing, Query()], parts: These) -> schema.VideoFiles:
    """The videos of a folder, or of all."""
    try:
        found = parts.videos.all(asked.folder)
    except KeyError:
        raise Refusal(404, "there is no such folder") from None
    page = found[asked.offset : asked.offset + asked.limit]
    return schema.VideoFiles(videos=[_video(video) for video in page], total=len(found))


@router.post(
    "",
    status_code=201,
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/octet-stream": BINARY, "video/mp4": BINARY}}
    },
)
async def upload(asked: Annotated[Named, Query()], request: Request, parts: These) -> schema.VideoFile:
    """Take a new video: the body is its bytes."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/octet-stream" and not kind.startswith("video/"):
        raise Refusal(415, "send the bytes of the video with Content-Type: application/octet-stream, or video/…")
    declared = request.headers.get("content-length")
    path = await parts.uploads.take(
        asked.name, request.stream(), int(declared) if declared is not None else None, parts.desk
    )
    video = await asyncio.to_thread(parts.videos.of, path.resolve())
    parts.videos.look_again()
    if video is None:
        raise Refusal(404, "the video was removed while it was taken in")
    parts.metrics.uploaded.inc(video.size)
    return _video(video)


@router.get("/{video}")
async def facts(video: ThisVideo, _: Annotated[Nothing, Query()], parts: These) -> schema.VideoFacts:
    """What a video is, and how a browser can play it."""
    told = await _facts(video, parts)
    known = {name: value for name, value in told.items() if name in schema.VideoFacts.model_fields}
    return schema.VideoFacts(**_video(video).model_dump(), **known)


@router.delete("/{video}", status_code=204)
def remove(video: ThisVideo, _: Annotated[Nothing, Query()], parts: These) -> None:
    """Delete an upload, its jobs and its annotations."""
    if video.folder != UPLOADS:
        raise Refusal(403, "only uploads can be deleted here; this video belongs to a folder of the operator")
    parts.uploads.remove(video.path)
    for row in parts.store.newest(limit=EVERY, video=video.id):
        with suppress(KeyError):
            parts.runner.forget(row.id)
    parts.work.forget_video(video)
    parts.annotations.forget(video.id)
    parts.videos.look_again()


@router.head("/{video}/stream", response_class=Response, responses=VIDEO, name="stream_head")
@router.get("/{video}/stream", response_class=Response, responses=VIDEO)
async def stream(video: ThisVideo, _: Annotated[Nothing, Query()], request: Request, parts: These) -> Any:
    """The video for a player: the file, or its copy; whole, or one range of bytes."""
    told = await _facts(video, parts)
    if told["player"] is None:
        raise Refusal(409, "browsers cannot play this video, and it is too long for a copy")
    try:
        if told["player"] == "file":
            descriptor = await asyncio.to_thread(parts.videos.open, video)
        else:
            descriptor = await asyncio.to_thread(parts.videos.open_path, parts.work.copy_of(video))
    except OSError:
        if told["player"] == "copy":
            raise Refusal(409, f"browsers need a copy of this video: POST /api/videos/{video.id}/copy") from None
        raise Refusal(404, "there is no such video") from None
    return Ranged(
        descriptor,
        request.headers,
        told["media_type"],
        count=parts.metrics.streamed.inc,
        closing=lambda: parts.changes.closed,
    )


@router.get("/{video}/picture", response_class=Response, responses=JPEG)
async def picture(video: ThisVideo, asked: Annotated[At, Query()], parts: These) -> Response:
    """The picture on show at a time."""
    request = {"path": str(video.path), "time": asked.t, "height": asked.height}
    address = await parts.looks.ask(video, "picture", request)
    if address is None:
        raise Refusal(409, "no picture can be decoded there")
    jpeg = base64.b64decode(address.partition(",")[2])
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


@router.get("/{video}/strip")
async def strip(video: ThisVideo, asked: Annotated[Count, Query()], parts: These) -> schema.Strip:
    """Pictures along the video."""
    return schema.Strip(pictures=await parts.looks.ask(video, "strip", {"path": str(video.path), "count": asked.count}))


@router.get("/{video}/words")
async def words(video: ThisVideo, _: Annotated[Nothing, Query()], parts: These) -> schema.Words:
    """What is known by now of what is said and written."""
    told = await asyncio.to_thread(parts.work.words_of, video)
    return schema.Words(**(told or await parts.looks.ask(video, "words", {"path": str(video.path)})))


@router.post("/{video}/find", status_code=202, openapi_extra=takes(Find))
def find(
    video: ThisVideo,
    _: Annotated[Nothing, Query()],
    asked: Annotated[Find, Depends(body(Find))],
    parts: These,
    client: Client,
    key: Key = None,
) -> schema.Job:
    """Ask when something happens in a video."""
    parts.work.allow(asked)
    return queue(parts, client, "find", asked.model_dump(mode="json"), video.id, key)


@router.post("/{video}/clip", status_code=202, openapi_extra=takes(schema.Clip))
async def clip(
    video: ThisVideo,
    _: Annotated[Nothing, Query()],
    asked: Annotated[schema.Clip, Depends(body(schema.Clip))],
    parts: These,
    client: Client,
    key: Key = None,
) -> schema.Job:
    """Cut a clip, exact to the picture."""
    duration = (await _facts(video, parts))["duration"]
    if not asked.start < min(asked.end, duration):
        raise Refusal(409, f"a clip needs 0 <= start < end within {duration:.3f} s")
    return await asyncio.to_thread(queue, parts, client, "clip", asked.model_dump(mode="json"), video.id, key)


@router.post("/{video}/copy", status_code=202)
async def copy(video: ThisVideo, _: Annotated[Nothing, Query()], parts: These, client: Client) -> schema.Job:
    """Make a copy that browsers play; the same job for all who ask."""
    if (await _facts(video, parts))["player"] != "copy":
        raise Refusal(409, "there is no copy to make: browsers play the video itself, or it is too long")

    def ask() -> schema.Job:
        known = parts.store.find("copy", video.id, {"version": video.version})
        if known and (known.state in {"queued", "running"} or parts.work.copy_of(video).is_file()):
            return job(parts, known)
        return queue(parts, client, "copy", {"version": video.version}, video.id)

    return await asyncio.to_thread(ask)


@router.post("/{video}/export", response_class=Response, responses=FILE, openapi_extra=takes(schema.Export))
async def export(
    video: ThisVideo,
    _: Annotated[Nothing, Query()],
    asked: Annotated[schema.Export, Depends(body(schema.Export, limit=64 * MIB))],
    parts: These,
) -> Response:
    """Predictions as a file for an editor, a player or an annotation program."""
    duration = (await _facts(video, parts))["duration"]
    if fault := _contradiction(asked.predictions, duration):
        raise Refusal(409, fault)
    request = {
        "path": str(video.path),
        "name": video.name,
        "format": asked.format,
        "predictions": [prediction.to_dict() for prediction in asked.predictions],
    }
    text = await parts.desk.ask("export", request)
    stem = video.name.rpartition(".")[0] or video.name
    return Response(
        text.encode("utf-8", "backslashreplace"),
        media_type="application/octet-stream",
        headers={"Content-Disposition": attachment(stem + FORMATS[asked.format].suffix)},
    )


def _contradiction(predictions: list[Prediction], duration: float) -> str | None:
    """Why these cannot be predictions of a video of so many seconds."""
    late = next((each for each in predictions for moment in each.moments if moment.start >= duration), None)
    return f"a moment of {late.query!r} begins after the end of the video, at {duration:.3f} s" if late else None


def attachment(name: str) -> str:
    """A Content-Disposition that saves under a name (RFC 6266); nothing in the name can leave it."""
    plain = "".join(letter if (letter.isalnum() and letter.isascii()) or letter in "-_. " else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _video(video: VideoFile) -> schema.VideoFile:
    modified = datetime.fromtimestamp(video.mtime / 1e9, UTC).isoformat(timespec="seconds")
    return schema.VideoFile(
        id=video.id, name=video.name, folder=video.folder, within=video.within, size=video.size, modified=modified
    )


async def _facts(video: VideoFile, parts: These) -> dict[str, Any]:
    told: dict[str, Any] = await parts.looks.ask(video, "facts", {"path": str(video.path)})
    return told
