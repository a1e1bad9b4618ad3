"""Files to hand on: stringouts of several videos, transcripts, and contact sheets."""

from __future__ import annotations

import asyncio
import base64
from pathlib import PurePath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from whenabouts.interchange.formats import FORMATS
from whenabouts.printable import json_text
from whenabouts.server import schema
from whenabouts.server.audit import note
from whenabouts.server.body import MIB, json_body
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.media import attachment
from whenabouts.server.openapi import ERRORS, takes
from whenabouts.server.routes.dependencies import JobQueueDep, NoParams, StateDep, VideoDep
from whenabouts.server.routes.videos import FILE_RESPONSE
from whenabouts.server.state import State

router = APIRouter(prefix="/api", responses=ERRORS)
STRINGOUT_EXAMPLE = {
    "format": "otio",
    "handles": 1.0,
    "videos": [
        {
            "video": "0a1b2c",
            "predictions": [
                {"query": "a red car passes", "duration": 3600.0, "moments": [{"start": 586.727, "end": 590.4}]}
            ],
        }
    ],
}
StringoutBody = Annotated[schema.StringoutBody, Depends(json_body(schema.StringoutBody, limit=64 * MIB))]
TranscriptBody = Annotated[schema.TranscriptBody, Depends(json_body(schema.TranscriptBody, limit=64 * MIB))]
ScenesBody = Annotated[schema.ScenesBody, Depends(json_body(schema.ScenesBody, limit=64 * MIB))]


@router.post(
    "/stringout",
    response_class=Response,
    responses=FILE_RESPONSE,
    openapi_extra=takes(schema.StringoutBody, STRINGOUT_EXAMPLE),
    tags=["videos"],
)
async def export_stringout(_: NoParams, body: StringoutBody, request: Request, state: StateDep) -> Response:
    """Write the moments of one or several videos as a timeline of cuts for an editing program.

    What an editor should know is told in the header `Whenabouts-Notes`, a percent-encoded JSON list of sentences.
    """
    videos = []
    for each in body.videos:
        try:
            video = await asyncio.to_thread(state.videos.get, each.video)
        except KeyError:
            raise HTTPRefusal(404, "there is no such video") from None
        predictions = [prediction.to_dict() for prediction in each.predictions]
        videos.append({"path": str(video.path), "name": video.name, "predictions": predictions})
    note(request.scope, videos=[each["name"] for each in videos], queries=_queries(body))
    options = body.model_dump(mode="json", exclude={"videos", "format"})
    task = {"videos": videos, "format": body.format, "options": options}
    return await _file(state, "stringout", task, f"selects{FORMATS[body.format].suffix}")


@router.post(
    "/videos/{video}/transcript",
    response_class=Response,
    responses=FILE_RESPONSE,
    openapi_extra=takes(schema.TranscriptBody),
    tags=["videos"],
)
async def export_transcript(video: VideoDep, _: NoParams, body: TranscriptBody, state: StateDep) -> Response:
    """Write down the known words of a video as a document, with the moments of predictions marked.

    Nothing is listened to: the words are those of `get_words`. What the file cannot show is told in the header
    `Whenabouts-Notes`, a percent-encoded JSON list of sentences.
    """
    words = await asyncio.to_thread(state.handler.known_words, video)
    request = {
        "path": str(video.path),
        "name": video.name,
        "lines": (words or await state.video_cache.get(video, "words"))["lines"],
        **body.model_dump(mode="json", exclude={"predictions"}),
        "predictions": [prediction.to_dict() for prediction in body.predictions],
    }
    return await _file(state, "transcript", request, f"{PurePath(video.name).stem}.{body.format}")


@router.post("/videos/{video}/scenes", status_code=202, openapi_extra=takes(schema.ScenesBody), tags=["videos"])
async def list_scenes(video: VideoDep, _: NoParams, body: ScenesBody, jobs: JobQueueDep, state: StateDep) -> schema.Job:
    """Start a job that makes a contact sheet: a picture, the timecode and the length of each shot, or each moment."""
    request = body.model_dump(mode="json", exclude={"predictions"})
    told = None if body.predictions is None else [prediction.to_dict() for prediction in body.predictions]
    return await jobs.put("scenes", {**request, "predictions": told}, video)


def _queries(body: schema.StringoutBody) -> list[str]:
    return list(dict.fromkeys(each.query for of_video in body.videos for each in of_video.predictions))


async def _file(state: State, task: str, request: dict[str, Any], name: str) -> Response:
    """The file that a task writes, as a download."""
    file = await state.quick_tasks.run(task, request)
    headers = {"Content-Disposition": attachment(name)}
    if notes := file["notes"]:
        headers["Whenabouts-Notes"] = quote(json_text(notes))
    return Response(base64.b64decode(file["data"]), media_type="application/octet-stream", headers=headers)
