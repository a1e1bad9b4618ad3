from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from whenabouts.encoders import load_encoder
from whenabouts.errors import InputError
from whenabouts.grounders.stream import Event, load_online
from whenabouts.grounders.stream.similarity import OnlineSimilarity
from whenabouts.synthetic.composed import SCENES

QUERIES = ("a cat", "a red motorcycle", "a page of printed text", "an elephant")
ENCODER = load_encoder("builtin")
WITHOUT = "someone mentions the budget"


@pytest.fixture(scope="module")
def pictures() -> dict[str, NDArray[np.uint8]]:
    Image = pytest.importorskip("PIL.Image")
    pytest.importorskip("skimage", reason="needs the extra: bench")
    found = {}
    for scene in SCENES["tuning"][:10]:
        with Image.open(scene.path()) as image:
            found[scene.file] = np.asarray(image.convert("RGB").resize((224, 224)))
    return found


@pytest.fixture(scope="module")
def vectors(pictures: dict[str, NDArray[np.uint8]]) -> NDArray[np.float32]:
    return ENCODER.encode_images(list(pictures.values()))


class Uncalibrated:
    """The built-in encoder under another name and on another scale."""

    def __init__(self) -> None:
        self.inner = ENCODER
        self.name, self.size, self.dim, self.sha256 = "other", 224, self.inner.dim, "0" * 64

    def encode_images(self, images: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
        return self.inner.encode_images(images)

    def encode_texts(self, texts: list[str]) -> NDArray[np.float32]:
        return 7 * self.inner.encode_texts(texts)


def asked(*queries: str, **settings: object) -> OnlineSimilarity:
    grounder = load_online("similarity", **({"model": ENCODER} | settings))
    for query in queries:
        grounder.add(query)
    assert isinstance(grounder, OnlineSimilarity)
    return grounder


def shown(grounder: OnlineSimilarity, pictures: list[NDArray[np.uint8]], first: float = 0.0) -> list[Event]:
    return [event for i, picture in enumerate(pictures) for event in grounder.push(picture, first + i)]


def test_what_is_on_show_is_told_while_it_lasts_and_nothing_else(pictures: dict[str, NDArray[np.uint8]]) -> None:
    order = ["data/coins.png", "data/chelsea.png", "data/moon.png"]
    grounder = asked("a cat", "an elephant")
    told = shown(grounder, [pictures[name] for name in order for _ in range(6)])
    assert [(event.query, event.state) for event in told if event.state != "updated"] == [
        ("a cat", "started"),
        ("a cat", "ended"),
    ]
    started, ended = told[0], told[-1]
    assert started.start == 5.5 and started.emitted <= 8.0  # the cut, half-way between two pictures
    assert ended.end == 11.5 and ended.emitted == 12.0 and ended.seen_end
    assert [each.kind for each in ended.evidence] == ["seen"]


def test_what_is_on_for_most_of_the_time_is_told_each_time(vectors: NDArray[np.float32]) -> None:
    cat, coins = vectors[0], vectors[3]
    told = shown(asked("a cat"), ([cat] * 50 + [coins] * 10) * 6)
    assert [event.start for event in told if event.state == "started"] == [0.0, *(60 * i - 0.5 for i in range(1, 6))]
    assert [event.end for event in told if event.state == "ended"] == [60 * i + 49.5 for i in range(6)]


def test_a_still_picture_is_encoded_once(pictures: dict[str, NDArray[np.uint8]]) -> None:
    grounder = asked("a cat")
    shown(grounder, [pictures["data/chelsea.png"]] * 20)
    assert grounder.encoded == 1


def test_an_encoder_of_unknown_scale_ranks_the_same_first(pictures: dict[str, NDArray[np.uint8]]) -> None:
    grounder = asked("a cat", model=Uncalibrated())
    names = ["data/coins.png", "data/moon.png", "data/page.png", "data/chelsea.png", "data/grass.png"]
    told = shown(grounder, [pictures[name] for name in names for _ in range(8)])
    best = max((event for event in told if event.state == "ended"), key=lambda event: event.score)
    assert best.start == 23.5


def test_a_higher_threshold_is_quieter(vectors: NDArray[np.float32]) -> None:
    rows = [vectors[i % len(vectors)] for i in range(len(vectors)) for _ in range(5)]
    counts = [len(shown(asked(*QUERIES, least=least), rows)) for least in (0.2, 0.5, 0.8, 0.999)]
    assert counts == sorted(counts, reverse=True) and counts[0] > counts[-1] == 0


def test_a_query_for_words_is_not_answered_by_pictures(vectors: NDArray[np.float32]) -> None:
    grounder = asked(WITHOUT, "he says a cat", "nobody is there")
    assert shown(grounder, [row for row in vectors for _ in range(5)]) == []


def test_what_a_stream_cannot_apply_is_said() -> None:
    grounder = asked()
    assert grounder.notes("a cat") == ()
    assert "which occurrence" in " ".join(grounder.notes("the second time a cat jumps"))
    assert "sounds" in " ".join(grounder.notes("a dog barks loudly") + grounder.notes("the sound of applause"))


def test_a_gap_ends_what_was_open_unseen_and_starts_anew(pictures: dict[str, NDArray[np.uint8]]) -> None:
    grounder = asked("a cat")
    cat = pictures["data/chelsea.png"]
    shown(grounder, [pictures["data/coins.png"]] * 6 + [cat] * 4)
    [event] = grounder.lost(9.4, 60.0)
    assert (event.state, event.end, event.seen_end) == ("ended", 9.4, False)
    again = [event for event in shown(grounder, [cat] * 4, 60.0) if event.state == "started"]
    assert [(event.number, event.start) for event in again] == [(2, 60.0)]


@settings(max_examples=8)
@given(data=st.data())
def test_a_run_goes_on_from_a_snapshot_as_if_it_had_not_stopped(
    vectors: NDArray[np.float32], data: st.DataObject
) -> None:
    shots = data.draw(st.lists(st.tuples(st.integers(0, len(vectors) - 1), st.integers(1, 5)), max_size=12))
    rows = [vectors[number] for number, length in shots for _ in range(length)]
    at = data.draw(st.integers(0, len(rows)))
    whole = shown(asked(*QUERIES), rows)
    first = asked(*QUERIES)
    before = shown(first, rows[:at])
    second = asked()
    second.restore(json.loads(json.dumps(first.snapshot())))
    assert isinstance(second, OnlineSimilarity)
    assert before + shown(second, rows[at:], float(at)) == whole


@settings(max_examples=8)
@given(data=st.data())
def test_whatever_comes_moments_start_and_end_in_turn(vectors: NDArray[np.float32], data: st.DataObject) -> None:
    grounder = asked(*QUERIES)
    told, now = list[Event](), 0.0
    for _ in range(data.draw(st.integers(0, 40))):
        now += data.draw(st.sampled_from([0.0, 0.04, 0.7, 1.0, 1.3, 5.0]))
        told += grounder.push(vectors[data.draw(st.integers(0, len(vectors) - 1))], now)
        if data.draw(st.integers(0, 9)) == 0:
            told += grounder.lost(now, now + 3.0)
            now += 3.0
    told += grounder.finish(now)
    for query in QUERIES:
        ended = [event for event in told if event.query == query and event.state == "ended"]
        assert [event.number for event in ended] == list(range(1, len(ended) + 1))
        assert all(one.end <= other.start + 1e-3 for one, other in pairwise(ended) if one.end is not None)
        assert all(event.start <= event.emitted for event in told)
    assert all(not grounder.ledger.open(query) for query in QUERIES)


def test_pictures_with_nothing_in_common_with_a_state_are_refused() -> None:
    with pytest.raises(InputError, match="another method"):
        load_online("similarity").restore({"queries": [], "ledger": {"told": {}, "open": []}})


@pytest.mark.parametrize(
    "setting", [{"fps": 0.0}, {"least": 0.0}, {"least": 1.0}, {"memory": -1.0}, {"fps": float("nan")}]
)
def test_settings_that_mean_nothing_are_refused(setting: dict[str, float]) -> None:
    with pytest.raises(InputError, match="got"):
        load_online("similarity", **setting)


def test_what_it_keeps_is_bounded(vectors: NDArray[np.float32]) -> None:
    grounder = asked(*QUERIES, memory=30.0)
    sizes = []
    for turn in range(3):
        shown(grounder, [vectors[i % len(vectors)] for i in range(200)], turn * 200.0)
        sizes.append(len(json.dumps(grounder.snapshot())))
    assert max(sizes) < 1.2 * min(sizes) and grounder.resident_bytes < 2**20


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((480, 640, 3), np.uint8),
        np.zeros((224, 224, 3), np.float32),
        np.zeros((224, 224), np.uint8),
        np.zeros(7, np.float32),
        np.full(1436, np.nan, np.float32),
    ],
)
def test_what_is_no_picture_is_refused_and_changes_nothing(
    vectors: NDArray[np.float32], frame: NDArray[np.uint8]
) -> None:
    rows = [vectors[i // 5] for i in range(5)] + [vectors[0]] * 5 + [vectors[8]] * 5
    grounder = asked(*QUERIES)
    told = shown(grounder, rows[:5])
    with pytest.raises(InputError, match="takes pictures of 224"):
        grounder.push(frame, 4.8)
    assert told + shown(grounder, rows[5:], 5.0) == shown(asked(*QUERIES), rows) != []
