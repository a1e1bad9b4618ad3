"""A picture file as a query: decoded within bounds, upright, on white where it is transparent.

The bytes go to the decoder that their beginning names, and to no demuxer: nothing in a file can name another. Where
videos are read in child processes, so are pictures (`video.isolated`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from whenabouts.errors import ProcessEnded, VideoError
from whenabouts.isolation import Subject
from whenabouts.video.frame import Orientation, Painter, Size
from whenabouts.video.source import shown
from whenabouts.video.stills.webp import first_picture

__all__ = ["MAX_PICTURE_BYTES", "MAX_PICTURE_PIXELS", "StillPicture", "picture_suffix", "read_picture"]

MAX_PICTURE_BYTES = 32 << 20
MAX_PICTURE_PIXELS = 50_000_000  # of which the largest, 16 bits with opacity, takes 400 MB to decode
FLATTENED = 2048  # pixels of the longer side to which a transparent picture is scaled before white is laid under it
OF_JPEG = {259: (6, 7), 262: (6,)}  # tags of a TIFF: compression by JPEG, and colours as in JPEG (YCbCr)
PNG = b"\x89PNG\r\n\x1a\n"
TEXTS = (b"tEXt", b"zTXt", b"iTXt")  # chunks of a PNG
KINDS = (  # where the mark stands, the mark, FFmpeg's decoder, and the suffix
    (0, b"\x89PNG", "png", ".png"),
    (0, b"\xff\xd8\xff", "mjpeg", ".jpg"),
    (8, b"WEBP", "webp", ".webp"),
    (0, b"II*\0", "tiff", ".tif"),
    (0, b"MM\0*", "tiff", ".tif"),
    (0, b"GIF8", "gif", ".gif"),
    (0, b"BM", "bmp", ".bmp"),
)


@dataclass(frozen=True, slots=True, eq=False)
class StillPicture:
    """A picture: `image` uint8 (H, W, 3) RGB, upright, and the SHA-256 of the file's bytes in hex.

    shorter: pixels of the shorter side in the file
    """

    image: NDArray[np.uint8]
    sha256: str
    shorter: int


def read_picture(path: Path, size: Size = None, *, within: int | None = None) -> StillPicture:
    """The picture in a file, in the size that an encoder expects, as frames are (`video.frame.Painter`).

    within: pixels that the longer side has at most, where no size is given

    PNG, JPEG, WebP, TIFF, GIF and BMP; of an animation the first picture. Raises VideoError.
    """
    from whenabouts.video.isolated import IsolatedVideo
    from whenabouts.video.video import Video

    if Video.opened_as is None:
        return _Bytes(path).painted(size, within)
    try:
        subject = Subject(IsolatedVideo.children, _Bytes, path)
        try:
            return cast(StillPicture, subject.call(_painted, size, within))
        finally:
            subject.close()
    except ProcessEnded as error:
        raise VideoError(f"{shown(path)} cannot be read: {error}") from None


def picture_suffix(head: bytes) -> str | None:
    """The suffix of the kind of picture that begins with these bytes; None where it is none that is read."""
    return next((suffix for at, mark, _, suffix in KINDS if head[at : at + len(mark)] == mark), None)


class _Bytes:
    """The bytes of a file that begins as a picture does. Raises VideoError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                self.data = file.read(MAX_PICTURE_BYTES + 1)
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            raise VideoError(f"the picture {shown(path)} cannot be read: {reason}") from error
        if len(self.data) > MAX_PICTURE_BYTES and picture_suffix(self.data):
            raise VideoError(f"the picture {shown(path)} is larger than {MAX_PICTURE_BYTES >> 20} MiB; make it smaller")
        if picture_suffix(self.data) is None:
            raise VideoError(
                f"{shown(path)} is not a picture of a kind that is read (PNG, JPEG, WebP, TIFF, GIF, BMP); "
                f"for a frame of a video give its time too: {path.name}@12.5"
            )

    def painted(self, size: Size, within: int | None) -> StillPicture:
        decoded = self._decoded()
        frame = _on_white(decoded)
        if within is not None:
            width, height = frame.width, frame.height
            scale = min(1.0, within / max(width, height))
            sides = [max(2, round(side * scale)) for side in (width, height)]
            size = (sides[1], sides[0]) if Orientation.of(frame).transposed else (sides[0], sides[1])
        image = Painter(size).paint(frame)
        return StillPicture(image, hashlib.sha256(self.data).hexdigest(), min(decoded.width, decoded.height))

    def _decoded(self) -> VideoFrame:
        codec = next(name for at, mark, name, _ in KINDS if self.data[at : at + len(mark)] == mark)
        decoder = av.CodecContext.create(codec, "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.thread_count = 1
        decoder.options = {"max_pixels": str(MAX_PICTURE_PIXELS)}
        if codec == "mjpeg":  # which else shows what is lacking in grey; of a TIFF the same refuses harmless tags
            decoder.options |= {"err_detect": "explode"}
        try:
            packet = av.Packet(first_picture(_without_texts(self.data)))
            frames = [*decoder.decode(packet), *decoder.decode(None)]
        except (av.FFmpegError, ValueError, MemoryError):
            frames = []
        if not frames or not CHECKS.get(codec, bool)(self.data):
            raise VideoError(
                f"the picture {shown(self.path)} cannot be decoded; it is damaged or ends early, is stored in a way "
                f"that is not read, such as TIFF with JPEG inside, or has more than "
                f"{MAX_PICTURE_PIXELS // 1_000_000} million pixels: save it anew as PNG"
            )
        return frames[0]


def _painted(picture: _Bytes, size: Size, within: int | None) -> StillPicture:
    return picture.painted(size, within)


def _without_texts(data: bytes) -> bytes:
    """The bytes of a PNG without its texts, which would be unpacked whatever their size; of any other picture all."""
    if not data.startswith(PNG):
        return data
    kept, at = [data[: len(PNG)]], len(PNG)
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        if data[at + 4 : at + 8] not in TEXTS:
            kept.append(data[at:end])
        at = end
    return b"".join(kept)


def _whole_jpeg(data: bytes) -> bool:
    """Whether the scans of a JPEG come to their end; a thumbnail within it has one of its own."""
    at = 2
    while data[at : at + 1] == b"\xff" and data[at + 1 : at + 2] != b"\xda":
        at += 1 if data[at + 1 : at + 2] == b"\xff" else 2 + int.from_bytes(data[at + 2 : at + 4])
    return b"\xff\xd9" in data[at:]


def _whole_gif(data: bytes) -> bool:
    """Whether the first picture of a GIF comes to its end, which its decoder does not tell."""

    def table(flags: int) -> int:
        return 3 << (flags & 7) + 1 if flags & 0x80 else 0

    try:
        at = 13 + table(data[10])
        while data[at] in b"!,":
            last = data[at] == ord(",")
            at += 11 + table(data[at + 9]) if last else 2
            while data[at]:
                at += 1 + data[at]
            if last:
                return True
            at += 1
    except IndexError:
        pass
    return False


def _tiff_without_jpeg(data: bytes) -> bool:
    """Whether a TIFF has neither JPEG inside nor its colours, of which the decoder makes noise or other colours."""
    order: Literal["little", "big"] = "little" if data[:1] == b"I" else "big"
    tags = int.from_bytes(data[4:8], order)
    count = int.from_bytes(data[tags : tags + 2], order)
    entries = (data[at : at + 12] for at in range(tags + 2, tags + 2 + 12 * count, 12))
    return not any(
        int.from_bytes(entry[8:10], order) in OF_JPEG.get(int.from_bytes(entry[:2], order), ()) for entry in entries
    )


CHECKS = {"mjpeg": _whole_jpeg, "gif": _whole_gif, "tiff": _tiff_without_jpeg}  # of what decoders let pass


def _on_white(frame: VideoFrame) -> VideoFrame:
    """The picture on white where it is transparent, as browsers show it; any other as it is."""
    if not any(component.is_alpha for component in frame.format.components) and frame.format.name != "pal8":
        return frame
    scale = min(1.0, FLATTENED / max(frame.width, frame.height))
    width, height = (max(1, round(side * scale)) for side in (frame.width, frame.height))
    rgba = VideoReformatter().reformat(frame, width=width, height=height, format="rgba").to_ndarray()
    opacity = rgba[..., 3:].astype(np.uint16)
    colours = (rgba[..., :3] * opacity + 255 * (255 - opacity) + 127) // 255
    return VideoFrame.from_ndarray(Orientation.of(frame).apply(colours.astype(np.uint8)), format="rgb24")
