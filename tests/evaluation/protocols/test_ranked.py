"""Protocols: each does what its table says, and refuses what official code scores by accident."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from whenabouts.benchmarks import dataset
from whenabouts.errors import AnnotationError
from whenabouts.evaluation.evaluate import evaluate
from whenabouts.evaluation.protocols import PROTOCOLS, RankedProtocol

RANKED = {name: p for name, p in PROTOCOLS.items() if isinstance(p, RankedProtocol)}
TRUTHS = {"a": [[0, 20]], "b": [[30, 40]]}


def ranked(name: str) -> RankedProtocol:
    return RANKED[name]


@pytest.mark.parametrize("name", RANKED)
def test_a_perfect_answer_scores_a_hundred_everywhere(name: str) -> None:
    figures = ranked(name).score(TRUTHS, TRUTHS)
    assert figures == pytest.approx(dict.fromkeys(figures, 100.0))


@pytest.mark.parametrize(
    ("name", "hit"),
    [("2d-tan", 0.0), ("lmms-eval", 50.0), ("ego4d-nlq", 0.0), ("time-r1", 50.0), ("time-r1-final", 0.0)],
)
def test_an_iou_of_exactly_a_half_is_a_hit_or_not(name: str, hit: float) -> None:
    assert ranked(name).score({"a": [[0, 10]], "b": [[0, 1]]}, TRUTHS)["R1@0.5"] == hit


def test_a_missing_answer_costs_what_the_protocol_says() -> None:
    some = {"a": [[0, 20]]}
    with pytest.raises(AnnotationError, match="qid 'b' has no prediction"):
        ranked("2d-tan").score(some, TRUTHS, strict_official=True)
    for name in ("2d-tan", "timelens"):
        with pytest.warns(UserWarning, match="1 query has no answer and counts as a miss"):
            assert ranked(name).score(some, TRUTHS)["R1@0.5"] == 50
    for dropping in ("ego4d-nlq", "trace"):
        assert ranked(dropping).score(some, TRUTHS, strict_official=True)["R1@0.5"] == 100
    with pytest.warns(UserWarning):
        assert ranked("ego4d-nlq").score(some, TRUTHS)["R1@0.5"] == 50


def test_a_window_without_length_is_a_miss_that_keeps_its_rank() -> None:
    some = {"a": [[3, 3], [0, 20]], "b": [[30, 40]]}
    for name in ("ego4d-nlq", "2d-tan"):  # with and without suppression
        with pytest.warns(UserWarning, match="1 predicted window has no length; it is a miss"):
            found = ranked(name).score(some, TRUTHS)
        assert (found["R1@0.5"], found["R5@0.5"]) == (50, 100)


def test_inverted_windows_are_refused_swapped_or_stand() -> None:
    cheat = {"a": [[20, 0]], "b": [[30, 40]]}
    with pytest.raises(AnnotationError, match="qid 'a', window 1"):
        ranked("timelens").score(cheat, TRUTHS)
    assert ranked("lmms-eval").score(cheat, TRUTHS)["R1@0.7"] == 100
    assert ranked("timelens").score(cheat, TRUTHS, strict_official=True)["R1@0.7"] == 50


def test_suppression_is_part_of_recall_at_five() -> None:
    crowd = [[0, 10 + i / 10] for i in range(6)]
    answer = {"a": [*crowd, [0, 20]], "b": [[30, 40]]}
    assert ranked("2d-tan").score(answer, TRUTHS)["R5@0.7"] == 100
    assert ranked("videomind").score(answer, TRUTHS)["R5@0.7"] == 50


def test_an_unknown_query_is_named() -> None:
    with pytest.raises(AnnotationError, match="qid 'z' is predicted"):
        ranked("mad").score({**TRUTHS, "z": [[0, 1]]}, TRUTHS)


def test_a_constant_window_scores_what_was_measured_with_official_code(data: Path) -> None:
    with (data / "charades_sta" / "durations_test.csv").open() as file:
        lengths = {row[0]: float(row[1]) for row in csv.reader(file) if row[1][0].isdigit()}
    truths, blind = {}, {}
    for number, line in enumerate((data / "charades_sta" / "charades_sta_test.txt").read_text().splitlines()):
        video, start, end = line.split("##")[0].split()
        truths[number] = [[float(start), min(float(end), lengths[video])]]
        blind[number] = [[0, 0.3 * lengths[video]]]
    figures = ranked("charades-sta").score(blind, truths)
    assert [round(figures[name], 2) for name in ("R1@0.5", "R1@0.7", "mIoU")] == [30.65, 15.16, 28.07]


def test_timelens_rounds_to_whole_seconds_as_its_evaluation_does() -> None:
    # TimeLens evaluation/eval_dataloader.py (round) and timelens/utils.py: iou give 5.5/6, 1/2, 0
    answers = {"a": [[4.4, 9.6]], "b": [[2.5, 3.5]], "c": [[5.6, 6.4]]}
    truths = {"a": [[4.0, 9.5]], "b": [[2.5, 3.5]], "c": [[5.6, 6.4]]}
    figures = ranked("timelens").score(answers, truths)
    assert figures["mIoU"] == pytest.approx(100 * (5.5 / 6 + 0.5) / 3)
    assert figures["R1@0.5"] == pytest.approx(200 / 3)


@pytest.mark.parametrize(("benchmark", "iou"), [("charades-sta", 5.8 / 6.0), ("qvhighlights", 4 / 6)])
def test_videomind_rounds_by_the_unit_of_the_data_set(benchmark: str, iou: float, tmp_path: Path) -> None:
    truth = tmp_path / "mine.jsonl"
    truth.write_text('{"vid": "a", "query": "a dog", "duration": 20, "relevant_windows": [[3, 9]]}\n')
    described = replace(dataset(truth), name=benchmark)
    report = evaluate([{"qid": 1, "windows": [[3.24, 8.96]]}], described, truth, protocol="videomind")
    assert report.scores["mIoU"] == pytest.approx(100 * iou)


@pytest.mark.parametrize(("name", "hit"), [("videomind", 0.0), ("lmms-eval", 100.0)])
def test_at_a_threshold_the_official_arithmetic_decides(name: str, hit: float) -> None:
    # 0.1 of 0.2 s: torch's float32, in which VideoMind and UniTime compute, makes it less than a half
    assert ranked(name).score({"a": [[0.1, 0.2]]}, {"a": [[0.1, 0.3]]})["R1@0.5"] == hit
