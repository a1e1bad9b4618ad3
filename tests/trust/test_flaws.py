"""Every known flaw is named, and nobody is accused who has none."""

from __future__ import annotations

import pytest
from honest import Oracle, SeesColours, coloured_cases

from whenabouts.trust import Case
from whenabouts.trust.stress import stress
from whenabouts.trust.stress.flawed import FLAWED

NAMED = ["always-answers", "whole-video", "copies-prior", "one-frame", "subtitles-only", "random"]
ALSO = {"one-frame": {"copies-prior"}, "random": {"always-answers"}}  # what is true of it too


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    return coloured_cases(tmp_path_factory.mktemp("colours"))


@pytest.mark.parametrize("name", NAMED)
def test_a_flaw_is_called_by_its_name(name: str, cases: list[Case]) -> None:
    report = stress(FLAWED[name](SeesColours()), cases, probes=NAMED)
    named = {flaw.name for flaw in report.flaws}
    assert name in named and named <= {name} | ALSO.get(name, set())
    assert any(letter.isdigit() for flaw in report.flaws for letter in flaw.sentence), "a sentence has figures"


def test_who_looks_honestly_is_not_accused(cases: list[Case]) -> None:
    report = stress(SeesColours(), cases, probes=NAMED)
    assert not report.flaws and not report.passed_over


def test_who_knows_the_truth_is_not_accused(cases: list[Case]) -> None:
    assert not stress(Oracle(cases), cases, probes=NAMED).flaws


def test_without_truth_the_probes_that_compare_answers_still_look(cases: list[Case]) -> None:
    unknown = [Case(case.video, case.query) for case in cases]
    for name in ("whole-video", "copies-prior", "subtitles-only"):
        report = stress(FLAWED[name](SeesColours()), unknown, probes=NAMED)
        assert name in {flaw.name for flaw in report.flaws}, name
        assert {"always-answers", "random"} <= report.passed_over.keys()
    assert not stress(SeesColours(), unknown, probes=NAMED).flaws


def test_on_one_video_the_prior_shows_on_its_parts(cases: list[Case]) -> None:
    one = [case for case in cases if case.video is cases[0].video]
    report = stress(FLAWED["copies-prior"](SeesColours()), one, probes=["copies-prior"])
    assert [flaw.name for flaw in report.flaws] == ["copies-prior"]
    assert "part of the video" in report.flaws[0].sentence
    assert not stress(SeesColours(), one, probes=["copies-prior"]).flaws


def test_few_cases_accuse_nobody(cases: list[Case]) -> None:
    for make in FLAWED.values():
        report = stress(make(SeesColours()), cases[:4], probes=NAMED)
        assert not report.flaws and set(report.passed_over) == set(NAMED)
        assert all(report.passed_over.values()), "each says why"
