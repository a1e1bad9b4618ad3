"""The demonstration video: real photographs, two title cards, subtitles, and six questions with known answers.

Photographs come from the packages scikit-image (a cat, coffee, a rocket, an astronaut; CC0 or public domain) and
scikit-learn (a temple, a flower; CC BY); title cards are drawn with Pillow. Nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import MissingExtra
from whenabouts.synthetic.composed import ComposedVideo, Question
from whenabouts.video.compose import Line, Still, compose

__all__ = ["make_demo_video"]

SHOTS: tuple[tuple[str, float], ...] = (
    ("title: A MUSEUM OF SMALL THINGS", 3.0),
    ("cat", 6.0),
    ("coffee", 5.0),
    ("flower", 6.0),
    ("title: PART TWO: THE LAUNCH", 3.0),
    ("rocket", 7.0),
    ("astronaut", 6.0),
    ("temple", 6.0),
)
LINES: tuple[Line, ...] = (
    Line(4.0, 7.5, "This is Chelsea. She has lived here longer than any of us."),
    Line(10.0, 13.0, "We open at nine, and nobody speaks before breakfast."),
    Line(24.0, 28.5, "Parliament approved the budget by a single vote."),
    Line(31.0, 34.5, "She commanded the shuttle, twice."),
    Line(36.5, 40.0, "From here it is a long way home."),
)


def make_demo_video(path: Path) -> ComposedVideo:
    """Compose the video (about 42 s, H.264 with a subtitle track) at `path`. Raises MissingExtra without `[demo]`."""
    pictures = _photographs()
    stills = [
        Still(_title_card(name.removeprefix("title: ")), seconds, zoom=1.0)
        if name.startswith("title: ")
        else Still(pictures[name], seconds)
        for name, seconds in SHOTS
    ]
    shots = dict(zip((name for name, _ in SHOTS), compose(path, stills, lines=LINES), strict=True))
    return ComposedVideo(path, _questions(shots))


def _questions(shots: Mapping[str, tuple[float, float]]) -> tuple[Question, ...]:
    said = LINES[2]
    return (
        Question("a cat", "seen", (shots["cat"],)),
        Question("a cup of coffee on a table", "seen", (shots["coffee"],)),
        Question("a rocket on the launch pad", "seen", (shots["rocket"],)),
        Question("they say the budget was approved", "said", ((said.start, said.end),)),
        Question("a title card that reads 'the launch'", "written", (shots["title: PART TWO: THE LAUNCH"],)),
        Question("people at a wedding", "absent", ()),
    )


def _photographs() -> dict[str, NDArray[np.uint8]]:
    try:
        from skimage import data
        from sklearn.datasets import load_sample_image
    except ImportError as error:
        raise MissingExtra("demo", "the demonstration video") from error
    return {
        "cat": data.chelsea(),
        "coffee": data.coffee(),
        "rocket": data.rocket(),
        "astronaut": data.astronaut(),
        "temple": load_sample_image("china.jpg"),
        "flower": load_sample_image("flower.jpg"),
    }


def _title_card(text: str) -> NDArray[np.uint8]:
    """White text on dark blue, 1280 × 720 pixels."""
    from PIL import Image, ImageDraw, ImageFont

    card = Image.new("RGB", (1280, 720), (18, 32, 58))
    font = ImageFont.load_default(size=72)
    ImageDraw.Draw(card).text((640, 360), text, fill="white", font=font, anchor="mm")
    return np.asarray(card)
