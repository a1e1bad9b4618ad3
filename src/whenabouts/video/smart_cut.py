"""Cuts H.264 exactly to the picture, yet encodes only its edges anew.

All whole groups of pictures inside the span are copied, packet by packet; what lies before the first and after the last
is encoded under parameter sets of its own, with numbers the video does not use, so that the clip's one record serves a
decoder for both. Stamps for decoding are made anew for all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from av.codec.context import CodecContext
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from whenabouts.errors import VideoError
from whenabouts.video.avc import IDR, PICTURE, SEQUENCE, Record, annex_b_units, is_idr, with_lengths
from whenabouts.video.cut import QUALITY, TICKS, Span, encode_all, timed
from whenabouts.video.frame import Orientation
from whenabouts.video.probe import aspect
from whenabouts.video.reader import Reader, VideoPacket
from whenabouts.video.sample import window
from whenabouts.video.source import shown

if TYPE_CHECKING:
    from whenabouts.video.sound import Sound

__all__ = ["encode_edges"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Piece:
    """One coded picture: when it begins, in ticks of the clip, and its bytes, None where the video's own are copied."""

    begin: int
    key: bool
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """Pictures encoded anew, and the sequence and picture parameter sets that they need."""

    pieces: Sequence[Piece] = ()
    sets: tuple[bytes, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Middle:
    """The run of packets to copy: stamps of the first one and of the one after the last (None for the end)."""

    entry: int
    leave: int | None
    stamps: tuple[int, ...]  # of pictures, in order of decoding
    keys: frozenset[int]
    record: Record
    number: int  # of the parameter sets for the edges


def encode_edges(reader: Reader, sound: Sound | None, span: Span, out: OutputContainer) -> None:
    """Write `span` (media time) of a video into `out`; logs it if all of it has to be encoded."""
    middle = _middle(reader, span)
    reader.rewind()
    if isinstance(middle, str):
        log.warning("%s is encoded anew as a whole: %s", shown(reader.path), middle)
        encode_all(reader, sound, span, out)
        return
    start, end = span
    entry, leave = middle.entry, middle.leave
    head = tail = Edge()
    if entry > reader.clock.tick(start):
        head = _encoded(reader, (start, reader.clock.time(entry)), start, middle)
    if leave is not None and leave < reader.clock.tick(end):
        tail = _encoded(reader, (reader.clock.time(leave), end), start, middle)
    copied = [Piece(_ticks(reader.clock.time(stamp) - start), stamp in middle.keys) for stamp in middle.stamps]
    record = middle.record
    if sets := head.sets or tail.sets:  # both edges have the same
        record = record.joined(*sets)
    stream = out.add_stream_from_template(reader.stream)
    stream.codec_context.extradata = bytes(record)
    stream.time_base = TICKS
    sound_out = out.add_stream("aac", rate=sound.rate, layout=sound.layout) if sound else None
    reader.rewind()
    packets = _copies(reader, middle)
    pieces = [*head.pieces, *copied, *tail.pieces]
    lengths = _lengths(pieces, _ticks(end - start))
    for piece, dts in zip(pieces, _decoding_stamps(pieces), strict=True):
        packet: Packet[Stream] = Packet(_bytes(packets, reader) if piece.data is None else piece.data)
        packet.pts, packet.dts, packet.duration = piece.begin, dts, lengths[piece.begin]
        packet.time_base, packet.is_keyframe = TICKS, piece.key
        packet.stream = stream
        out.mux(packet)
        if sound is not None and sound_out is not None:
            for samples in sound.until(max(dts, 0) * TICKS):
                out.mux(sound_out.encode(samples))
    if sound is not None and sound_out is not None:
        for samples in sound.until(None):
            out.mux(sound_out.encode(samples))
        out.mux(sound_out.encode(None))


def _middle(reader: Reader, span: Span) -> Middle | str:
    """What can be copied, or in words why nothing can."""
    stream = reader.stream
    codec = stream.codec_context
    if codec.codec.canonical_name != "h264":
        return f"only H.264 is cut without that, and this is {codec.codec.canonical_name}"
    record = Record.parse(codec.extradata)
    if record is None or codec.pix_fmt != "yuv420p" or aspect(stream) != 1:
        return "its H.264 is not of the common kind, 8 bits in square pixels in an mp4, mov or mkv file"
    number = record.free_id()
    first = next(window(reader, span[0], span[0]), None)
    if number is None or first is None or first[1].interlaced_frame or Orientation.of(first[1]) != Orientation():
        return "its pictures are interlaced or stored turned"
    reader.rewind()
    run = _run(reader, span, record)
    if isinstance(run, str):
        return run
    stamps, keys, whole = run
    begin, end = (reader.clock.tick(time) for time in span)
    entries = [index for index, stamp in enumerate(stamps) if stamp in keys and stamp >= begin]
    leaves = [index for index in entries if stamps[index] <= end]
    if not leaves or (leaves[0] == leaves[-1] and not whole):
        return f"no complete group of pictures is between {float(span[0]):g} s and {float(span[1]):g} s"
    entry, leave = leaves[0], None if whole else leaves[-1]
    taken = stamps[entry:leave]
    clean = all(stamp < stamps[entry] for stamp in stamps[:entry]) and min(taken) == stamps[entry]
    if leave is not None:
        clean = clean and max(taken) < stamps[leave] and min(stamps[leave:]) == stamps[leave]
    if not clean or len({_ticks(reader.clock.time(stamp)) for stamp in taken}) != len(taken):
        return "its groups of pictures overlap"
    return Middle(
        stamps[entry], None if leave is None else stamps[leave], tuple(taken), frozenset(keys), record, number
    )


def _run(reader: Reader, span: Span, record: Record) -> tuple[list[int], set[int], bool] | str:
    """Stamps in order of decoding from before the span to after it, those of entries, whether the video ends in it."""
    stamps: list[int] = []
    keys: set[int] = set()
    end = reader.clock.tick(span[1])
    last = 0
    for packet in reader.packets_from(reader.clock.tick(span[0]))[1]:
        if packet.pts is None or packet.is_corrupt:
            return "some of its pictures are damaged or have no time"
        if packet.is_keyframe and is_idr(bytes(packet), record.length_size):
            keys.add(packet.pts)
        stamps.append(packet.pts)
        last = max(last, packet.pts + (packet.duration or 0))
        if packet.pts >= end and (packet.pts in keys or (packet.dts is not None and packet.dts > end)):
            break
    return stamps, keys, last <= end + 1


def _copies(reader: Reader, middle: Middle) -> Iterator[VideoPacket]:
    """The video's own packets, from the entry on."""
    inside = False
    for packet in reader.packets_from(middle.entry)[1]:
        inside = inside or packet.pts == middle.entry
        if inside:
            yield packet


def _bytes(packets: Iterator[VideoPacket], reader: Reader) -> bytes:
    packet = next(packets, None)
    if packet is None:
        raise VideoError(f"{shown(reader.path)} changed or could no longer be read while it was cut")
    return bytes(packet)


def _encoded(reader: Reader, span: Span, origin: Fraction, middle: Middle) -> Edge:
    """The pictures of an edge, encoded as the video is: coded size, shape and colours."""
    offset = _ticks(span[0] - origin)
    reader.rewind()
    encoder: VideoCodecContext | None = None
    packets: list[Packet[VideoStream]] = []
    for begin, _, frame in timed(window(reader, *span), reader, span):
        if encoder is None:
            encoder = _encoder(frame, reader, middle.number)
        frame.pts, frame.time_base, frame.pict_type = begin + offset, TICKS, PictureType.NONE
        packets += encoder.encode(frame)
    if encoder is not None:
        packets += encoder.encode(None)
    pieces = []
    sets: dict[int, bytes] = {}
    for packet in packets:
        units = annex_b_units(bytes(packet))
        sets |= {unit[0] & 31: unit for unit in units if unit[0] & 31 in (SEQUENCE, PICTURE)}
        coded = [unit for unit in units if 1 <= unit[0] & 31 <= IDR]
        pieces.append(Piece(packet.pts or 0, packet.is_keyframe, with_lengths(coded, middle.record.length_size)))
    return Edge(pieces, (sets[SEQUENCE], sets[PICTURE]) if sets else None)


def _encoder(frame: VideoFrame, reader: Reader, number: int) -> VideoCodecContext:
    encoder = CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuv420p"
    encoder.time_base, encoder.framerate = TICKS, reader.stream.average_rate or Fraction(25)
    encoder.color_range, encoder.colorspace = frame.color_range, frame.colorspace
    encoder.color_primaries, encoder.color_trc = frame.color_primaries, frame.color_trc
    encoder.options = {**QUALITY, "x264-params": f"sps-id={number}:repeat-headers=1:annexb=1"}
    return encoder


def _ticks(seconds: Fraction) -> int:
    return max(0, round(seconds / TICKS))


def _lengths(pieces: Sequence[Piece], end: int) -> dict[int, int]:
    """How long each picture is on show, by when it begins; the last until `end`."""
    begins = sorted(piece.begin for piece in pieces)
    return {begin: max(1, after - begin) for begin, after in pairwise([*begins, end])}


def _decoding_stamps(pieces: Sequence[Piece]) -> list[int]:
    """For each picture, in order of decoding, a rising stamp that is never after it begins."""
    begins = sorted(piece.begin for piece in pieces)
    rank = {begin: k for k, begin in enumerate(begins)}
    delay = max(k - rank[piece.begin] for k, piece in enumerate(pieces))
    step = begins[1] - begins[0] if len(begins) > 1 else 1
    return [begins[0] - (delay - k) * step if k < delay else begins[k - delay] for k in range(len(begins))]
