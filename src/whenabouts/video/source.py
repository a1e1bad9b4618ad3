"""Opens a local media file, and nothing else.

The demuxer receives a file that is already open, so no part of a name is ever read as a protocol, an option or a
pattern; it may open nothing further, and only demuxers of self-contained recordings are allowed. Playlists, concat
scripts and session descriptions are therefore refused whatever they are called.
"""

from __future__ import annotations

import math
import os
import re
import stat
from fractions import Fraction
from io import FileIO
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.container.core import Flags
from av.stream import Disposition
from av.video.stream import VideoStream

from whenabouts.errors import VideoError
from whenabouts.isolation.pulse import beat
from whenabouts.printable import COMMANDS
from whenabouts.video.bulk import check_bulk
from whenabouts.video.damage.joined import next_recording
from whenabouts.video.limits import Limits
from whenabouts.video.stills.movie import Movie
from whenabouts.video.stills.sequence import sequence_of, stills_in
from whenabouts.video.stills.still import STILL_HINT, is_motion_jpeg, what_still
from whenabouts.video.stills.webp import animated_webp

__all__ = ["AT_END", "READ_ERRORS", "check_size", "open_media", "picture_stream", "shown"]

# Recordings with pictures, then sound alone (opened only to say so).
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,live_flv,kux,asf,asf_o,ogg,rm,swf,gif,apng,"
    "webp_anim,mxf,nut,dv,wtv,gxf,nsv,ivf,obu,av1,h261,h263,h264,hevc,vvc,m4v,mjpeg,vc1,vc1test,yuv4mpegpipe,dhav,"
    "avs,avs2,avs3,cavsvideo,dirac,dnxhd,flic,bink,smk,roq,nuv,pmp,ty,vivo,xmv,mlv,pva,"
    "mp3,aac,ac3,eac3,flac,wav,w64,aiff,au,caf,amr,ape,dts,tta,wv,mpc,mpc8,tak,truehd"
)
READ_BYTES = 1 << 18
SEGMENT = (b"styp", b"moof", b"sidx")  # boxes with which a segment of a stream begins
CONTROLS = re.compile(rf"[\t\n]|{COMMANDS.pattern}")

# What reading packets may raise; IndexError comes from PyAV for a stream that appears in the middle of a file.
READ_ERRORS = (av.FFmpegError, OSError, IndexError)
AT_END = PermissionError  # what FFmpeg's -1 reads as: old demuxers, as that of GXF, say so at the end of a sound file


class _Recording(FileIO):
    """A file whose damaged contents may seek to impossible positions: FFmpeg expects -1 then, not an exception."""

    _furthest = 0

    def __init__(self, descriptor: int, end: int | None) -> None:
        """`end` is where another recording begins, which is not read."""
        super().__init__(descriptor)
        self._end = end

    def read(self, size: int = -1) -> bytes:  # type: ignore[override]
        """Bytes, and a sign of life where nobody read so far before: a demuxer may go round in circles."""
        if self._end is not None:
            left = max(0, self._end - self.tell())
            size = left if size < 0 else min(size, left)
        found = super().read(size) or b""
        if found and (at := self.tell()) > self._furthest:
            self._furthest = at
            beat()
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        """The new position, or -1."""
        if whence == os.SEEK_END and self._end is not None:
            offset, whence = self._end + offset, os.SEEK_SET
        try:
            return super().seek(offset, whence)
        except (OSError, OverflowError):
            return -1


def open_media(path: Path, limits: Limits) -> InputContainer:
    """An open container over `path`, within `limits`; the caller closes it. Raises VideoError in one sentence."""
    if (sequence := sequence_of(path)) is not None:
        return _within(limits, path, _demuxer(path, sequence.open()))
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise VideoError(_why_not_opened(path, error)) from error
    except ValueError as error:
        raise VideoError(f"{str(path)!r} is not a possible file name") from error
    try:
        facts = os.fstat(descriptor)
        if stat.S_ISDIR(facts.st_mode):
            raise VideoError(_why_no_folder(path))
        if not stat.S_ISREG(facts.st_mode):
            raise VideoError(f"{shown(path)} is a device or a pipe; save the video to a file first")
        if facts.st_size == 0:
            raise VideoError(f"{shown(path)} is empty (0 bytes)")
        check_bulk(path)
        end = next_recording(path)
    except BaseException:
        os.close(descriptor)
        raise
    if (animation := animated_webp(path)) is not None:
        os.close(descriptor)
        return _within(limits, path, _demuxer(path, animation))
    return _within(limits, path, _demuxer(path, _Recording(descriptor, end)))


