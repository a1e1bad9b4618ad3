"""How fast pictures come out of a video: sampling at 1 fps against the ffmpeg program, keyframes against everything.

    python bench/decode.py [--quick | --smoke]

Makes two 1080p videos of moving noise (H.264, a keyframe every 250 and every 60 pictures), then alternates the rivals
and takes medians of the paired ratios. Where ffmpeg is not installed, PyAV decoding every picture stands in and is
named. The last line is one JSON object; ratios above 1 mean that whenabouts is faster.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from _size import parser

from whenabouts.video import Video

WIDTH, HEIGHT, FPS = 1920, 1080, 25


def make_video(path: Path, gop: int, seconds: int) -> None:
    """A pan over a rough texture with fresh grain in every picture."""
    rng = np.random.default_rng(gop)
    texture = rng.integers(16, 200, (300, 500), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    with av.open(str(path), "w") as out:
        options = {"crf": "26", "preset": "superfast", "x264-params": "scenecut=0"}
        stream = out.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = gop
        for k in range(seconds * FPS):
            top, left = 2 * k % 1200, 5 * k % 2000
            grain = rng.integers(0, 24, (HEIGHT // 2, WIDTH // 2), dtype=np.uint8).repeat(2, 0).repeat(2, 1)
            luma = texture[top : top + HEIGHT, left : left + WIDTH] + grain
            planes = np.concatenate([luma, np.full((HEIGHT // 2, WIDTH), 128, np.uint8)])
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(planes), format="yuv420p")
            frame.pts, frame.time_base = k, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def decode_everything(path: Path) -> None:
    """PyAV at its best: every picture, all threads, nothing converted."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for _ in container.decode(video=0):
            pass


def ffmpeg_one_per_second(path: Path) -> None:
    """The command that people use; it converts nothing either."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-vf", "fps=1", "-f", "null", "-"]
    subprocess.run(command, check=True)


def ratio(rival: Callable[[], object], ours: Callable[[], object], rounds: int) -> float:
    """Median over alternating rounds of rival time / our time."""
    return statistics.median(seconds(rival) / seconds(ours) for _ in range(rounds))


def main() -> None:
    """Print a line per video and one JSON object at the end."""
    size = parser(__doc__).parse_args().size
    length, rounds = size.pick((40, 7), (12, 3), (1, 1))
    rival_name = "ffmpeg -vf fps=1" if shutil.which("ffmpeg") else "PyAV, every picture"
    result: dict[str, object] = {"rival": rival_name, "seconds": length, "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as folder:
        for gop in (250, 60):
            path = Path(folder) / f"gop{gop}.mp4"
            make_video(path, gop, length)
            video = Video(path)
            rival = ffmpeg_one_per_second if shutil.which("ffmpeg") else decode_everything
            against = {
                "sample_vs_ffmpeg": (lambda p=path, r=rival: r(p), lambda v=video: list(v.sample(1.0, size=224))),
                "sample_full_size_vs_ffmpeg": (lambda p=path, r=rival: r(p), lambda v=video: list(v.sample(1.0))),
                "keyframe_speedup": (
                    lambda p=path: decode_everything(p),
                    lambda v=video: list(v.keyframes(size=224)),
                ),
                "sparse_vs_ffmpeg": (lambda p=path, r=rival: r(p), lambda v=video: list(v.sample(0.1, size=224))),
            }
            for name, (theirs, ours) in against.items():
                result[f"{name}_gop{gop}"] = round(ratio(theirs, ours, rounds), 2)
                print(f"gop {gop}: {name} {result[f'{name}_gop{gop}']}", flush=True)
    result["sample_vs_ffmpeg"] = min(float(str(result[f"sample_vs_ffmpeg_gop{gop}"])) for gop in (250, 60))
    result["keyframe_speedup"] = result["keyframe_speedup_gop250"]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
