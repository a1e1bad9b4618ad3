"""A stress run: what it asks, what it keeps, and what happens when a part of it breaks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from honest import Oracle, SeesColours, coloured_cases

from whenabouts.errors import InputError, ModelError
from whenabouts.prediction import Prediction, Receipt
from whenabouts.trust import Case
from whenabouts.trust.abstention import measures
from whenabouts.trust.baselines import BASELINES, Judged, baseline
from whenabouts.trust.stress import Report, stress
from whenabouts.trust.stress.remembered import Remembered
from whenabouts.video import Video


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    return coloured_cases(tmp_path_factory.mktemp("colours"), videos=2)


class Breaks(SeesColours):
    """Fails when it is asked about a changed video."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        if type(video) is not Video:
            raise ModelError("out of memory")
        return super().ground(video, queries)


def test_a_report_comes_back_from_its_json(cases: list[Case]) -> None:
    report = stress(SeesColours(), cases, probes=["abstention", "whole-video"], subject="colours", seed=3)
    again = Report.from_dict(json.loads(json.dumps(report.to_dict(), allow_nan=False)))
    assert again.to_dict() == report.to_dict()
    assert again.receipt["seed"] == 3 and len(again.receipt["videos"]) == 2 and len(again.cases) == len(cases)


def test_every_question_is_asked_once(cases: list[Case]) -> None:
    grounder = SeesColours()
    stress(grounder, cases, probes=["abstention", "always-answers", "whole-video", "random"])
    assert grounder.asked == 2, "one call for each video"


def test_a_probe_that_fails_takes_no_other_with_it(cases: list[Case]) -> None:
    report = stress(Breaks(), cases, probes=["one-frame", "abstention"])
    assert report.failed == {"one-frame": "out of memory"}
    assert [finding.probe for finding in report.findings] == ["abstention"]
    assert report.passed_over == {"one-frame": "out of memory"}
    assert "1 of 2 probes could look" in report.text()


def test_a_bug_in_a_model_is_told_in_a_sentence(cases: list[Case]) -> None:
    class Bug:
        def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
            raise ZeroDivisionError("division by zero")

    class Mute:
        whole = True

        def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
            return []

    assert stress(Bug(), cases, probes=["random"]).failed == {
        "random": "it stopped with ZeroDivisionError: division by zero"
    }
    assert "gave 0 answers to" in stress(Mute(), cases, probes=["random"]).failed["random"]


def test_an_interrupted_run_goes_on_where_it_stopped(cases: list[Case], tmp_path: Path) -> None:
    class Stopped(SeesColours):
        def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
            if self.asked == 1:
                raise KeyboardInterrupt
            return super().ground(video, queries)

    journal = tmp_path / "answers.jsonl"
    with pytest.raises(KeyboardInterrupt):
        stress(Stopped(), cases, probes=["abstention"], model="m", journal=journal)
    grounder = SeesColours()
    resumed = stress(grounder, cases, probes=["abstention"], model="m", journal=journal)
    assert grounder.asked == 1
    assert resumed.to_dict() == stress(SeesColours(), cases, probes=["abstention"], model="m").to_dict()
    with pytest.raises(InputError, match="made with another model or setting"):
        stress(SeesColours(), cases, probes=["abstention"], model="other", journal=journal)


def test_a_person_may_have_more_queries_asked_of_edited_videos(cases: list[Case]) -> None:
    few, more = (stress(SeesColours(), cases, probes=["need"], most=most).findings[0].figures for most in (2, 20))
    assert few["queries"] == 2 and more["queries"] == 20


def test_what_cannot_be_asked_is_refused(cases: list[Case]) -> None:
    with pytest.raises(InputError, match="no query to ask"):
        stress(SeesColours(), [])
    with pytest.raises(InputError, match="unknown probe 'nope'"):
        stress(SeesColours(), cases, probes=["nope"])


def test_the_same_query_twice_has_one_answer(cases: list[Case]) -> None:
    asked = Remembered(SeesColours())
    one, two = asked.ground(cases[0].video, [cases[0].query, cases[0].query])
    assert one is two


def test_an_oracle_is_as_good_as_can_be_and_baselines_are_as_known(cases: list[Case]) -> None:
    [finding] = stress(Oracle(cases), cases, probes=["abstention"]).findings
    figures = finding.figures
    for name, best in [("AUROC", 1), ("FPR@95", 0), ("rejection F1", 1), ("ECE", 0), ("Brier", 0), ("E-AURC", 0)]:
        assert figures[name] == pytest.approx(best), name
    assert figures["R1@0.5 with abstentions"] == figures["Acc"] == figures["RA-IoU"] == 1.0
    share = sum(not len(case.truth) for case in cases if case.truth is not None) / len(cases)
    assert figures["R1@0.5 with abstentions of always-abstain"] == pytest.approx(share)
    assert figures["RA-IoU of always-abstain"] == pytest.approx(share) and "coverage of ranges" not in figures
    assert figures["Acc of always-answer"] == pytest.approx(1 - share)
    for name in ("always-answer", "always-abstain", "prior"):
        assert figures[f"AUROC of {name}"] == 0.5
    assert {"risk and coverage", "reliability"} == finding.curves.keys()


def test_ranges_are_measured_where_a_calibrator_gave_them(cases: list[Case]) -> None:
    class Ranged(SeesColours):
        """Gives every other query a range that holds what it found, give or take nothing much; the rest one of 0."""

        def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
            found = super().ground(video, queries)
            spreads = [(1.0, 1.0) if query.startswith("something") else (0.0, 0.0) for query in queries]
            return [
                replace(answer, moments=tuple(replace(m, spread=spread) for m in answer.moments), receipt=self.receipt)
                for answer, spread in zip(found, spreads, strict=True)
            ]

        receipt: Receipt | None = None

    figures = stress(Ranged(), cases, probes=["abstention"]).findings[0].figures
    assert "coverage of ranges" not in figures, "nothing is promised without a calibrator"
    Ranged.receipt = Receipt("1", "colours", settings={"calibrator": {"coverage": 0.9}})
    figures = stress(Ranged(), cases, probes=["abstention"]).findings[0].figures
    happening = [case for case in cases if case.truth is not None and len(case.truth)]
    exact = [c for c in happening if not c.query.startswith("something")]
    assert len(exact) * 2 == len(happening) and figures["coverage of ranges"] == pytest.approx(0.5, abs=0.1)
    assert figures["coverage of ranges low"] <= figures["coverage of ranges"] <= figures["coverage of ranges high"]
    assert figures["median radius in seconds"] == 0.5


def test_measures_that_cannot_be_known_are_left_out() -> None:
    some = Judged(np.array([0.2, 0.9]), np.array([True, True]), np.array([0.6, 0.1]), np.array([True, True]))
    assert "AUROC" not in measures(some) and measures(some)["AURC"] == pytest.approx(0.75)
    unstated = Judged(some.sure, some.said, some.tious, np.array([True, False]), stated=False)
    assert "ECE" not in measures(unstated) and "AUROC" in measures(unstated)


def test_the_prior_is_the_best_constant_window(cases: list[Case]) -> None:
    n = len(cases)
    happens = np.array([bool(len(case.truth)) for case in cases if case.truth is not None])
    model = Judged(np.zeros(n), np.zeros(n, bool), np.zeros(n), happens)
    found = {name: baseline(name, cases, model) for name in BASELINES}
    assert found["prior"].tious.max() > 0.5 and (found["prior"].tious[~happens] == 0).all()
    assert np.array_equal(found["random"].sure, baseline("random", cases, model).sure), "seeded"
