"""Figures of biases by hand, beside the numbers of others, and with the answers of a system."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from whenabouts.auditing.biases import BIASES, Subject
from whenabouts.auditing.judged import judge
from whenabouts.benchmarks import BENCHMARKS, Example
from whenabouts.benchmarks.references import read_references
from whenabouts.documents.document import Section
from whenabouts.evaluation.defects import leaks


@pytest.mark.parametrize(
    ("name", "split", "folder", "one", "representative", "lowest"),
    [
        # [Human performance] notebooks of mayu-ot/hidden-challenges-MR (e0c4546): 100 draws of one of five, the most
        # representative, and the median of the lowest IoU; ties of the representative are broken otherwise here
        ("charades-sta", "test", "charades", 42.7, 52.1, 0.25),
        ("activitynet-captions", "val_2", "activitynet", 35.1, 44.4, 0.06),
    ],
)
def test_people_are_as_good_as_otani_found(
    data: Path, name: str, split: str, folder: str, one: float, representative: float, lowest: float
) -> None:
    examples = BENCHMARKS[name].load(data, split).examples
    opinions = read_references([data / "otani2020" / folder], examples)
    figures = (
        BIASES["annotator disagreement"].look(Subject(BENCHMARKS[name], split, examples, opinions=opinions)).figures
    )
    assert figures["one person R1@0.5"] == pytest.approx(one, abs=0.05)
    assert figures["representative R1@0.5"] == pytest.approx(representative, abs=0.15)
    assert figures["median of the lowest IoU"] == pytest.approx(lowest, abs=0.005)


def test_a_constant_window_is_as_good_as_measured_apart(data: Path) -> None:
    known = BENCHMARKS["charades-sta-clamped"]
    subject = Subject(known, "test", known.load(data, "test").examples, known.load(data, "train").examples)
    figures = BIASES["prior-only"].look(subject).figures
    measured = json.loads((data / "evaluators" / "bias_baselines.json").read_text())["charades"]
    expected = measured["b_const_best_R1@0.5_train"]
    assert [figures["constant start"], figures["constant end"]] == expected["window"]
    assert round(figures["constant R1@0.5"], 2) == expected["R1@0.5>"]


def test_a_constant_window_is_counted_as_scores_are(data: Path) -> None:
    """By exact fractions 211 of 1550 queries have IoU > 0.5 with the window of training, and 8 more have just 0.5."""
    known = BENCHMARKS["qvhighlights"]
    subject = Subject(known, "val", known.load(data, "val").examples, known.load(data, "train").examples)
    by_protocol = {
        name: BIASES["prior-only"].look(dataclasses.replace(subject, protocol=name)).figures["constant R1@0.5"]
        for name in ("", "2d-tan")
    }
    assert by_protocol == {"": pytest.approx(100 * 219 / 1550), "2d-tan": pytest.approx(100 * 211 / 1550)}


def example(qid: int, query: str, start: float, end: float, duration: float = 100.0, video: str = "v") -> Example:
    return Example(qid, video, query, np.array([[start, end]]), duration)


def test_a_leak_is_found_by_letters_and_told_by_degree() -> None:
    train = [example(n, text, 1, 2) for n, text in enumerate(("A man sits.", "a man's cup", "he runs", "she reads"))]
    test = [
        example(0, "a man sits", 1, 2),  # the same row
        example(1, "a man s cup", 1, 2),  # other signs
        example(2, "He runs. ", 1, 3),  # another window
        example(3, "she writes", 1, 2),  # another query
        example(4, "she reads", 1, 2, video="w"),  # another video
    ]
    leak = leaks(train, test)
    assert (leak.rows, leak.queries, leak.same_words, leak.same_rows, leak.video_rows) == (5, 3, 2, 1, 4)
    nothing = leaks([], test)
    assert (nothing.queries, nothing.videos) == (0, 0) == (leaks(train, []).queries, leaks(train, []).videos)


def test_exact_answers_on_a_grid_by_hand() -> None:
    random = np.random.default_rng(0)
    examples = [
        example(n, "q", start, start + 10, 10_000, f"v{n}") for n, start in enumerate(10 * random.integers(1, 900, 99))
    ]
    figures = BIASES["granularity"].look(Subject(BENCHMARKS["own"], "test", examples)).figures
    assert figures["grid"] == 10.0
    # ends anywhere within 5 s: IoU >= 0.5 for 10 s, of 11 x 11 offsets counted with exact fractions
    offsets = [10 * (2 * i - 10) for i in range(11)]  # in elevenths of a half
    hit = sum(
        2 * (220 + min(0, late) - max(0, early)) >= 220 + max(0, late) - min(0, early)
        for early in offsets
        for late in offsets
    )
    assert figures["exact answers R1@0.5"] == pytest.approx(100 * hit / 121)


def test_with_answers_the_findings_say_what_the_system_does(data: Path) -> None:
    folder = data / "qvhighlights"
    judged = judge(folder / "qd_detr_val_preds.jsonl", "qvhighlights", folder / "highlight_val_release.jsonl")
    subject = Subject(BENCHMARKS["qvhighlights"], "val", judged.examples, judged.train, judged)
    of_who = BIASES["entangled"].look(subject)
    assert {"identity mIoU", "other mIoU"} <= of_who.figures.keys()
    together = 0.0
    for share, name in ((of_who.figures["identity"], "identity mIoU"), (1 - of_who.figures["identity"], "other mIoU")):
        together += share * of_who.figures[name]
    assert together == pytest.approx(judged.report.scores["mIoU"])
    assert BIASES["no negatives"].look(subject).figures["positives declined"] == 0
    assert any(
        chart.title == "Score by the length of the video" for chart in BIASES["long-form scarcity"].look(subject).charts
    )


def test_acceptance_of_negatives(tmp_path: Path) -> None:
    rows = [
        {"qid": n, "query": f"a person opens door {n}", "vid": f"v{n}", "duration": 60}
        | ({"relevant_windows": [[10, 20]]} if n % 2 else {"relevant_windows": [], "absent": "another video"})
        for n in range(40)
    ]
    answers = [{"qid": n, "pred_relevant_windows": [[10, 20, 0.9]] if n % 4 else []} for n in range(40)]
    truth, given = tmp_path / "truth.jsonl", tmp_path / "answers.jsonl"
    truth.write_text("".join(json.dumps(row) + "\n" for row in rows))
    given.write_text("".join(json.dumps(row) + "\n" for row in answers))
    judged = judge(given, str(truth))
    benchmark = judged.report.dataset
    subject = Subject(benchmark, "test", benchmark.load().examples, (), judged)
    finding = BIASES["no negatives"].look(subject)
    assert finding.present is False and finding.figures["negatives accepted"] == 0.5


def test_a_finding_is_plain_json_and_a_section(data: Path) -> None:
    known = BENCHMARKS["tacos"]
    subject = Subject(known, "test", known.load(data, "test").examples, known.load(data, "train").examples)
    for bias in BIASES.values():
        finding = bias.look(subject)
        content = json.loads(json.dumps(finding.to_dict(), allow_nan=False))
        assert content["bias"] == bias.name and content["present"] == finding.present
        section = finding.section(bias.title)
        assert isinstance(section, Section) and section.sentences[0] == finding.verdict
        assert dataclasses.asdict(bias.look(subject)) == dataclasses.asdict(finding), "the same again"
