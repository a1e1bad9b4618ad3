from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from whenabouts.errors import InputError, ModelError, QueryError
from whenabouts.evidence.timed_text import TimedText
from whenabouts.grounders.stream import ONLINE, Event, OnlineGrounder, load_online
from whenabouts.grounders.stream.similarity import OnlineSimilarity


class Alternating(OnlineGrounder):
    """Starts a moment at every even picture and ends it at the next."""

    name = "alternating"

    def push(self, frame: NDArray[Any], t: float) -> list[Event]:
        told = []
        for query in self.queries:
            if moments := self.ledger.open(query):
                told.append(self.ledger.end(moments[0], t, t))
            else:
                told.append(self.ledger.start(query, t, 0.5, t)[1])
        return told


PICTURE = np.zeros((4, 4, 3), np.uint8)


def test_queries_come_and_go_while_it_runs() -> None:
    grounder = Alternating()
    grounder.add("a dog")
    assert [event.query for event in grounder.push(PICTURE, 0.0)] == ["a dog"]
    grounder.add("a cat")
    assert [(event.query, event.state) for event in grounder.push(PICTURE, 1.0)] == [
        ("a dog", "ended"),
        ("a cat", "started"),
    ]
    grounder.remove("a cat")
    assert grounder.queries == ("a dog",)
    grounder.add("a cat")
    assert {event.query: event.number for event in grounder.push(PICTURE, 2.0)} == {"a dog": 2, "a cat": 2}


@pytest.mark.parametrize("query", ["", "  "])
def test_an_empty_query_is_refused(query: str) -> None:
    with pytest.raises(QueryError, match="empty"):
        Alternating().add(query)


def test_a_query_is_asked_once_and_removed_once() -> None:
    grounder = Alternating()
    grounder.add("a dog")
    with pytest.raises(QueryError, match="asked already"):
        grounder.add("a dog")
    grounder.remove("a dog")
    with pytest.raises(QueryError, match="is not asked"):
        grounder.remove("a dog")


def test_what_was_open_when_the_stream_broke_off_ends_unseen() -> None:
    grounder = Alternating()
    grounder.add("a dog")
    grounder.push(PICTURE, 4.0)
    [event] = grounder.lost(6.0, 30.0)
    assert (event.state, event.end, event.emitted, event.seen_end) == ("ended", 6.0, 30.0, False)
    assert grounder.lost(30.0, 31.0) == grounder.finish(31.0) == []


@pytest.mark.parametrize("since", [4.0, 3.5])
def test_of_a_moment_that_would_start_after_all_that_is_known_no_end_is_invented(since: float) -> None:
    grounder = Alternating()
    grounder.add("a dog")
    grounder.push(PICTURE, 4.0)
    [event] = grounder.lost(since, 9.0)
    assert (event.state, event.start, event.end, event.seen_end) == ("ended", 4.0, None, False)
    assert Event.from_dict(event.to_dict()) == event
    assert not grounder.ledger.open("a dog")


@pytest.mark.parametrize("time", [float("nan"), float("inf"), np.float32("-inf")])
def test_a_time_that_is_not_finite_is_refused_and_changes_nothing(time: float) -> None:
    for name in ("similarity", "threshold"):
        grounder = load_online(name)
        picture = np.zeros((224, 224, 3), np.uint8)
        grounder.add("a dog")
        before = grounder.snapshot()
        for ask in (
            lambda: grounder.push(picture, time),  # noqa: B023
            lambda: grounder.push(picture, t=time),  # noqa: B023
            lambda: grounder.lost(0.0, time),  # noqa: B023
            lambda: grounder.finish(time),  # noqa: B023
            lambda: grounder.hear(TimedText(0, 1, "a dog", "said", "test"), time),  # noqa: B023
        ):
            with pytest.raises(InputError, match="must be finite numbers of seconds"):
                ask()
        assert grounder.snapshot() == before
    with pytest.raises(InputError, match="must be finite"):
        Alternating().finish(time)


def test_a_state_of_another_rate_is_refused() -> None:
    for name in ("similarity", "threshold"):
        grounder, other = load_online(name), load_online(name, fps=2.0)
        grounder.add("a dog")
        with pytest.raises(InputError, match="saved at 1 pictures a second, not 2"):
            other.restore(grounder.snapshot())
        assert not other.queries


def test_a_state_with_vectors_of_another_width_is_refused() -> None:
    grounder = load_online("similarity")
    grounder.push(np.zeros((224, 224, 3), np.uint8), 0.0)
    kept = grounder.snapshot()
    kept["last"] = kept["last"][:400]
    with pytest.raises(InputError, match="saved with vectors of 150 numbers, not 1436"):
        load_online("similarity").restore(kept)


@pytest.mark.parametrize(
    ("query", "kind"), [("they say the budget was approved", "said"), ("a sign says EXIT", "written")]
)
def test_a_query_about_words_has_a_note_unless_such_lines_come(query: str, kind: str) -> None:
    grounder = load_online("similarity")
    [note] = grounder.notes(query)
    assert "so this query gets no answer" in note
    grounder.hears = frozenset({kind})
    assert grounder.notes(query) == ()


def test_the_score_from_which_it_tells_has_one_name_for_all_methods() -> None:
    assert load_online("similarity", threshold=0.4).settings()["least"] == 0.4
    assert load_online("threshold", threshold=0.4).settings()["threshold"] == 0.4
    with pytest.raises(InputError, match=r"least must be a number in \(0, 1\), got 1.5"):
        load_online("similarity", threshold=1.5)


def test_who_only_looks_hears_nothing() -> None:
    assert Alternating().hear(TimedText(0, 1, "hello", "said", "test"), 1.0) == []


def test_a_method_is_loaded_by_name_with_its_settings() -> None:
    grounder = load_online("similarity", fps=2.0, least=0.4)
    assert isinstance(grounder, OnlineSimilarity) and grounder.settings()["least"] == 0.4 and grounder.fps == 2.0
    assert load_online("similarity:builtin").models.keys() == {"builtin"}


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("psychic", {}, "unknown online model 'psychic'"),
        ("similarity", {"colour": "red"}, "has no setting colour"),
        ("similarity:psychic", {}, "unknown encoder 'psychic'"),
    ],
)
def test_what_cannot_be_loaded_is_named(name: str, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        load_online(name, **settings)


def test_every_method_has_the_name_by_which_it_is_loaded() -> None:
    assert all(kind.name == name for name, kind in ONLINE.items() if ONLINE.own.get(name) is kind)
