"""Text tracks inside a container: mov_text, SubRip, ASS, WebVTT, on the media clock."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard
from av.subtitles.stream import SubtitleStream
from av.subtitles.subtitle import AssSubtitle

from whenabouts.evidence.timed_text import Subtitles, TimedText
from whenabouts.video.clock import Clock
from whenabouts.video.continued import Continued
from whenabouts.video.source import open_media, shown
from whenabouts.video.survey import continued

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["read_tracks"]

UNTIL_NEXT = 5.0  # seconds; how long a line without a stated length stays, as players have it
MAX_LINES = 200_000


def read_tracks(video: Video) -> Subtitles:
    """Every line of the text tracks of a video, with a note on each track of pictures (PGS, VobSub, DVB)."""
    return video.read(_tracks) if video.probe.subtitles else Subtitles([])


def _tracks(video: Video) -> Subtitles:
    with open_media(video.path, video.limits) as container:
        readable, notes = [], []
        for stream in container.streams.subtitles:
            if stream.codec_context is not None and stream.codec_context.codec.text_sub:
                readable.append(stream)
            else:
                notes.append(
                    f"{shown(video.path.name)}: subtitle stream {stream.index} is made of pictures, not text, and is "
                    "not read; give its text as a .srt file beside the video"
                )
        clock = continued(video.path, video.limits)
        lines = _lines(container, readable, Fraction(video.probe.start_time), clock) if readable else ()
        return Subtitles(list(lines), tuple(notes))


def _lines(
    container: InputContainer, streams: list[SubtitleStream], start: Fraction, one: Continued | None
) -> Iterator[TimedText]:
    clocks = {s.index: Clock(Fraction(s.time_base or Fraction(1, av.time_base)), start) for s in streams}
    for other in container.streams:
        other.discard = Discard.default if other.index in clocks else Discard.all
    count = 0
    try:
        packets = container.demux(streams)
        for packet in one.mended(packets) if one else packets:
            if not packet.size or packet.pts is None:
                continue
            clock, stream = clocks[packet.stream.index], packet.stream
            begin = float(clock.time(packet.pts))
            length = float((packet.duration or 0) * clock.time_base) or UNTIL_NEXT
            text = _text(packet)
            if text:
                language = f" ({stream.language})" if stream.language not in (None, "und") else ""
                source = f"stream {stream.index}{language}"
                yield TimedText(begin, begin + length, text, "said", source)
                count += 1
            if count >= MAX_LINES:
                return
    except (av.FFmpegError, OSError):  # what was read before the damage is kept
        return


def _text(packet: Packet[Any]) -> str:
    import pysubs2  # most videos have no track of text

    try:
        parts = packet.decode()
    except (av.FFmpegError, OSError, ValueError):
        return ""
    lines = [pysubs2.SSAEvent(text=_ass(part)) for part in parts if isinstance(part, AssSubtitle)]
    return " ".join(line.plaintext for line in lines if not line.is_drawing)


def _ass(part: AssSubtitle) -> str:
    """The text field of the decoder's event: the ninth of "order,layer,style,name,l,r,v,effect,text"."""
    return part.ass.decode("utf-8", "replace").split(",", 8)[-1]
