"""How a watch stands, which is bounded whatever happens."""

from __future__ import annotations

from whenabouts.commands.watching import Asked, Began, Board, Trouble
from whenabouts.grounders.stream import Event
from whenabouts.video.live import Notice


def test_it_keeps_what_goes_on_and_what_was_last() -> None:
    board = Board()
    board(Began("a list", "bright", ("light", "day")))
    board(Event("light", 1, "started", 1.0, None, 0.5, 1.0))
    board(Event("light", 1, "updated", 1.0, None, 0.9, 2.0))
    [light, day] = board.standing
    assert [each.score for each in light.going_on.values()] == [0.9] and day.moments == 0
    ended = Event("light", 1, "ended", 1.0, 3.0, 0.9, 3.0)
    board(ended)
    board(Asked("day", False, 4.0))
    board(Asked("night", True, 4.0))
    [light, night] = board.standing
    assert (light.going_on, light.last, light.moments) == ({}, ended, 1) and night.query == "night"


def test_a_source_that_is_away_is_known() -> None:
    board = Board()
    for happened, lost in (("lost", True), ("dropped", True), ("resumed", False), ("lost", True), ("ended", False)):
        board(Notice(happened, 1.0, "so it is"))  # type: ignore[arg-type]
        assert board.lost is lost


def test_it_does_not_grow() -> None:
    board = Board()
    for number in range(1, 5000):
        board(Event("light", number, "started", float(number), None, 0.5, float(number)))
        board(Trouble("webhook", float(number), "it is away", number))
    assert len(board.standing[0].going_on) <= 100 and len(board.newest) <= 5
    assert board.standing[0].moments == 4999
