"""How much faster a smart cut is than encoding the whole clip anew.

    python bench/cut.py [--quick | --smoke]

Makes a 720p video of moving noise with sound (H.264, a keyframe every 250 pictures) and cuts out all but its first and
last five seconds, both ways, in turns. The last line is one JSON object: `smart_cut_speedup` is the median of the
paired ratios full time / smart time, `pictures_equal` whether both clips show as many pictures at the same times.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from _size import parser

from whenabouts.video import Video

FPS, GOP = 25, 250
RATE = 48_000


def make_video(path: Path, groups: int, width: int, height: int) -> None:
    """One group of pictures of ten seconds, encoded once and laid end to end, over a hum."""
    with av.open(str(path), "w") as out:
        pictures = out.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "x264-params": "scenecut=0"})
        pictures.width, pictures.height, pictures.pix_fmt = width, height, "yuv420p"
        pictures.codec_context.gop_size, pictures.codec_context.time_base = GOP, Fraction(1, FPS)
        hum = out.add_stream("aac", rate=RATE, layout="mono")
        group = [(bytes(p), p.pts or 0, p.dts or 0, p.is_keyframe) for p in coded_group(pictures)]
        for k in range(groups):
            for data, pts, dts, key in group:
                packet = av.Packet(data)
                packet.pts, packet.dts, packet.time_base = pts + k * GOP, dts + k * GOP, Fraction(1, FPS)
                packet.stream, packet.is_keyframe = pictures, key
                out.mux(packet)
            for second in range(k * 10, k * 10 + 10):
                wave = 0.2 * np.sin(2 * np.pi * 110 * np.arange(RATE) / RATE)
                sound = av.AudioFrame.from_ndarray(wave.astype(np.float32)[None], format="fltp", layout="mono")
                sound.sample_rate, sound.pts, sound.time_base = RATE, second * RATE, Fraction(1, RATE)
                out.mux(hum.encode(sound))
        out.mux(hum.encode(None))


def coded_group(stream: av.VideoStream) -> list[av.Packet]:
    """A pan over a rough texture with fresh grain in every picture."""
    rng, width, height = np.random.default_rng(1), stream.width, stream.height
    texture = rng.integers(16, 200, (200, 320), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    packets = []
    for k in range(GOP):
        luma = texture[2 * k : 2 * k + height, 4 * k : 4 * k + width]
        luma = luma + rng.integers(0, 16, (height // 2, width // 2), dtype=np.uint8).repeat(2, 0).repeat(2, 1)
        planes = np.concatenate([luma, np.full((height // 2, width), 128, np.uint8)])
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(planes), format="yuv420p")
        frame.pts, frame.time_base = k, Fraction(1, FPS)
        packets += stream.encode(frame)
    return packets + stream.encode(None)


def stamps(path: Path) -> list[int]:
    """When pictures begin, in milliseconds, without decoding them."""
    with av.open(str(path)) as container:
        return sorted(round(p.pts * p.time_base * 1000) for p in container.demux(video=0) if p.pts is not None)


def main() -> None:
    """Print a line per round and one JSON object at the end."""
    size = parser(__doc__).parse_args().size
    groups, rounds, picture = size.pick((60, 3, (1280, 720)), (30, 1, (1280, 720)), (2, 1, (160, 90)))
    ratios, smart_seconds = [], []
    with tempfile.TemporaryDirectory() as folder:
        path, full, smart = (Path(folder) / name for name in ("video.mp4", "full.mp4", "smart.mp4"))
        make_video(path, groups, *picture)
        video = Video(path)
        for number in range(rounds):
            took = {}
            for out in (full, smart) if number % 2 else (smart, full):
                begin = time.perf_counter()
                video.cut(5, groups * 10 - 5, out, smart=out == smart)
                took[out] = time.perf_counter() - begin
            ratios.append(took[full] / took[smart])
            smart_seconds.append(took[smart])
            print(f"full {took[full]:.1f} s, smart {took[smart]:.2f} s, ratio {ratios[-1]:.1f}", flush=True)
        result = {
            "video_seconds": groups * 10,
            "gop_seconds": GOP / FPS,
            "cores": os.cpu_count(),
            "smart_seconds": round(statistics.median(smart_seconds), 2),
            "pictures_equal": stamps(full) == stamps(smart),
            "smart_cut_speedup": round(statistics.median(ratios), 1),
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
