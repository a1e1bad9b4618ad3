"""Two systems on the same queries: what is told, what is not, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import whenabouts
from whenabouts.auditing.comparison import Comparison, compare
from whenabouts.errors import AnnotationError, InputError, QueryError
from whenabouts.evaluation.evaluate import evaluate

Window = tuple[float, float]


def annotations(folder: Path, truths: Sequence[Window | None], videos: int) -> Path:
    """A file of queries on so many videos of 100 s; None is a query that does not happen."""
    path = folder / "truth.jsonl"
    rows = [
        {
            "qid": i,
            "vid": f"v{i % videos}",
            "query": f"event number {i}",
            "duration": 100.0,
            "relevant_windows": [] if window is None else [list(window)],
        }
        for i, window in enumerate(truths)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def answers(path: Path, windows: Sequence[Window | None]) -> Path:
    rows = [
        {"qid": i, "pred_relevant_windows": [] if window is None else [[*window, 1.0]]}
        for i, window in enumerate(windows)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def planted(tmp_path: Path) -> tuple[Path, Path, Path]:
    """60 queries on 30 videos; the first system hits the first 30 of them, the second all but the first 5."""
    truths = [(10.0 + i % 40, 30.0 + i % 40) for i in range(60)]
    miss = [(70.0, 90.0)] * 60
    first = answers(tmp_path / "a.jsonl", truths[:30] + miss[30:])
    second = answers(tmp_path / "b.jsonl", miss[:5] + truths[5:])
    return annotations(tmp_path, truths, 30), first, second


def every_figure_has_an_interval(found: Comparison) -> None:
    for pair in found.pairs:
        for delta in [*pair.deltas, *(bucket.delta for bucket in pair.buckets)]:
            for interval in (delta.difference.first, delta.difference.second, delta.difference.delta):
                assert interval.low <= interval.mean <= interval.high
                assert np.isfinite([interval.low, interval.high]).all()
    json.dumps(found.to_dict(), allow_nan=False)


def test_the_published_answers_of_qvhighlights(data: Path) -> None:
    files = [data / "qvhighlights" / f"{name}_val_preds.jsonl" for name in ("moment_detr", "qd_detr")]
    found = compare(files, "qvhighlights", data, split="val")
    every_figure_has_an_interval(found)
    [pair] = found.pairs
    for index, file in enumerate(files):
        official = evaluate(file, "qvhighlights", data, split="val").scores
        ours = {d.figure: (d.difference.first, d.difference.second)[index].mean for d in pair.deltas}
        assert {name: float(f"{100 * ours[name]:.2f}") for name in official} == official
    assert sum(pair.outcomes().values()) == found.queries == 1550
    assert pair.outcomes()["gained"] == 282  # of R1@0.5, counted by hand from both files
    assert all(d.sign == 1 for d in pair.deltas if d.figure in pair.headlines)
    assert {d.figure for d in pair.deltas} >= {"MR-full-mAP", "HL-min-VeryGood-Hit1", "mIoU"}


def test_the_same_file_twice_differs_in_nothing(planted: tuple[Path, Path, Path]) -> None:
    truth, first, _ = planted
    found = compare([first, first], truth, truth)
    [pair] = found.pairs
    assert pair.verdicts() == ("a and a (2) answer every query alike",)
    assert all(d.difference.delta == (0, 0, 0) and d.sign == 0 and d.p == 1 for d in pair.deltas)
    assert not pair.apart()
    every_figure_has_an_interval(found)


def test_what_was_gained_and_lost_is_said(planted: tuple[Path, Path, Path]) -> None:
    truth, first, second = planted
    found = compare([first, second], truth, truth)
    [pair] = found.pairs
    assert pair.outcomes() == {"gained": 30, "lost": 5, "both": 25, "neither": 0}
    assert "the two disagree on 35 of 60 queries at R1@0.5: b alone hits 30, a alone 5" in pair.verdicts()
    [delta] = [d for d in pair.deltas if d.figure == "R1@0.5"]
    assert delta.sign == 1
    assert delta.difference.delta.mean == pytest.approx(25 / 60)
    assert (delta.gained, delta.lost) == (30, 5)
    assert delta.told("a", "b").startswith("b is better than a at R1@0.5 by 41.7 points (")
    assert compare([second, first], truth, truth).pairs[0].deltas[0].sign == -1
    assert [row["outcome"] for row in found.rows()].count("gained") == 30


def test_it_is_the_same_every_time(planted: tuple[Path, Path, Path]) -> None:
    truth, first, second = planted
    one, two = (whenabouts.compare([first, str(second)], truth).to_dict() for _ in range(2))
    assert one == two
    assert one != whenabouts.compare([first, second], truth, seed=1).to_dict()


def test_several_systems_are_corrected_for(planted: tuple[Path, Path, Path]) -> None:
    truth, first, second = planted
    alone, [pair, again] = compare([first, second], truth).pairs[0], compare([first, second, second], truth).pairs
    assert [d.p for d in pair.deltas] == pytest.approx([min(1, 2 * d.p) for d in alone.deltas])
    assert (pair.second, again.second) == ("b", "b (2)")
    assert any("(Holm)" in note for note in compare([first, second, second], truth).notes)


def test_of_one_video_nothing_is_told(tmp_path: Path) -> None:
    truths = [(10.0, 20.0)] * 8
    truth = annotations(tmp_path, truths, 1)
    found = compare([answers(tmp_path / "a.jsonl", [(50.0, 60.0)] * 8), answers(tmp_path / "b.jsonl", truths)], truth)
    every_figure_has_an_interval(found)
    assert all(d.sign == 0 for d in found.pairs[0].deltas)
    assert any("one video" in note for note in found.notes)


def test_queries_that_one_system_leaves_are_counted(tmp_path: Path) -> None:
    truths: list[Window | None] = [(10.0, 20.0)] * 9 + [None]
    truth = annotations(tmp_path, truths, 5)
    first = answers(tmp_path / "a.jsonl", [None, None, *truths[2:]])
    second = tmp_path / "b.jsonl"
    second.write_text('{"qid": 0, "pred_relevant_windows": [[10, 20, 1]]}\n{"qid": 77, "pred_relevant_windows": []}\n')
    found = compare([first, second], truth)
    assert found.queries == 9
    [pair] = found.pairs
    assert "7 queries are answered by a only, 1 by b only; no answer is a miss" in pair.notes
    assert any("not in the annotations" in note for note in found.notes)
    assert any("no window in the annotations" in note for note in found.notes)


def test_all_ties_tell_nothing(tmp_path: Path) -> None:
    truth = annotations(tmp_path, [(10.0, 20.0)] * 12, 6)
    first = answers(tmp_path / "a.jsonl", [(10.0, 20.0)] * 12)
    second = answers(tmp_path / "b.jsonl", [(10.0, 20.5)] * 12)
    found = compare([first, second], truth)
    [delta] = [d for d in found.pairs[0].deltas if d.figure == "R1@0.5"]
    assert delta.told("a", "b") == "at R1@0.5 a and b get the same from every query"
    assert delta.smallest is None
    every_figure_has_an_interval(found)


def test_other_queries_are_refused(planted: tuple[Path, Path, Path], tmp_path: Path) -> None:
    truth, first, _ = planted
    other = tmp_path / "other.jsonl"
    other.write_text('{"qid": "x", "pred_relevant_windows": [[10, 20, 1]]}\n')
    with pytest.raises(AnnotationError, match="is not in the ground truth"):
        compare([first, other], truth)


@pytest.mark.parametrize("name", ["thumos14", "tvsum", "youtube-highlights", "activitynet-1.3"])
def test_figures_of_classes_are_refused(name: str, planted: tuple[Path, Path, Path]) -> None:
    with pytest.raises(InputError, match="compare looks at single queries"):
        compare(planted[1:], name)


def test_one_file_or_too_few_names_are_refused(planted: tuple[Path, Path, Path]) -> None:
    truth, first, second = planted
    with pytest.raises(InputError, match="two files of answers or more"):
        compare([first], truth)
    with pytest.raises(InputError, match="need as many names"):
        compare([first, second], truth, names=["a"])
    with pytest.raises(QueryError, match="seed"):
        whenabouts.compare([first, second], truth, seed=-1)


def repaired(folder: Path, truths: Sequence[Window]) -> Path:
    path = folder / "repaired.jsonl"
    rows: list[dict[str, Any]] = [
        {"vid": f"v{i % 30}", "query": f"Event number {i}.", "relevant_windows": [list(window)]}
        for i, window in enumerate(truths)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_an_order_that_a_repaired_truth_turns_round_is_said(planted: tuple[Path, Path, Path], tmp_path: Path) -> None:
    truth, first, second = planted
    other = repaired(tmp_path, [(70.0, 90.0)] * 60)
    found = compare([first, second], truth, references=[other])
    [pair] = found.pairs
    assert pair.references is not None
    assert pair.references.queries == 60
    assert pair.references.people == {}
    [told] = [verdict for verdict in pair.verdicts() if "references" in verdict]
    assert told.startswith("the order changes by the references of 60 queries: a is better than b at R_mr@0.5")
    same = compare([first, second], truth, references=[truth])
    assert any("the order is the same by the references" in told for told in same.pairs[0].verdicts())
    assert "References" in [section.title for section in same.document().sections]
