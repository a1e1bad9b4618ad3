"""A conversation as messages of the protocol, its frames as images or as one video."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from whenabouts.grounders.llm.conversation import Conversation, Frames, Part
from whenabouts.grounders.llm.engines.openai.pictures import even_rate, jpeg, mp4
from whenabouts.grounders.llm.prompting import PLAIN_STAMP
from whenabouts.grounders.llm.sampling import PAIR

__all__ = ["NO_VIDEO", "Messages"]

NATIVE = re.compile(r"<(\d+\.\d) seconds>")
ROUNDED = 0.101  # seconds by which rounding twice moves a time
REFUSED = "the server takes no video, so pictures with their times were sent"
UNEVEN = "frames that are not evenly spaced were sent as pictures with their times, not as a video"
WRITTEN = "this prompt writes times between its frames, so they were sent as pictures, not as a video"
NO_VIDEO = (REFUSED, UNEVEN, WRITTEN)


class Messages:
    """Makes messages about the same frames; each frame is encoded once, however many messages hold it.

    A video is sent only where it says the times of its frames as they are: when these are evenly spaced from 0 s on.
    vLLM reads `<t seconds>` for Qwen3-VL from the rate and the numbers of the frames of an MP4; it could not from lists
    of images (QwenLM/Qwen3-VL issue 1643), nor from an MP4 of which it takes some frames by `num_frames` alone
    (vllm issue 35909). Such stamps are left out of a prompt that has them, as the server writes them.
    """

    def __init__(self, frames: Frames, quality: int) -> None:
        self._frames, self._quality = frames, quality
        self._images: dict[int, dict[str, Any]] = {}
        self._videos: dict[tuple[int, ...], dict[str, Any]] = {}

    def of(self, conversation: Conversation, *, video: bool, refused: bool) -> tuple[list[dict[str, Any]], str]:
        """The messages, and why frames are sent as images although a `video` was asked for.

        refused: the server takes no video
        """
        messages: list[dict[str, Any]] = []
        why = ""
        for turn in conversation:
            if turn.role != "user":
                messages.append({"role": turn.role, "content": "".join(str(part) for part in turn.parts)})
                continue
            parts = turn.parts
            if video:
                parts, why_not = self._as_video(parts, refused)
                why = why or why_not
            content = list(self._content(parts, as_video=video and not why))
            messages.append({"role": "user", "content": content})
        return messages, why

    def _as_video(self, parts: tuple[Part, ...], refused: bool) -> tuple[tuple[Part, ...], str]:
        """The parts with their frames as one piece, without stamps that servers write; or with stamps, and why."""
        shown = [part for part in parts if isinstance(part, int)]
        if len(shown) < 2:
            return parts, ""
        plain = self._without_stamps(parts)
        if _runs(plain) > 1:
            return parts, REFUSED if refused else WRITTEN
        if refused or not even_rate([self._frames.times[i] for i in shown]):
            return self._with_stamps(parts), REFUSED if refused else UNEVEN
        return plain, ""

    def _with_stamps(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """The parts with times before their frames, if they have none."""
        if _runs(parts) > 1:
            return parts
        pieces = (
            (PLAIN_STAMP.format(self._frames.times[part]), part) if isinstance(part, int) else (part,) for part in parts
        )
        return tuple(piece for both in pieces for piece in both)

    def _without_stamps(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """The parts without their mean time before two frames, in the form in which Qwen3-VL's processor writes it."""
        kept = []
        for number, part in enumerate(parts):
            stamp = NATIVE.fullmatch(part) if isinstance(part, str) else None
            pair = [self._frames.times[i] for i in parts[number + 1 : number + 1 + PAIR] if isinstance(i, int)]
            if not (stamp and len(pair) == PAIR and abs(float(stamp[1]) - sum(pair) / PAIR) <= ROUNDED):
                kept.append(part)
        return tuple(kept)

    def _content(self, parts: tuple[Part, ...], *, as_video: bool) -> Iterator[dict[str, Any]]:
        for are_frames, group in groupby(parts, key=_is_frame):
            run = tuple(group)
            shown = tuple(part for part in run if isinstance(part, int))
            if not are_frames:
                yield from ({"type": "text", "text": part} for part in run if part)
            elif as_video and len(shown) > 1:
                yield self._video(shown)
            else:
                yield from map(self._image, shown)

    def _image(self, i: int) -> dict[str, Any]:
        if i not in self._images:
            url = jpeg(self._frames.images[i], self._quality)
            self._images[i] = {"type": "image_url", "image_url": {"url": url}}
        return self._images[i]

    def _video(self, run: tuple[int, ...]) -> dict[str, Any]:
        if run not in self._videos:
            rate = even_rate([self._frames.times[i] for i in run]) or self._frames.fps
            url = mp4([self._frames.images[i] for i in run], rate)
            self._videos[run] = {"type": "video_url", "video_url": {"url": url}}
        return self._videos[run]


def _is_frame(part: Part) -> bool:
    return isinstance(part, int)


def _runs(parts: tuple[Part, ...]) -> int:
    """How many pieces of adjacent frames there are."""
    return sum(are_frames for are_frames, _ in groupby(parts, key=_is_frame))
