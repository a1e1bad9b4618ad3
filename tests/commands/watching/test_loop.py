"""The loop of a watch runs on through everything, and says what happened."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from streams import Bright, Listed, picture, watching

from whenabouts.commands.watching import Asked, Began, Told, Trouble, Watching, row
from whenabouts.commands.watching.asked import QueriesFile
from whenabouts.errors import InputError, ModelError, QueryError
from whenabouts.evidence.timed_text import TimedText
from whenabouts.grounders.stream import Event
from whenabouts.video.live import Notice, Sound

DARK_BRIGHT_DARK = [picture(0, 0.0), picture(255, 1.0), picture(255, 2.0), picture(0, 3.0)]


def summary(events: list[Event]) -> list[tuple[str, float, float | None, bool]]:
    return [(event.state, event.start, event.end, event.seen_end) for event in events]


def test_events_come_as_they_happen_and_everything_is_told_in_order() -> None:
    told: list[Told] = []
    source = Listed([*DARK_BRIGHT_DARK, Notice("ended", 3.0, "the stream ended at 3.0 s")])
    with watching(source, "light", told=told.append) as running:
        events = list(running)
    assert summary(events) == [("started", 1.0, None, True), ("ended", 1.0, 3.0, True)]
    assert [type(each) for each in told] == [Began, Event, Event, Notice]
    assert told[1:3] == events
    assert all(event.latency is not None and 0 <= event.latency < 60 for event in events)
    assert all(event.wall is None for event in events), "a file has no time on the wall"
    assert (running.clock, running.pictures) == (3.0, 4)
    for each in told:
        json.dumps(row(each), allow_nan=False)


def test_events_of_a_live_source_say_when_they_were_and_how_long_it_took_to_tell() -> None:
    began = datetime.now(UTC) - timedelta(seconds=30)
    with watching(Listed(DARK_BRIGHT_DARK), "light", utc=lambda time: began + timedelta(seconds=time)) as running:
        events = list(running)
    assert [event.wall for event in events] == [
        f"{(began + timedelta(seconds=each)).isoformat(timespec='milliseconds')[:-6]}Z" for each in (1, 3)
    ]
    assert all(event.latency is not None and 30 > event.latency > 26 for event in events), "it had waited in a queue"


@pytest.mark.parametrize(
    "notices",
    [
        [Notice("lost", 2.0, "gone"), Notice("resumed", 60.0, "back", 2.0)],
        [Notice("stalled", 12.0, "nothing came", 2.0)],
        [Notice("jumped", 90.0, "it jumped", 2.0)],
        [Notice("dropped", 9.0, "too slow", 2.0, 200)],
        [Notice("ended", 2.0, "over")],
        [],
    ],
    ids=lambda notices: "-".join(notice.happened for notice in notices) or "the source just stops",
)
def test_an_end_that_was_not_seen_is_never_invented(notices: list[Notice]) -> None:
    with watching(Listed([picture(0, 0.0), picture(255, 1.0), picture(255, 2.0), *notices]), "light") as running:
        [_, ended] = running
    assert (ended.state, ended.seen_end) == ("ended", False) and ended.end is not None and ended.end <= 2.0


def test_what_comes_after_a_stall_is_looked_at_whenever_it_is() -> None:
    stalled = Notice("stalled", 30.0, "nothing came", 2.0)
    after = [picture(255, 2.5), picture(0, 4.0)]
    with watching(Listed([picture(255, 1.0), picture(255, 2.0), stalled, *after]), "light") as running:
        events = list(running)
    assert [(event.state, event.number, event.emitted) for event in events[1:]] == [
        ("ended", 1, 2.0), ("started", 2, 2.5), ("ended", 2, 4.0)
    ]  # fmt: skip
    assert running.clock == 4.0


def test_short_notices_end_nothing() -> None:
    between = [Notice("dropped", 1.5, "one picture", 1.2, 1), Notice("damaged", 1.6, "three packets", None, 3)]
    with watching(Listed([*DARK_BRIGHT_DARK[:2], *between, *DARK_BRIGHT_DARK[2:]]), "light") as running:
        assert summary(list(running))[-1] == ("ended", 1.0, 3.0, True)


def test_a_picture_that_cannot_be_looked_at_costs_that_picture() -> None:
    told: list[Told] = []
    broken = [picture(13, 0.01 * k) for k in range(100)]
    with watching(Listed([*broken, *DARK_BRIGHT_DARK[1:]]), "light", told=told.append) as running:
        assert len(list(running)) == 2
    troubles = [each for each in told if isinstance(each, Trouble)]
    assert [each.count for each in troubles] == [1, 10, 100], "said now and then, and counted"
    assert "no light at all" in troubles[0].text


class Unreachable(Bright):
    """Its model never answered."""

    answered = False

    def push(self, frame: NDArray[Any], t: float) -> list[Event]:
        raise ModelError("nobody is there")


def test_a_model_that_was_never_there_ends_the_watch() -> None:
    told: list[Told] = []
    running = Watching(Listed(DARK_BRIGHT_DARK), Unreachable(), Began("s", "m", (), 0.0), told=[told.append])
    with pytest.raises(ModelError, match="nobody is there"):
        list(running)
    assert [type(each) for each in told] == [Began, Notice] and running.clock == 0.0


def test_queries_are_added_and_removed_while_it_runs() -> None:
    told: list[Told] = []
    source = Listed([picture(0, 0.0), picture(255, 1.0)], waits=True)
    with watching(source, "light", told=told.append) as running:
        events = iter(running)
        assert next(events).query == "light"
        running.add("day")
        running.remove("light")
        with pytest.raises(QueryError, match="asked already"):
            running.add("day")
        with pytest.raises(QueryError, match="not asked"):
            running.remove("night")
        with pytest.raises(QueryError, match="empty"):
            running.add(" ")
        source.put(picture(255, 2.0))
        assert next(events).query == "day"
        source.put(picture(0, 3.0))
        assert next(events).query == "day"
        running.close()
        assert list(events) == []
    assert [(each.query, each.asked) for each in told if isinstance(each, Asked)] == [("light", False), ("day", True)]


def test_a_query_that_the_model_refuses_is_told_and_dropped() -> None:
    class Picky(Bright):
        def added(self, query: str) -> None:
            if "night" in query:
                raise ValueError("it is dark")

    told: list[Told] = []
    source = Listed([], waits=True)
    grounder = Picky()
    grounder.add("light")
    running = Watching(source, grounder, Began("a list", "bright", ("light",)), told=[told.append])
    running.add("night")
    source.put(picture(255, 1.0))
    with running:
        assert next(iter(running)).query == "light"
    assert any(isinstance(each, Trouble) and "it is dark" in each.text for each in told)
    assert running.queries == ("light",)


def test_a_file_of_queries_is_read_again(tmp_path: Path) -> None:
    now = [0.0]
    path = tmp_path / "queries.txt"
    path.write_text("# what to look for\nlight\n\nday\n")
    file = QueriesFile(path, now=lambda: now[0])
    assert file.queries == ("light", "day")
    path.write_text("day\nnight\nnight\n")
    assert file.changed() == ([], []), "not looked at again so soon"
    now[0] = 2.0
    assert file.changed() == (["night"], ["light"])
    path.unlink()
    now[0] = 4.0
    with pytest.raises(InputError, match="cannot be read"):
        file.changed()
    assert file.queries == ("day", "night"), "they stay as they were"


def test_a_watch_is_closed_from_another_thread() -> None:
    running = watching(Listed([picture(255, 1.0)], waits=True), "light")
    events = iter(running)
    next(events)
    Thread(target=running.close).start()
    assert summary(list(events)) == [("ended", 1.0, None, False)]
    with pytest.raises(InputError, match="once"):
        iter(running)


def test_what_a_model_could_not_do_is_told_and_it_runs_on() -> None:
    class Failing(Bright):
        def failures(self) -> list[str]:
            return ["the server does not answer"]

    told: list[Told] = []
    with watching(Listed(DARK_BRIGHT_DARK), "light", told=told.append, grounder=Failing()) as running:
        assert summary(list(running)) == [("started", 1.0, None, True), ("ended", 1.0, 3.0, True)]
    troubles = [each for each in told if isinstance(each, Trouble)]
    assert [each.part for each in troubles] == ["model"], "the first time; then the tenth"
    assert "does not answer" in troubles[0].text


def test_speech_reaches_the_queries() -> None:
    class Ear:
        dropped = 2

        def push(self, sound: Sound) -> list[TimedText]:
            return [TimedText(sound.time, sound.time + 1, "the budget is approved", "said", "speech")]

        def lost(self, wait: float) -> list[TimedText]:
            return []

        def close(self) -> None:
            closed.append(self)

    closed: list[Ear] = []
    told: list[Told] = []
    running = watching(Listed([Sound(4.0, np.zeros(16_000, np.float32))]), "budget", told=told.append)
    running.parts.listener = Ear()
    with running:
        assert summary(list(running)) == [("started", 4.0, None, True), ("ended", 4.0, 5.0, True)]
    assert closed == [running.parts.listener]
    assert [each.part for each in told if isinstance(each, Trouble)] == ["speech"], "what is not listened to is said"


def test_it_stops_after_so_much_of_the_stream() -> None:
    with watching(Listed([picture(0, t / 2) for t in range(100)]), "light", until=3.0) as running:
        assert list(running) == [] and running.clock == 3.0


def test_what_was_seen_before_is_passed_over() -> None:
    with watching(Listed(DARK_BRIGHT_DARK), "light", time=2.0, seen=2.0) as running:
        assert summary(list(running)) == [("started", 2.0, None, True), ("ended", 2.0, 3.0, True)]
        assert running.pictures == 2
