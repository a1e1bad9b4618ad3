from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.stream.change import Change, Detector, Rules

RULES = Rules(least=0.1, memory=60)
scores = st.lists(st.tuples(st.floats(-0.5, 1.0), st.booleans()), max_size=80)


def run(detector: Detector, values: list[tuple[float, bool]], first: int = 0) -> list[Change]:
    told = []
    for i, (value, cut) in enumerate(values, first):
        told += detector.push(value, float(i), 1.0, cut=cut)
    return told


def shot(value: float, pictures: int) -> list[tuple[float, bool]]:
    return [(value, True)] + [(value, False)] * (pictures - 1)


def test_a_shot_that_stands_out_is_a_moment_from_cut_to_cut() -> None:
    told = run(Detector(RULES), shot(0.0, 20) + shot(0.5, 8) + shot(0.02, 10))
    assert [(each.what, each.time) for each in told] == [("started", 20.0), ("ended", 28.0)]
    assert told[-1].peak == 0.5


def test_without_a_cut_the_moment_goes_from_rise_to_fall() -> None:
    told = run(Detector(RULES), [(0.0, False)] * 20 + [(0.5, False)] * 8 + [(0.0, False)] * 10)
    assert [each.what for each in told if each.what != "raised"] == ["started", "ended"]
    assert abs(told[0].time - 20) <= 1 and abs(told[-1].time - 28) <= 2


def test_what_never_changes_or_stays_low_starts_nothing() -> None:
    assert run(Detector(RULES), shot(0.05, 100) + shot(0.09, 100)) == []


def test_a_single_raised_picture_is_not_enough_but_a_long_rise_is() -> None:
    assert run(Detector(RULES), shot(0.0, 20) + shot(0.12, 1) + shot(0.0, 20)) == []
    assert run(Detector(RULES), shot(0.0, 20) + shot(0.2, 5))[0] == Change("started", 20.0, 0.2)


def test_two_shots_that_stand_out_are_one_moment() -> None:
    told = run(Detector(RULES), shot(0.0, 20) + shot(0.4, 5) + shot(0.45, 5) + shot(0.0, 5))
    assert [(each.what, each.time) for each in told if each.what != "raised"] == [("started", 20.0), ("ended", 30.0)]


def test_a_much_better_shot_is_a_moment_of_its_own() -> None:
    told = run(Detector(RULES), shot(0.0, 20) + shot(0.2, 5) + shot(0.9, 5) + shot(0.0, 5))
    assert [(each.what, each.time) for each in told] == [
        ("started", 20.0),
        ("ended", 25.0),
        ("started", 25.0),
        ("ended", 30.0),
    ]


@given(scores)
def test_moments_start_and_end_in_turn_and_never_overlap(values: list[tuple[float, bool]]) -> None:
    now, opened = 0.0, False
    for each in run(Detector(RULES), values):
        if each.what == "started":
            assert not opened and each.time >= now
            opened, now = True, each.time
        elif each.what == "ended":
            assert opened and each.time > now
            opened, now = False, each.time
        else:
            assert opened


@given(scores, st.integers(0, 80))
def test_a_run_that_was_interrupted_goes_on_as_if_it_had_not_been(values: list[tuple[float, bool]], at: int) -> None:
    whole = run(Detector(RULES), values)
    first, second = Detector(RULES), Detector(RULES)
    before = run(first, values[:at])
    second.restore(json.loads(json.dumps(first.snapshot())))
    assert before + run(second, values[at:], at) == whole


def test_what_is_remembered_is_bounded() -> None:
    detector = Detector(RULES)
    run(detector, [(i % 7 / 7, i % 5 == 0) for i in range(1000)])
    kept = detector.snapshot()
    assert len(kept["lately"]) == RULES.memory >= len(kept["outside"])


def spans(told: list[Change]) -> list[tuple[float, float]]:
    edges = [each.time for each in told if each.what != "raised"]
    return list(zip(edges[::2], edges[1::2], strict=False))


def test_what_is_on_for_most_of_the_time_is_told_each_time_it_comes_back() -> None:
    often = run(Detector(RULES), (shot(0.24, 50) + shot(0.0, 10)) * 8)
    assert spans(often) == [(60.0 * i, 60.0 * i + 50) for i in range(8)]
    early = run(Detector(RULES), shot(0.24, 30) + shot(0.0, 20) + shot(0.24, 30) + shot(0.0, 5))
    assert spans(early) == [(0.0, 30.0), (50.0, 80.0)]


def test_what_went_on_for_longer_than_the_memory_is_told_again_too() -> None:
    told = run(Detector(RULES), shot(0.0, 600) + shot(0.24, 300) + shot(0.0, 20) + shot(0.24, 30) + shot(0.0, 5))
    assert spans(told) == [(600.0, 900.0), (920.0, 950.0)]


def test_what_was_always_there_does_not_hide_what_rises_from_it() -> None:
    told = run(Detector(RULES), [(0.15, False)] * 600 + [(0.3, False)] * 20 + [(0.15, False)] * 200)
    assert spans(told) == [(0.0, 600.0), (600.0, 620.0)]
    assert next(each.peak for each in told if each.what == "ended") == 0.15


def test_what_was_always_there_does_not_start_again_after_each_cut() -> None:
    told = run(Detector(RULES), (shot(0.15, 580) + shot(0.0, 20)) * 5)
    assert spans(told) == [(0.0, 580.0)]


def test_nothing_starts_only_because_something_higher_is_forgotten() -> None:
    told = run(Detector(RULES), shot(0.0, 100) + shot(0.9, 5) + shot(0.2, 150) + shot(0.0, 5))
    assert spans(told) == [(100.0, 105.0)]
