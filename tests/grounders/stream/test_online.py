from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from whenabouts.errors import ModelError, QueryError
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
