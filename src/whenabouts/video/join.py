"""Join videos of one kind into one, without decoding anything."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av

from whenabouts.files.atomic import replacing

__all__ = ["join"]


def join(path: Path, parts: Sequence[tuple[Path, int]], rate: int) -> list[tuple[float, float]]:
    """Write the pictures of `parts`, each a file with its number of frames, in order; (start, end) of each in seconds.

    All files are as `compose` writes them: H.264 of one size, `rate` frames per second, beginning with a keyframe. A
    file may come as often as one likes; each is read once per appearance and nothing is kept in memory.
    """
    times: list[tuple[float, float]] = []
    with replacing(path) as part_path, av.open(str(part_path), "w", format="mp4") as video:
        track = None
        frames = 0
        for source, count in parts:
            with av.open(str(source)) as opened:
                stream = opened.streams.video[0]
                if track is None:
                    track = video.add_stream_from_template(stream)
                    track.time_base = stream.time_base
                tick = stream.time_base or Fraction(1, rate)
                shift = round(Fraction(frames, rate) / tick)
                for packet in opened.demux(stream):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = track
                    video.mux(packet)
            times.append((frames / rate, (frames + count) / rate))
            frames += count
    return times
