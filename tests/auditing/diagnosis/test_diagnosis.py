"""A diagnosis of systems whose mistakes are known, and of the official ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from whenabouts.auditing.comparison.compare import compare
from whenabouts.auditing.diagnosis.beside import TwoDiagnoses
from whenabouts.auditing.diagnosis.diagnosis import Diagnosis, diagnose
from whenabouts.auditing.judged import judge
from whenabouts.errors import InputError

Answer = Callable[[float, float], list[list[float]] | None]


def lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def answered(tmp_path: Path) -> Callable[..., Diagnosis]:
    """Diagnoses answers to 120 queries on 40 videos of 100 s, each made of the true window."""
    rng = np.random.default_rng(7)
    starts, spans = rng.uniform(5, 70, 120), rng.uniform(6, 14, 120)
    truth = [
        {"qid": n, "query": f"a dog {n}", "vid": f"v{n % 40}", "duration": 100, "relevant_windows": [[s, s + d]]}
        for n, (s, d) in enumerate(zip(starts.tolist(), spans.tolist(), strict=True))
    ]
    path = lines(tmp_path / "truth.jsonl", truth)  # type: ignore[arg-type]

    def make(answer: Answer, name: str = "mine") -> Diagnosis:
        rows: list[dict[str, object]] = []
        for n, (s, d) in enumerate(zip(starts.tolist(), spans.tolist(), strict=True)):
            if (windows := answer(s, s + d)) is not None:
                rows.append({"qid": n, "pred_relevant_windows": [[*w, 0.5] for w in windows]})
        return diagnose(judge(lines(tmp_path / f"{name}.jsonl", rows), str(path)))

    return make


def test_what_mending_would_bring(answered: Callable[..., Diagnosis]) -> None:
    loose = answered(lambda s, e: [[s - 2 * (e - s) / 2, e + 2 * (e - s) / 2]])  # three times the truth: IoU 1/3
    assert loose.counts["loose"] == 120 and loose.fit.recall.mean == 0
    [outcome] = loose.outcomes
    assert outcome.gain is not None and outcome.gain.recall.mean == 100
    assert outcome.gain.miou.mean == pytest.approx(100 * 2 / 3, abs=2)
    [length] = loose.adjusted
    assert length.kind == "length" and length.value == pytest.approx(1 / 3) and length.recall.mean == 100
    assert any("its windows are too long: 3.00 times" in told for told in loose.sentences)
    assert any("it finds the place and not the ends" in told for told in loose.sentences)


def test_a_shift_is_told_with_its_side(answered: Callable[..., Diagnosis]) -> None:
    late = answered(lambda s, e: [[s + 3, e + 3]])
    assert late.ends is not None and late.ends.start.bias.mean == pytest.approx(3)
    assert late.lengths is not None and late.lengths.ratio == pytest.approx((1, 1, 1))
    [shift] = late.adjusted
    assert shift.kind == "shift" and shift.value == pytest.approx(-3.0)
    assert any("its windows come too late: moved by -3.0 s" in told for told in late.sentences)


LENGTH, CLOCK = "its windows are too", "its windows come too"


@pytest.mark.parametrize(
    ("answer", "length", "clock"),
    [
        (lambda s, e, _: [s + 3, e + 3], None, "late"),
        (lambda s, e, _: [s - 4, e - 4], None, "early"),
        (lambda s, e, u: [s + 0.3 * (e - s) * np.sign(u), e + 0.3 * (e - s) * np.sign(u)], None, None),
        (lambda s, e, u: [s + 3 * u, e + 3 * u], None, None),
        (lambda s, e, u: [50 + 45 * u, 50 + 45 * u + e - s], None, None),  # elsewhere, and as long
        (lambda s, e, _: [max(0, s - (e - s) / 2), e + (e - s) / 2], "long", None),
        (lambda s, e, _: [s + 0.3 * (e - s), e - 0.3 * (e - s)], "short", None),
        (lambda s, e, _: [0, 100], "long", None),  # moved, a whole video would be cut, which is no shift
        (lambda s, e, _: [3, 97], "long", None),
        (lambda s, e, _: [s, e], None, None),
        (lambda s, e, _: [s + 3, s + 3 + 2 * (e - s)], "long", "late"),
    ],
)
def test_a_length_or_clock_is_wrong_only_where_measured_errors_say_so(
    answered: Callable[..., Diagnosis], answer: Callable[..., list[float]], length: str | None, clock: str | None
) -> None:
    rng = np.random.default_rng(3)
    told = answered(lambda s, e: [answer(s, e, rng.uniform(-1, 1))]).sentences
    for fault, start in ((length, LENGTH), (clock, CLOCK)):
        found = [sentence for sentence in told if sentence.startswith(start)]
        assert [sentence.split()[4].rstrip(":") for sentence in found] == ([] if fault is None else [fault])


def test_a_small_bias_is_told_of_few_answers_too(tmp_path: Path) -> None:
    truth: list[dict[str, object]] = [
        {"qid": n, "query": "a dog", "vid": f"v{n}", "duration": 100, "relevant_windows": [[3 * n, 3 * n + 8]]}
        for n in range(25)
    ]
    rows: list[dict[str, object]] = [
        {"qid": n, "pred_relevant_windows": [[3 * n + 1, 3 * n + 9, 1.0]]} for n in range(25)
    ]
    found = diagnose(judge(lines(tmp_path / "p.jsonl", rows), str(lines(tmp_path / "t.jsonl", truth))))
    assert any("its windows come too late: moved by -1.0 s" in told for told in found.sentences)


def test_the_better_system_comes_first_with_its_own_figure(answered: Callable[..., Diagnosis]) -> None:
    a, b = answered(lambda s, e: [[s - 5, e + 5]], "a"), answered(lambda s, e: [[s, e + 1]], "b")
    for two in (TwoDiagnoses(a, b), TwoDiagnoses(b, a)):
        [told] = [one for one in two.sentences if one.startswith("b has the higher mIoU: ")]
        best, other = b.fit.miou.mean, a.fit.miou.mean
        assert f"{best:.1f} against {other:.1f}, difference {best - other:+.1f} (95 % +" in told


def test_ranking_is_mended_by_what_was_given(answered: Callable[..., Diagnosis]) -> None:
    second = answered(lambda s, e: [[85, 95], [s, s + 0.6 * (e - s)]])
    gain = {one.name: one.gain for one in second.outcomes}["ranking"]
    assert second.ranks["2"] >= second.counts["ranking"] > 80
    assert gain is not None and gain.miou.mean == pytest.approx(0.6 * 100 * second.counts["ranking"] / 120)


def test_missing_answers_and_refusals_are_no_other_outcome(answered: Callable[..., Diagnosis]) -> None:
    told = answered(lambda s, e: None if s < 30 else [] if s < 50 else [[s, e]])
    assert told.counts["parse"] + told.counts["refused"] + told.counts["hit"] == 120 and told.counts["parse"] > 0
    assert told.rows("parse")[0]["answer"] is None


def test_two_systems_are_told_apart_by_what_each_learned_wrongly(answered: Callable[..., Diagnosis]) -> None:
    rng = np.random.default_rng(1)
    wide = answered(
        lambda s, e: [[s - 0.35 * (e - s), e + 0.35 * (e - s)]] if rng.random() < 0.95 else [[88, 99]], "wide"
    )
    exact = answered(lambda s, e: [[s + 0.2, e]] if rng.random() < 0.7 else [[88, 99]], "exact")
    two = TwoDiagnoses(wide, exact)
    said = "\n".join(two.sentences)
    assert "wide has the higher R1@0.5" in said and "exact has the higher mIoU" in said
    assert "wide: its windows are too long" in said and "wide has the higher recall, and exact above it" in said
    assert sum(two.crossed.values()) == 120
    gap = two.differences["R1@0.5"]
    assert gap.low < gap.mean < gap.high and gap.mean == pytest.approx(wide.fit.recall.mean - exact.fit.recall.mean)


def test_different_queries_are_not_compared(answered: Callable[..., Diagnosis], data: Path) -> None:
    first, folder = answered(lambda s, e: [[s, e]]), data / "qvhighlights"
    with pytest.raises(InputError, match="not about the same queries"):
        TwoDiagnoses(first, diagnose(judge(folder / "qd_detr_val_preds.jsonl", "qvhighlights", folder)))


def test_a_threshold_is_an_iou(answered: Callable[..., Diagnosis]) -> None:
    judged = answered(lambda s, e: [[s, e]]).judged
    for threshold in (0.0, -1.0, 1.1, float("nan")):
        with pytest.raises(InputError, match="the threshold is an IoU"):
            diagnose(judged, threshold)


def test_queries_that_do_not_happen_are_counted_apart(tmp_path: Path) -> None:
    truth: list[dict[str, object]] = [
        {"qid": 1, "query": "a", "vid": "v", "duration": 60, "relevant_windows": [[10, 20]]},
        *({"qid": n, "query": "b", "vid": "v", "relevant_windows": [], "absent": "colour"} for n in range(2, 6)),
    ]
    given: list[dict[str, object]] = [
        {"qid": 1, "pred_relevant_windows": [[10, 20, 0.9]]},
        {"qid": 2, "pred_relevant_windows": [[10, 20, 0.9]]},
        {"qid": 3, "pred_relevant_windows": []},
        {"qid": 4, "pred_relevant_windows": [[10, 20, 0.9]], "presence": 0.1},
    ]
    found = diagnose(judge(lines(tmp_path / "p.jsonl", given), str(lines(tmp_path / "t.jsonl", truth))))
    assert {name: count for name, count in found.counts.items() if count} == {
        "hit": 1,
        "false alarm": 1,
        "right refusal": 2,
        "no answer": 1,
    }
    assert sum(found.counts.values()) == found.queries == 5
    assert [row["qid"] for row in found.rows("false alarm")] == [2]
    assert any("1 of 4 queries that do not happen" in told for told in found.sentences)


def test_official_predictions_are_counted_whole(data: Path) -> None:
    folder = data / "qvhighlights"
    found = diagnose(judge(folder / "moment_detr_val_preds.jsonl", "qvhighlights", folder))
    assert (
        sum(found.counts.values()) == found.queries == 1550 == sum(found.stages.values()) == sum(found.ranks.values())
    )
    assert found.counts["hit"] == round(15.50 * found.judged.report.scores["R1@0.5"])
    assert found.fit.blind_recall is not None and found.fit.blind_recall < 20
    assert len(found.rows()) == 1550 and json.loads(json.dumps(found.to_dict()))["counts"] == found.counts
    worst = found.rows("loose")
    assert len(worst) == found.counts["loose"] and worst[0]["iou"] <= worst[-1]["iou"]
    assert {section.title for section in found.document().sections} >= {"Outcomes", "Fit", "Starts and ends", "loose"}
    for one in found.outcomes:
        assert one.share.low <= one.share.mean <= one.share.high


@pytest.mark.parametrize("videos", [1, 2, 5, 40])
def test_the_bounds_and_the_kinds_of_queries_are_those_of_compare(tmp_path: Path, videos: int) -> None:
    rng = np.random.default_rng(videos)
    truth: list[dict[str, object]] = []
    for n, at in enumerate(rng.uniform(1, 80, 60).tolist()):
        windows = [[at, at + 4], *([[at + 8, at + 14]] if n % 3 else [])]  # mean and longest lie apart
        query = "the dog's " * (n % 9)
        truth.append({"qid": n, "query": f"{query}{n}", "vid": f"v{n % videos}", "duration": 100})
        truth[-1]["relevant_windows"] = windows
    path = lines(tmp_path / "truth.jsonl", truth)
    files = []
    for name, spread in (("a", 1.0), ("b", 2.5)):
        rows: list[dict[str, object]] = []
        for n, row in enumerate(truth):
            low, high = np.array(row["relevant_windows"])[0] + abs(rng.normal(0, spread))  # type: ignore[call-overload]
            rows.append({"qid": n, "pred_relevant_windows": [[low, high, 1.0]]})
        files.append(lines(tmp_path / f"{name}.jsonl", rows))
    a, b = (diagnose(judge(file, str(path))) for file in files)
    [versus] = compare(files, str(path)).pairs
    difference = {one.figure: one.difference for one in versus.deltas}["mIoU"]
    assert TwoDiagnoses(b, a).differences["mIoU"] == pytest.approx(100 * np.array(difference.delta))
    assert a.fit.miou == pytest.approx(100 * np.array(difference.first))
    told = {(group.by, group.name): (group.queries, group.recall) for group in a.groups if group.by != "wording"}
    by = {"length of the moment": "length", "place in the video": "place", "words of the query": "words"}
    shared = [one for one in versus.buckets if one.by in by and one.delta.figure == "R1@0.5"]
    assert shared
    for one in shared:
        if one.delta.difference.queries >= 5:
            queries, recall = told[by[one.by], one.name]
            assert queries == one.delta.difference.queries
            assert recall == pytest.approx(100 * np.array(one.delta.difference.first))
    if videos == 1:
        assert (a.fit.miou.low, a.fit.miou.high) == (0, 100)
        assert not any("too late" in told for told in a.sentences)
