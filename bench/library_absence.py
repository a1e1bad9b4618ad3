"""Whether a library says that something is in none of its videos, and how that depends on how many videos it has.

    python bench/library_absence.py [--quick | --smoke] [--fit]

The more videos there are, the more pictures resemble a query by chance. Libraries of 5, 50 and 500 videos are filled
with eight stretches each: parts of the scenes of `synthetic/composed.py`, cut out, turned over and tinted at random, as
frames are encoded and pooled. Each query is asked of libraries that show its scene in no video, and of the same with
its scene in one more video; pictures (`like`) likewise, each a changed picture of its scene, as in bench/example.py.

false_N    share of queries that are in no video of N and are not said to be absent: false alarms
denied_N   share of those that are in one video of N and are said to be absent
raw_…      the same, judged by the best moment as if its video were alone: what a library said before
likely_N   how many of ten hits a query that is in no video has on average that are not marked as unlikely

`--fit` shows for some exponents how many false alarms and denials there are on the tuning half, of which `GROWTH` of
`library/verdict.py` was chosen. The figures are those of the held-out half; the last line is JSON.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from _size import Size, parser
from example import CHANGES, picture
from numpy.typing import NDArray
from PIL import Image

from whenabouts.encoders.builtin import BuiltinEncoder
from whenabouts.encoders.example import encode_example
from whenabouts.library.hits import Hits
from whenabouts.library.schema import shots_table
from whenabouts.library.search import search
from whenabouts.library.store import Library
from whenabouts.library.verdict import GROWTH, among
from whenabouts.prediction import ABSENT as PROBABLY_NOT
from whenabouts.query import Example
from whenabouts.synthetic.composed import ABSENT, SCENES, Scene, Split

STRETCHES = 8  # of a video
SECONDS = 5.0  # of a stretch
VIEWS = 3  # pictures that are pooled to a stretch
SIZES = (5, 50, 500)
ALL = [scene for split in SCENES.values() for scene in split]
SPLITS: tuple[Split, ...] = ("tuning", "held-out")


@dataclass(frozen=True)
class Answered:
    """What a library of `videos` said of something that is in one of them, or in none."""

    kind: str
    videos: int
    present: bool
    presence: float
    likely: int


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--fit", action="store_true", help="show exponents on the tuning half")
    options = arguments.parse_args()
    size: Size = options.size
    sizes = size.pick(SIZES, SIZES[:2], (2,))
    encoder = BuiltinEncoder()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for split in ("tuning", "held-out") if options.fit else ("held-out",):
            scenes = SCENES[split][: size.pick(None, 6, 2)]
            found = list(ask(split, scenes, sizes, encoder, Path(folder)))
            if split == "tuning":
                fit(found)
            else:
                figures = report(found)
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


def ask(
    split: Split, scenes: Sequence[Scene], sizes: Sequence[int], encoder: BuiltinEncoder, folder: Path
) -> Iterator[Answered]:
    """All queries of a split, each of libraries without its scene, and with it."""
    absent = ABSENT[split][: len(scenes)]
    for videos in sizes:
        library = filled(folder / f"{split}{videos}", videos, None, encoder)
        for query in absent:
            yield answered("text", videos, False, search(library, encoder, query))
        for number, scene in enumerate(scenes):
            without = filled(folder / f"{split}{videos} without {number}", videos, scene, encoder)
            image = list(CHANGES.values())[number % len(CHANGES)](picture(scene, number)).convert("RGB")
            image.save(path := folder / "example.bmp")
            example = encode_example(Example(str(path)), encoder)
            for present in (False, True):
                if present:
                    add(without, {videos: [stretch(scene, np.random.default_rng(number), encoder, whole=True)]})
                for query, _ in scene.queries:
                    yield answered("text", videos, present, search(without, encoder, query))
                yield answered("like", videos, present, search(without, encoder, like=example))


def answered(kind: str, videos: int, present: bool, hits: Hits) -> Answered:
    likely = sum(hit.moment.score >= PROBABLY_NOT for hit in hits)
    return Answered(kind, videos, present, hits.presence or 0.0, likely)


def filled(path: Path, videos: int, without: Scene | None, encoder: BuiltinEncoder) -> Library:
    """A library of so many videos of parts of all scenes but those of one file."""
    library = Library(path, encoder=f"{encoder.name} {encoder.sha256}", dim=encoder.dim)
    usable = {number for number, scene in enumerate(ALL) if without is None or scene.file != without.file}
    rows = {}
    for number in range(videos):
        rng = np.random.default_rng((number, 7))
        chosen = [int(scene) for scene in rng.permutation(len(ALL)) if scene in usable][:STRETCHES]
        rows[number] = [part(scene, number, encoder) for scene in chosen]
    add(library, rows)
    return library


def add(library: Library, videos: dict[int, list[NDArray[np.float32]]]) -> None:
    """Add videos with these stretches, all at once: a library that indexes them would commit each by itself."""
    hashes = {number: f"{number:064x}" for number in videos}
    times = [(SECONDS * k, SECONDS * (k + 1)) for vectors in videos.values() for k in range(len(vectors))]
    shots = shots_table(times, np.stack([vector for vectors in videos.values() for vector in vectors]))
    of_rows = [hashes[number] for number, vectors in videos.items() for _ in vectors]
    library.table("shots").add(shots.add_column(0, "sha256", [of_rows]))
    stated = {"duration": 60.0, "language": None, "shots": STRETCHES, "lines": 0}
    library.table("videos").add([{"sha256": sha256, **stated} for sha256 in hashes.values()])
    places = [{"path": f"/{n}.mp4", "size": 1, "mtime": 1, "sha256": sha256} for n, sha256 in hashes.items()]
    library.table("places").add(places)


@cache
def part(scene: int, number: int, encoder: BuiltinEncoder) -> NDArray[np.float32]:
    return stretch(ALL[scene], np.random.default_rng((scene, number)), encoder)


def stretch(
    scene: Scene, rng: np.random.Generator, encoder: BuiltinEncoder, *, whole: bool = False
) -> NDArray[np.float32]:
    """The vector of a stretch that shows a scene, or a part of it: the mean over a slow camera move."""
    image = picture_of(ALL.index(scene), int(rng.integers(8)))
    if not whole:
        side = float(rng.uniform(0.3, 0.8))
        left, top = rng.uniform(0, 1 - side, 2)
        w, h = image.size
        image = image.crop((round(left * w), round(top * h), round((left + side) * w), round((top + side) * h)))
        if rng.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        tint = rng.uniform(0.6, 1.3, 3)
        image = Image.fromarray(np.clip(np.asarray(image, np.float32) * tint, 0, 255).astype(np.uint8))
    w, h = image.size
    views = [image.crop((round(z * w), round(z * h), round((1 - z) * w), round((1 - z) * h))) for z in (0, 0.03, 0.06)]
    squares = [np.asarray(view.resize((encoder.size, encoder.size), Image.Resampling.BILINEAR)) for view in views]
    mean: NDArray[np.float32] = encoder.encode_images(squares[:VIEWS]).mean(axis=0)
    return mean


@cache
def picture_of(scene: int, number: int) -> Image.Image:
    return picture(ALL[scene], number)


def raw(one: Answered) -> float:
    """The presence without what the size of the library takes."""
    odds = one.presence / max(1e-12, 1 - one.presence) * one.videos ** GROWTH[one.kind]
    return odds / (1 + odds)


def report(found: Sequence[Answered]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for kind in ("text", "like"):
        print(f"\n{kind}: {'videos':>8}{'false':>8}{'raw':>8}{'denied':>8}{'raw':>8}{'likely':>8}")
        for videos in sorted({one.videos for one in found}):
            here = [one for one in found if one.kind == kind and one.videos == videos]
            none, one_video = ([one for one in here if one.present == present] for present in (False, True))
            row = {
                "false": np.mean([one.presence >= PROBABLY_NOT for one in none]),
                "raw_false": np.mean([raw(one) >= PROBABLY_NOT for one in none]),
                "denied": np.mean([one.presence < PROBABLY_NOT for one in one_video]),
                "raw_denied": np.mean([raw(one) < PROBABLY_NOT for one in one_video]),
                "likely": np.mean([one.likely for one in none]),
            }
            print(f"{'':6}{videos:8}" + "".join(f"{value:8.3f}" for value in row.values()))
            figures |= {f"{kind}_{name}_{videos}": float(value) for name, value in row.items()}
    return figures


def fit(found: Sequence[Answered]) -> None:
    """False alarms and denials for exponents by which the odds fall."""
    for kind in ("text", "like"):
        for growth in (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0):
            told = []
            for videos in sorted({one.videos for one in found}):
                here = [one for one in found if one.kind == kind and one.videos == videos]
                absent = {one: among(raw(one), videos, growth) < PROBABLY_NOT for one in here}
                false = np.mean([not absent[one] for one in here if not one.present])
                denied = np.mean([absent[one] for one in here if one.present])
                told.append(f"{videos}: false {false:.2f}, denied {denied:.2f}")
            print(f"  {kind} {growth:.1f}  {';  '.join(told)}")


if __name__ == "__main__":
    main()
