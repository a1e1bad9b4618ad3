"""A calibrated grounder gives the answers of another one, with a true presence, ranges, and silence where it should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from media import make_video

import whenabouts
from whenabouts.errors import InputError, ModelError
from whenabouts.grounders import Grounder
from whenabouts.grounders.similarity import Similarity
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction, Receipt
from whenabouts.trust.abstaining import threshold_for
from whenabouts.trust.answered import Answered
from whenabouts.trust.calibrated import Calibrated
from whenabouts.trust.calibration.isotonic import Isotonic
from whenabouts.trust.calibration.presence import Presence
from whenabouts.trust.calibration.temperature import Temperature
from whenabouts.trust.calibrator import Calibrator, Fitted
from whenabouts.trust.conformal import Band, Ranges
from whenabouts.video import Video

FITTED = Fitted("1", "mine.jsonl", "test", 30, 300, 150, ("similarity",))
RANGES = Ranges(0.9, "joint", "moment", 1.0, (Band(None, 0.5, 0.5),), 60.0)
CALIBRATOR = Calibrator(Presence(Temperature(2.0), "presence", 0.25), RANGES, None, FITTED, sha256="f" * 64)
ANSWER = Prediction(
    "a dog",
    (Moment(10, 20, 0.8, spread=(0.1, 0.1)), Moment(30, 32, 0.4, spread=(0.1, 0.1))),
    60.0,
    presence=0.8,
    receipt=Receipt("1", "similarity", settings={"top": 5}),
)


@dataclass
class Says:
    """A grounder that always says the same."""

    answer: Prediction

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        return [replace(self.answer, query=query) for query in queries]


def applied(answer: Prediction = ANSWER, calibrator: Calibrator | None = CALIBRATOR, **settings: Any) -> Prediction:
    return Calibrated(Says(answer), calibrator, **settings).applied(answer)


def test_presence_and_ranges_are_those_of_the_calibrator() -> None:
    found = applied()
    assert found.presence == pytest.approx(2 / 3)  # the odds of 0.8 are 4, half of their logarithm that of 2
    assert [moment.spread for moment in found.moments] == [(5.0, 5.0), None]
    assert [(m.start, m.end, m.score) for m in found.moments] == [(10, 20, 0.8), (30, 32, 0.4)]


def test_the_receipt_names_the_calibrator() -> None:
    receipt = applied(abstain=0.1).receipt
    assert receipt is not None
    assert receipt.settings == {
        "top": 5,
        "calibrator": {
            "sha256": "f" * 64,
            "method": "temperature",
            "coverage": 0.9,
            "fitted_on": "mine.jsonl, test: 300 queries on 30 videos",
        },
        "abstain": 0.1,
    }


def test_an_unlikely_query_is_left_unanswered_with_a_reason() -> None:
    found = applied(abstain=0.7)
    assert found.moments == () and found.presence == pytest.approx(2 / 3) and found.failure is None
    assert found.notes == ("left unanswered: it happens with a probability of 0.67, below 0.70",)
    assert applied(abstain=0.6).moments and not applied(abstain=0.6).notes


def test_the_calibrator_says_when_to_abstain_unless_the_caller_does() -> None:
    careful = replace(CALIBRATOR, abstain=0.9)
    assert not applied(calibrator=careful).moments
    assert applied(calibrator=careful, abstain=0.0).moments
    assert applied(calibrator=careful, abstain=0.5).moments


def test_abstaining_needs_a_presence_but_no_calibrator() -> None:
    assert applied(calibrator=None, abstain=0.9).moments == ()
    assert applied(calibrator=None, abstain=0.5) == replace(
        ANSWER, receipt=applied(calibrator=None, abstain=0.5).receipt
    )
    with pytest.raises(ModelError, match="give a calibrator of `whenabouts calibrate`"):
        applied(replace(ANSWER, presence=None), None, abstain=0.5)
    with pytest.raises(InputError, match=r"between 0 and 1, not 1\.5"):
        applied(abstain=1.5)


def test_presence_comes_from_scores_where_there_is_none() -> None:
    curve = Isotonic((1.0, 9.0), (0.2, 0.8))
    by_score = replace(CALIBRATOR, presence=Presence(curve, "score", 0.25))
    silent = replace(ANSWER, moments=(), presence=None)
    assert applied(replace(ANSWER, presence=None, moments=(Moment(1, 2, 5.0),)), by_score).presence == 0.5
    assert applied(silent, by_score).presence == 0.25
    assert applied(silent, by_score, abstain=0.5).notes == ()  # there was nothing to leave out


def test_a_longer_video_than_any_before_is_told() -> None:
    [note] = applied(replace(ANSWER, duration=61.0)).notes
    assert note.startswith("this video is longer than the longest that was calibrated on, 60 s")


def test_another_model_is_refused() -> None:
    other = replace(ANSWER, receipt=Receipt("1", "video-llm"))
    with pytest.raises(ModelError, match="does not fit this model: it was fitted on answers of similarity, not of"):
        applied(other)


def test_it_is_a_grounder_that_reads_queries_as_the_one_inside(tmp_path: Path) -> None:
    make_video(tmp_path / "bars.mp4", seconds=8.0)
    inside = Similarity(evidence=("seen",), cache=False)
    made = Calibrated(inside, CALIBRATOR)
    assert isinstance(made, Grounder)
    queries = ["white bars", "the second time bars appear"]
    with Video(tmp_path / "bars.mp4") as video:
        found, plain = made.ground(video, queries), inside.ground(video, queries)
    assert [each.query for each in found] == queries
    for ours, theirs in zip(found, plain, strict=True):
        assert ours.understood == theirs.understood
        assert [(m.start, m.end, m.score) for m in ours.moments] == [(m.start, m.end, m.score) for m in theirs.moments]
        expected = CALIBRATOR.presence.probability(Answered.of("", theirs, np.zeros((0, 2))))
        assert ours.presence == pytest.approx(expected)


def test_find_takes_a_calibrator_and_when_to_abstain(tmp_path: Path) -> None:
    make_video(tmp_path / "bars.mp4", seconds=8.0)
    CALIBRATOR.write(tmp_path / "cal.json")
    ask: dict[str, Any] = {"evidence": ["seen"], "cache": False, "calibrator": str(tmp_path / "cal.json")}
    [found] = whenabouts.find(tmp_path / "bars.mp4", "white bars", **ask)
    assert found.receipt is not None and found.receipt.settings["calibrator"]["method"] == "temperature"
    assert found.best is not None and found.best.spread is not None
    [silent] = whenabouts.find(tmp_path / "bars.mp4", "white bars", abstain=1.0, **ask)
    assert not silent.moments and silent.notes[-1].startswith("left unanswered")
    with pytest.raises(InputError, match=r"absent\.json does not exist"):
        whenabouts.find(tmp_path / "bars.mp4", "white bars", calibrator=str(tmp_path / "absent.json"))
    with pytest.raises(ModelError, match="not of retrieve-then-ground"):
        whenabouts.find(tmp_path / "bars.mp4", "white bars", search=True, **ask)


def test_what_is_told_early_is_calibrated_too() -> None:
    told: list[list[Prediction]] = []
    Calibrated(Says(ANSWER), CALIBRATOR).early(told.append)([ANSWER])
    assert told == [[applied()]]
    nothing = replace(ANSWER, moments=(), presence=None)  # so far: a query that a model was not asked about yet
    Calibrated(Says(ANSWER), CALIBRATOR).early(told.append)([nothing])
    assert told[1] == [nothing]


def test_the_threshold_is_the_smallest_of_that_risk() -> None:
    truth = np.array([[0.0, 10.0]])
    right = [Answered(f"{i}", 60, None, (0, 10, 1.0), truth) for i in range(4)]
    wrong = [Answered(f"{i}", 60, None, (30, 40, 1.0), truth) for i in range(4)]
    answers = [right[0], right[1], wrong[0], right[2], wrong[1], wrong[2]]
    presence = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
    assert threshold_for(answers, presence, 0.4) == 0.6  # 1 of 4 is wrong, and one more of 5
    assert threshold_for(answers, presence, 0.34) == 0.8
    assert threshold_for(answers, presence, 0.6) == 0.4
    with pytest.raises(InputError, match="allow more risk"):
        threshold_for(answers, presence, 0.1)  # two right answers do not show that one in ten is wrong
    with pytest.raises(InputError, match="allow more risk"):
        threshold_for(wrong, [0.5] * 4, 0.5)
    assert threshold_for([right[0], wrong[0], right[1]], [0.7, 0.7, 0.7], 0.5) == 0.7  # equals are given together
    with pytest.raises(InputError, match="allow more risk"):
        threshold_for([right[0], wrong[0], right[1]], [0.7, 0.7, 0.7], 0.4)
