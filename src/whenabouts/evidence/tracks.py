"""Text tracks inside a container: mov_text, SubRip, ASS, WebVTT, on the media clock."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard
from av.subtitles.stream import SubtitleStream
from av.subtitles.subtitle import AssSubtitle

from whenabouts.evidence.cue_lines import MAX_BYTES, MAX_LINES, beyond, lines_of
from whenabouts.evidence.cues import UNSEEN, Cue, Cues
from whenabouts.evidence.encodings import decoded_alike
from whenabouts.evidence.timed_text import Subtitles, TimedText
from whenabouts.video.clock import Clock
from whenabouts.video.source import open_media, shown
from whenabouts.video.stamps.continued import Continued
from whenabouts.video.stamps.survey import continued

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["read_tracks"]

EVENTS = frozenset(("ass", "ssa"))
PLAIN = EVENTS | {"srt", "subrip", "text", "webvtt", "mov_text"}  # codecs whose packets are texts in any encoding
UNTIL_NEXT = 5.0  # seconds; how long a line without a stated length stays, as players have it


def read_tracks(video: Video) -> Subtitles:
    """Every line of the text tracks of a video, with a note on each track of pictures (PGS, VobSub, DVB)."""
    return video.read(_tracks, video.subtitles_encoding) if video.probe.subtitles else Subtitles([])


def _tracks(video: Video, encoding: str | None) -> Subtitles:
    lines: list[TimedText] = []
    notes: list[str] = []
    with open_media(video.path, video.limits) as container:
        readable = []
        for stream in container.streams.subtitles:
            if stream.codec_context is not None and stream.codec_context.codec.text_sub:
                readable.append(stream)
            else:
                notes.append(
                    f"{_name(video, stream)} is made of pictures, not text, and is "
                    "not read; give its text as a .srt file beside the video"
                )
        clock = continued(video.path, video.limits)
        packets = _packets(container, readable, clock) if readable else {}
        for stream in readable:
            name, source = _name(video, stream), _source(stream)
            cues, guessed = _cues(stream, packets[stream.index], Fraction(video.probe.start_time), encoding)
            if not cues.found:
                continue
            read = lines_of(cues, source, name, guessed)
            lines += read.lines
            notes += [*read.notes, *beyond(read.lines, video.duration, name)]
    return Subtitles(lines, tuple(notes))


def _name(video: Video, stream: SubtitleStream) -> str:
    return f"{shown(video.path.name)}: subtitle stream {stream.index}"


def _source(stream: SubtitleStream) -> str:
    language = f" ({stream.language})" if stream.language not in (None, "und") else ""
    return f"stream {stream.index}{language}"


def _packets(
    container: InputContainer, streams: list[SubtitleStream], one: Continued | None
) -> dict[int, list[Packet[Any]]]:
    """The packets of each stream, by its index; where the file is damaged, those before."""
    found: dict[int, list[Packet[Any]]] = {stream.index: [] for stream in streams}
    for other in container.streams:
        other.discard = Discard.default if other.index in found else Discard.all
    count = size = 0
    try:
        packets = container.demux(streams)
        for packet in one.mended(packets) if one else packets:
            if not packet.size or packet.pts is None:
                continue
            found[packet.stream_index].append(packet)
            count, size = count + 1, size + packet.size
            if count > MAX_LINES or size > MAX_BYTES:
                break
    except (av.FFmpegError, OSError):
        pass
    return found


def _cues(
    stream: SubtitleStream, packets: list[Packet[Any]], start: Fraction, encoding: str | None
) -> tuple[Cues, str | None]:
    """What a stream shows, its texts with their markup, and the encoding of these where it is a guess."""
    kind, guessed = stream.codec_context.name, None
    if kind in PLAIN:
        texts, guessed = decoded_alike([_payload(kind, bytes(packet)) for packet in packets], encoding)
    else:
        texts = [_decoded(packet) for packet in packets]
    events = kind not in PLAIN - EVENTS
    speakers = [""] * len(texts)
    if events:  # "order,layer,style,name,l,r,v,effect,text"
        fields = [text.split(",", 8) for text in texts]
        texts = [each[-1] for each in fields]
        speakers = [each[3] if len(each) > 4 else "" for each in fields]
    clock = Clock(Fraction(stream.time_base or Fraction(1, av.time_base)), start)
    cues = Cues(events=events)
    for packet, text, speaker in zip(packets, texts, speakers, strict=True):
        begin = float(clock.time(packet.pts or 0))
        length = float((packet.duration or 0) * clock.time_base) or UNTIL_NEXT
        cues.found.append(Cue(begin, begin + length, text.translate(UNSEEN), 0, speaker))
    return cues, guessed


def _payload(kind: str, raw: bytes) -> bytes:
    """The text of a packet; that of mov_text has its length before it, and boxes of styles behind."""
    return raw[2 : 2 + int.from_bytes(raw[:2])] if kind == "mov_text" else raw


def _decoded(packet: Packet[Any]) -> str:
    """The event of ASS that FFmpeg makes of a packet that is no plain text, such as one of closed captions."""
    try:
        parts = packet.decode()
    except (av.FFmpegError, OSError, ValueError):
        return ""
    return "\\N".join(part.ass.decode("utf-8", "replace") for part in parts if isinstance(part, AssSubtitle))
