"""Small files that ask for much: pictures of one colour, which a codec packs to nothing."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av


def make_bomb(path: Path, side: int = 4096, pictures: int = 3) -> Path:
    """A video of black pictures, `side` pixels square, each of `side`² × 8 bytes when decoded."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = side, side, "rgba64be"
        stream.time_base = Fraction(1, 1)
        picture = av.VideoFrame(side, side, "rgba64be")
        for plane in picture.planes:
            plane.update(bytes(plane.buffer_size))
        [packet] = stream.encode(picture)
        packed = bytes(packet)
        for second in range(pictures):
            packet = av.Packet(packed)
            packet.stream, packet.time_base = stream, Fraction(1, 1)
            packet.pts = packet.dts = second
            packet.duration = 1
            packet.is_keyframe = True
            out.mux(packet)
    return path
