"""The probe: a grounder that looks passes every pair, one that guesses is named."""

from __future__ import annotations

import pytest
from coloured import Guesses, Sees, case, coloured

from whenabouts.trust import PROBES
from whenabouts.trust.counterfactual.probe import CounterfactualProbe
from whenabouts.trust.probe import Case


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    folder = tmp_path_factory.mktemp("counterfactual")
    first = coloured(folder / "a.mp4", ("grey", 8), ("red", 4), ("grey", 8))
    second = coloured(folder / "b.mp4", ("grey", 6), ("green", 3), ("grey", 6))
    third = coloured(folder / "c.mp4", ("grey", 12), ("blue", 4), ("grey", 5))
    return [
        case(first, "red", (8, 12)),
        case(second, "green", (6, 9)),
        case(third, "blue", (12, 16)),
        case(first, "blue"),
    ]


def test_a_grounder_that_looks_passes(cases: list[Case]) -> None:
    finding = CounterfactualProbe(each=3).run(Sees(), cases)
    assert finding.figures["pairs"] >= 12
    assert finding.figures["pair score"] == 1.0 and finding.figures["must change"] == 1.0
    assert finding.figures["ignored"] == 0.0 and not finding.flaws
    assert len(finding.rows) == finding.figures["pairs"] and finding.rows[0]["query"] == "red"
    assert any("1 queries could not be edited" in note for note in finding.notes)


def test_a_grounder_that_guesses_is_named(cases: list[Case]) -> None:
    finding = CounterfactualProbe(each=4).run(Guesses(0.4, 0.6), cases)
    assert finding.figures["pair score"] < 0.5 and finding.figures["must change"] < 0.5
    assert finding.figures["pair score vanishes"] == 0.0
    assert [flaw.name for flaw in finding.flaws] == ["ignores-edits"]


def test_without_truth_the_answer_stands_for_it(cases: list[Case]) -> None:
    unknown = [Case(each.video, each.query) for each in cases]
    finding = CounterfactualProbe().run(Sees(), unknown)
    assert finding.figures["pair score"] == 1.0
    assert any("no truth" in note for note in finding.notes)


def test_the_same_seed_asks_the_same(cases: list[Case]) -> None:
    first, again = (CounterfactualProbe(seed=5).run(Sees(), cases) for _ in range(2))
    assert first == again


def test_nothing_to_ask_is_no_error(cases: list[Case]) -> None:
    assert CounterfactualProbe().run(Sees(), cases[3:]).figures == {"pairs": 0}
    assert CounterfactualProbe().run(Sees(), []).figures == {"pairs": 0}


def test_it_is_registered() -> None:
    assert PROBES["counterfactual"] is CounterfactualProbe
