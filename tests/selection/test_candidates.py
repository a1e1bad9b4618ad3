"""Candidates: each picture once, with the time at which it truly begins."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from media import make_video, read_number
from plain_pictures import ColourEncoder, coloured

from whenabouts.errors import InputError, QueryError
from whenabouts.selection import load_selector
from whenabouts.selection.candidates import Candidates
from whenabouts.video import Video
from whenabouts.video.part import Part


@pytest.mark.parametrize("offset", [0.0, 7.3])
def test_times_are_those_of_the_pictures_that_were_encoded(tmp_path: Path, offset: float) -> None:
    uneven = [0.04, 0.3, 0.9, 1.5, 1.52, 4.2, 6.0]
    make_video(tmp_path / "odd.mp4", times=uneven, offset=offset)
    video = Video(tmp_path / "odd.mp4")
    found = Candidates.of(video, ColourEncoder(), cache=False)
    shown = [read_number(frame.image) for frame in video.sample(1.0)]
    assert len(found.times) == len(found.vectors) == len(set(shown))
    assert found.times == pytest.approx(video.times[sorted(set(shown))])


def test_a_picture_that_stays_on_show_counts_once() -> None:
    video = coloured(["red", "green", "blue"], [0.0, 3.5, 3.6], 10.0)
    found = Candidates.of(video, ColourEncoder(), cache=False)
    assert found.times.tolist() == [0.0, 3.6], "green is shown between two looks"
    assert Candidates.of(video, ColourEncoder(), fps=10, cache=False).times.tolist() == [0.0, 3.5, 3.6]


def test_a_part_has_times_of_its_own() -> None:
    part = Part(coloured(["red", "green", "blue"], [0.0, 3.0, 6.0], 10.0), 2.0, 8.0)
    assert Candidates.of(part, ColourEncoder(), cache=False).times.tolist() == [0.0, 1.0, 4.0]


def test_scores_are_those_of_the_event() -> None:
    video = coloured(["red", "green", "red"], [0.0, 3.0, 6.0], 10.0)
    scores = Candidates.of(video, ColourEncoder(), cache=False).scores("the first time it is green")
    assert np.argmax(scores) == 1


@pytest.mark.parametrize("cache", [True, False])
def test_several_queries_encode_pictures_once(cache: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path))
    encoder = ColourEncoder()
    selector = load_selector("similarity", encoder=encoder, cache=cache)
    video = coloured(["red", "green", "blue"], [0.0, 3.0, 6.0], 10.0)
    assert selector.select(video, "something green", 1).times == (3.0,)
    assert selector.select(video, "something blue", 1).times == (6.0,)
    assert encoder.pictures == 3
    assert selector.select(Part(video, 5.0, 10.0), "something blue", 1).times == (1.0,), "a video of its own"


def test_a_choice_says_what_made_it() -> None:
    video = coloured(["red", "green", "blue"], [0.0, 3.0, 6.0], 10.0)
    chosen = load_selector("similarity", encoder=ColourEncoder(), cache=False).select(video, "something green", 2)
    assert chosen.looked == 3 and chosen.models == {"colours": "0" * 64}
    assert chosen.settings == {"encoder": "colours", "fps": 1.0}
    assert chosen.scores == pytest.approx((0.0, 250 * 250 / 255**2), abs=1e-3)


def test_what_cannot_be_asked_is_refused() -> None:
    selector = load_selector("similarity", encoder=ColourEncoder(), cache=False)
    video = coloured(["red"], [0.0], 1.0)
    with pytest.raises(InputError, match="at least one frame"):
        selector.select(video, "something green", 0)
    with pytest.raises(QueryError, match="empty"):
        selector.select(video, "  ", 1)
