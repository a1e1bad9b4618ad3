"""What holds of every selector that needs no model of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media import make_video
from plain_pictures import COLOURS, ColourEncoder, coloured

from whenabouts.errors import InputError, ModelError, QueryError
from whenabouts.selection import SELECTORS, Selector, load_selector, settings_of
from whenabouts.selection.scored import Looked, ScoredSelector
from whenabouts.video import Video
from whenabouts.video.part import Part

NAMES = [name for name in SELECTORS if "model" not in settings_of(name)]  # the others are tested with a model


def loaded(name: str, **given: Any) -> Selector:
    """A selector with the encoder of the tests, where it takes one."""
    shared = {"encoder": ColourEncoder(), "cache": False} | given
    return load_selector(name, **{key: value for key, value in shared.items() if key in settings_of(name)})


def scored() -> list[str]:
    return [name for name in NAMES if issubclass(SELECTORS[name], ScoredSelector)]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30)
@given(data=st.data(), budget=st.integers(1, 20), query=st.sampled_from(["green", "a dog", "the second red thing"]))
def test_chosen_frames_are_pictures_of_the_video(name: str, data: st.DataObject, budget: int, query: str) -> None:
    colours = data.draw(st.lists(st.sampled_from(list(COLOURS)), min_size=1, max_size=25))
    gaps = data.draw(st.lists(st.floats(0.01, 5), min_size=len(colours), max_size=len(colours)))
    times = np.cumsum([0.0, *gaps])
    video = coloured(colours, times[:-1].tolist(), float(times[-1]))
    selector = loaded(name)
    chosen = selector.select(video, query, budget)
    assert 1 <= len(chosen.times) <= budget
    assert set(chosen.times) <= set(video.times.tolist())
    assert chosen == selector.select(video, query, budget) == loaded(name).select(video, query, budget)
    assert chosen.selector == name and chosen.query == query
    everything = selector.select(video, query, 10_000)
    assert set(chosen.times) <= set(everything.times), "with frames enough all candidates are shown"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("offset", [0.0, 12.5])
def test_files_of_uneven_pictures_keep_their_times(name: str, offset: float, tmp_path: Path) -> None:
    times = [0.02, 0.05, 0.5, 0.9, 2.4, 2.41, 3.3, 7.7, 9.1, 9.2]
    make_video(tmp_path / "odd.mp4", times=times, offset=offset, gop=3)
    video = Video(tmp_path / "odd.mp4")
    for shown in (video, Part(video, 2.5, 8.0)):
        chosen = loaded(name).select(shown, "grey", 3).times
        assert 1 <= len(chosen) <= 3
        assert set(chosen) <= set(shown.times.tolist())


@pytest.mark.parametrize("name", NAMES)
def test_one_picture_is_all_there_is(name: str) -> None:
    assert loaded(name).select(coloured(["red"], [0.0], 0.04), "a dog", 8).times == (0.0,)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("budget", [0, -3])
def test_no_budget_is_refused(name: str, budget: int) -> None:
    with pytest.raises(InputError, match="at least one frame"):
        loaded(name).select(coloured(["red"], [0.0], 1.0), "a dog", budget)


@settings(max_examples=40)
@pytest.mark.parametrize("name", scored())
@given(seed=st.integers(0, 2**32 - 1), budget=st.integers(1, 70), strict=st.booleans())
def test_the_order_of_the_input_does_not_matter(name: str, seed: int, budget: int, strict: bool) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 80))
    looked = Looked(np.cumsum(rng.random(count) + 0.1), rng.random(count).round(1), rng.normal(size=(count, 5)))
    selector = loaded(name, strict_official=strict)
    assert isinstance(selector, ScoredSelector)
    chosen = selector.choose(looked, budget)
    assert np.all(np.diff(looked.times[chosen]) > 0)
    assert len(chosen) == min(budget, count) or strict
    order = rng.permutation(count)
    shuffled = Looked(*(part[order] for part in looked))
    assert order[selector.choose(shuffled, budget)].tolist() == chosen.tolist()


@pytest.mark.parametrize("name", scored())
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_scores_that_are_not_numbers_are_refused(name: str, wrong: float) -> None:
    selector = loaded(name)
    assert isinstance(selector, ScoredSelector)
    with pytest.raises(InputError, match="not finite numbers"):
        selector.choose(Looked(np.arange(3.0), np.array([0.1, wrong, 0.2]), np.ones((3, 2), np.float32)), 2)


@pytest.mark.parametrize("name", scored())
def test_an_empty_query_is_refused(name: str) -> None:
    with pytest.raises(QueryError, match="empty"):
        loaded(name).select(coloured(["red"], [0.0], 1.0), " ", 1)


def test_what_no_selector_has_is_named() -> None:
    with pytest.raises(ModelError, match="unknown selector 'best'; choose one of: uniform, "):
        load_selector("best")
    with pytest.raises(ModelError, match="the selector uniform has no setting encoder; leave it out"):
        load_selector("uniform", encoder="builtin")
    with pytest.raises(ModelError, match="the selector aks has no setting model; leave it out"):
        load_selector("aks:checkpoint.pt")
