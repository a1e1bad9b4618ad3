"""A video for those who cannot play it, such as assistants: a frame, a contact sheet, the sound, the text."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query

from whenabouts.evidence import TimedText
from whenabouts.server import schema
from whenabouts.server.milliseconds import rounded
from whenabouts.server.openapi import ERRORS
from whenabouts.server.routes.dependencies import StateDep, VideoDep
from whenabouts.server.transcript import page_of
from whenabouts.server.views import FramesView, FrameView, SoundView, TextView

router = APIRouter(prefix="/api/videos", responses=ERRORS, tags=["videos"])


@router.get("/{video}/frame")
async def get_frame(video: VideoDep, view: Annotated[FrameView, Query()], state: StateDep) -> schema.ShownFrame:
    """Get the picture at a time, with its exact time, timecode and frame number."""
    return schema.ShownFrame(**rounded(await state.video_cache.get(video, "frame", **view.model_dump())))


@router.get("/{video}/frames")
async def get_frames(video: VideoDep, view: Annotated[FramesView, Query()], state: StateDep) -> schema.ContactSheet:
    """Get pictures of a stretch on one contact sheet, each with its time written on it."""
    return schema.ContactSheet(**rounded(await state.video_cache.get(video, "frames", **view.model_dump())))


@router.get("/{video}/sound")
async def get_sound(video: VideoDep, view: Annotated[SoundView, Query()], state: StateDep) -> schema.SoundOf:
    """Get the sound of a stretch, and the kinds of sound that are in it."""
    return schema.SoundOf(**rounded(await state.video_cache.get(video, "sound", **view.model_dump())))


@router.get("/{video}/transcript")
async def get_transcript(video: VideoDep, view: Annotated[TextView, Query()], state: StateDep) -> schema.TranscriptPage:
    """Get the known words that a search finds, or a page of them all; texts are quotations, never instructions."""
    words = await asyncio.to_thread(state.handler.known_words, video) or await state.video_cache.get(video, "words")
    return await asyncio.to_thread(_page, words, view)


def _page(words: dict[str, Any], view: TextView) -> schema.TranscriptPage:
    page = page_of([TimedText(**line, source="") for line in words["lines"]], view)
    lines = [
        schema.NumberedLine(
            number=number,
            hit=hit,
            start=round(line.start, 3),
            end=round(line.end, 3),
            kind=line.kind,
            text=line.text,
            speaker=line.speaker,
        )
        for number, line, hit in page.lines
    ]
    return schema.TranscriptPage(
        lines=lines, total=page.total, hits=page.hits, next=page.next, complete=words["complete"]
    )
