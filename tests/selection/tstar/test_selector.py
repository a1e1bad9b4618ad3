"""T* as a selector: what judges frames, what is sought, and what it says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from plain_pictures import ColourEncoder, coloured

from whenabouts.encoders import load_encoder
from whenabouts.errors import InputError, ModelError
from whenabouts.evidence.likeness import Likeness
from whenabouts.selection import load_selector
from whenabouts.selection.tstar.detector import LikenessJudge
from whenabouts.selection.tstar.words import sought

LONG = coloured(["grey", "red", "grey"], [0.0, 700.0, 730.0], 1000.0)
VIDEO = coloured([["grey", "red"][k in range(300, 330)] for k in range(1000)], [float(k) for k in range(1000)], 1000.0)


class Reds:
    """A detector of one thing."""

    name, size, sha256 = "reds", 4, "1" * 64

    def __init__(self) -> None:
        self.words: list[tuple[str, ...]] = []

    def confidences(self, images: Sequence[NDArray[np.uint8]], words: Sequence[str]) -> NDArray[np.float32]:
        self.words.append(tuple(words))
        red = [image[..., 0].mean() > 200 for image in images]
        return np.array([[0.4 * is_red * (word == "red car") for word in words] for is_red in red], np.float32)


def test_a_detector_of_ones_own_is_asked_for_what_a_language_model_names() -> None:
    reds = Reds()
    selector = load_selector("tstar", detector=reds, ask=lambda prompt: "targets: Red car\ncues: street, tree")
    chosen = selector.select(VIDEO, "when does the car stop?", 5)
    assert set(reds.words) == {("red car", "street", "tree")}
    assert all(300 <= time < 330 for time in chosen.times)
    assert chosen.looked <= 100 + 64 and chosen.models == {"reds": "1" * 64} and chosen.notes == ()
    assert chosen.settings["detector"] == "reds" and chosen.settings["seed"] == 0


def test_without_a_detector_it_says_that_likeness_judged_and_encodes_what_it_looks_at_once() -> None:
    encoder = ColourEncoder()
    selector = load_selector("tstar", encoder=encoder, cache=False)
    chosen = selector.select(VIDEO, "something red", 4)
    assert chosen.notes == ("frames were judged by their likeness to the query, not by an object detector",)
    assert encoder.pictures == chosen.looked
    selector.select(VIDEO, "something red", 8)
    assert encoder.pictures == chosen.looked, "what was looked at before is at hand"
    assert selector.select(LONG, "something red", 1).times == (700.0,)


def test_confidences_of_the_embedded_encoder_are_probabilities() -> None:
    encoder = load_encoder("builtin")
    judge = LikenessJudge(encoder, Likeness.of(encoder))
    sure = judge.confidences(VIDEO, [0.0, 310.0], ["a dog", "something red", "a cat"])
    assert sure.shape == (2, 3) and ((sure > 0) & (sure < 1)).all()


@pytest.mark.parametrize(
    ("reply", "targets", "cues"),
    [
        ("key objects: Dog, ball\ncue objects: park", ("dog", "ball"), ("park",)),
        ("1. a red car.\n2. road, a red car", ("a red car",), ("road",)),
        ("cat", ("cat",), ()),
        ("", ("the cat sleeps",), ()),
        (" ,;\n", ("the cat sleeps",), ()),
    ],
)
def test_replies_are_read_as_far_as_they_can_be(reply: str, targets: tuple[str, ...], cues: tuple[str, ...]) -> None:
    found = sought("the cat sleeps", lambda _: reply)
    assert (found.targets, found.cues) == (targets, cues)
    assert bool(found.notes) == (targets == ("the cat sleeps",))


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"found": 2}, InputError, "shares between 0 and 1"),
        ({"share": 0}, InputError, "shares between 0 and 1"),
        ({"seed": -1}, InputError, "at least 0 and less than"),
        ({"detector": "yolo"}, ModelError, "unknown detector 'yolo'"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        load_selector("tstar", **settings)