def _within(limits: Limits, path: Path, container: InputContainer) -> InputContainer:
    if len(container.streams) > limits.max_streams:
        count = len(container.streams)
        container.close()
        raise VideoError(f"{shown(path)} has {count} streams, more than the limit of {limits.max_streams}")
    return container


def _demuxer(path: Path, file: FileIO | Movie) -> InputContainer:
    try:
        container = av.open(
            file,
            mode="r",
            format="mjpeg" if path.is_file() and is_motion_jpeg(path) else None,
            options={"format_whitelist": FORMATS, "protocol_whitelist": "none"},
            buffer_size=READ_BYTES,
            metadata_errors="replace",
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        file.close()
        raise VideoError(_why_not_media(path)) from error
    container.flags &= ~cast(
        int, Flags.gen_pts.value
    )  # where a container has no presentation stamps, guesses are wrong ones
    return container


def picture_stream(container: InputContainer, path: Path | str) -> VideoStream:
    """The stream that moves: not a cover picture; the default one, else the largest. Raises VideoError."""
    pictures = [stream for stream in container.streams.video if stream.codec_context is not None]
    moving = [s for s in pictures if not s.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails)]
    if not moving:
        if container.streams.video and not pictures:
            raise VideoError(f"{shown(path)} holds video in a codec that this FFmpeg cannot decode")
        kind = "sound and a cover picture" if pictures else "sound" if container.streams.audio else "no sound"
        raise VideoError(f"{shown(path)} holds {kind} but no video stream")
    if not container.streams.audio and all(s.frames == 1 and s.duration is None for s in moving):
        raise VideoError(f"{shown(path)} is a still picture, {STILL_HINT}")  # HEIC and AVIF
    return max(
        moving,
        key=lambda s: (s.frames != 1, bool(s.disposition & Disposition.default), s.width * s.height, -s.index),
    )


def check_size(path: Path | str, width: int, height: int, sar: Fraction, limits: Limits) -> None:
    """Refuse pictures beyond the limits, coded or as they are displayed. Raises VideoError."""
    wide = max(width, math.ceil(width * sar))
    if max(wide, height) > limits.max_side or wide * height > limits.max_pixels:
        raise VideoError(
            f"{shown(path)} has pictures of {width}×{height} pixels (shape {sar}), over the limit of "
            f"{limits.max_side} a side and {limits.max_pixels} in all"
        )


def shown(path: Path | str) -> str:
    """A path, or another name, fit to print: undecodable bytes and control characters are escaped."""
    name = os.fsencode(path).decode("utf-8", "backslashreplace")
    return CONTROLS.sub(_escaped, name)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def _why_not_opened(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        if "://" in str(path) or ":/" in str(path):
            return f"{shown(path)} looks like an address, and only local files are opened: download it first"
        return f"{shown(path)} does not exist"
    return f"{shown(path)} cannot be opened: {(error.strerror or 'unknown reason').lower()}"


def _why_no_folder(path: Path) -> str:
    if stills := stills_in(path):
        return (
            f"{shown(path)} is a folder of {len(stills)} pictures; say how many are shown a second: --rate 25, "
            f"or name it {shown(path)}@25"
        )
    return f"{shown(path)} is a directory; give one of the files in it"


def _why_not_media(path: Path) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return f"the pictures of {shown(path)} cannot be read as a video"
    if (still := what_still(path, head)) is not None:
        return f"{shown(path)} {still}"
    if head[4:8] in SEGMENT and b"moov" not in head:
        return (
            f"{shown(path)} is a segment of a stream (HLS or DASH) without the header that tells how to read it: join "
            "them, `cat init.mp4 segment.m4s > whole.mp4`"
        )
    if head[4:8] == b"ftyp" and b"moov" not in head:
        return (
            f"{shown(path)} has no index (moov atom): its recording or download was probably cut short; load it again, "
            "or mend it with `untrunc GOOD.mp4 THIS.mp4`, where the first is a sound file of the same camera"
        )
    if head.lstrip()[:7] == b"#EXTM3U" or head[:8] == b"ffconcat" or head[:4] == b"v=0\r" or b"<MPD" in head[:512]:
        return f"{shown(path)} is a playlist that points to other files; give the video file itself"
    return f"{shown(path)} cannot be read as a video: it is damaged, cut short or not a media file"
