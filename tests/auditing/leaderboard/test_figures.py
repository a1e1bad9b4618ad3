"""Every published row makes sense, says where it is from, and is said once."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import pytest

from whenabouts.auditing.leaderboard import beside, figure
from whenabouts.auditing.leaderboard.figure import Figure, datasets, figures
from whenabouts.auditing.leaderboard.rules import rule
from whenabouts.errors import AnnotationError
from whenabouts.grounders.llm.papers import PAPERS
from whenabouts.grounders.llm.published import Published

ALL = [one for name in datasets() for one in figures(name)]
ROOM = Path(figure.__file__).parent
ORDERED = [  # from the loosest to the strictest
    ["R1@0.1", "R1@0.3", "R1@0.5", "R1@0.7"],
    ["R5@0.1", "R5@0.3", "R5@0.5", "R5@0.7"],
    ["MR-full-R1@0.3", "MR-full-R1@0.5", "MR-full-R1@0.7"],
    ["MR-full-mAP@0.5", "MR-full-mAP@0.75"],
    ["MR-full-mAP@0.5", "MR-full-mAP"],
    ["mAP@0.3", "mAP@0.4", "mAP@0.5", "mAP@0.6", "mAP@0.7"],
    ["mAP@0.5", "mAP@0.75", "mAP@0.95"],
    ["AR@100", "AR@10", "AR@5", "AR@1"],
    *([f"R5@{m}", f"R1@{m}"] for m in (0.1, 0.3, 0.5, 0.7)),
]


def named(one: Figure) -> str:
    return f"{one.dataset}: {one.title}, {one.protocol}, {one.setting}"


@pytest.mark.parametrize("one", ALL, ids=named)
def test_a_looser_measure_is_never_lower(one: Figure) -> None:
    for names in ORDERED:
        values = [one.scores[name] for name in names if name in one.scores]
        assert all(loose >= strict for loose, strict in pairwise(values)), (named(one), names, values)


@pytest.mark.parametrize("one", [f for f in ALL if {"R1@0.3", "R1@0.5", "R1@0.7", "mIoU"} <= set(f.scores)], ids=named)
def test_the_mean_iou_is_one_that_the_recalls_allow(one: Figure) -> None:
    """Of a query with IoU in [0.3, 0.5) at least 0.3 and at most 0.5 go into the mean, and so on."""
    low, middle, high = (one.scores[f"R1@{m}"] for m in (0.3, 0.5, 0.7))
    least = 0.3 * low + 0.2 * middle + 0.2 * high
    most = 30 + 0.2 * low + 0.2 * middle + 0.3 * high
    assert least - 0.1 <= one.scores["mIoU"] <= most + 0.1, named(one)


def test_the_average_of_thumos_is_that_of_its_thresholds() -> None:
    for one in figures("thumos14"):
        at = [one.scores.get(f"mAP@{t}") for t in (0.3, 0.4, 0.5, 0.6, 0.7)]
        if None not in at:
            assert sum(at) / 5 == pytest.approx(one.scores["average_mAP"], abs=0.02), named(one)  # type: ignore[arg-type]


def test_no_row_is_there_twice() -> None:
    rows = [(one.key, one.title, tuple(sorted(one.scores.items()))) for one in ALL]
    assert len(rows) == len(set(rows)) == 286


def test_rows_of_one_system_that_are_not_told_apart_say_so() -> None:
    seen: set[tuple[object, str]] = set()
    for one in ALL:
        assert (one.key, one.title) not in seen or "another configuration" in one.note, named(one)
        seen.add((one.key, one.title))


def test_every_source_is_in_the_list_of_sources() -> None:
    with (ROOM / "sources.csv").open(encoding="utf-8", newline="") as file:
        known = {row["source"] for row in csv.DictReader(file)}
    told = {one.source for one in ALL} | {row["source"] for row in beside._table("reruns.csv")}
    assert told == known


def test_every_protocol_is_described() -> None:
    assert all(rule(one.protocol).says and rule(one.evaluation or one.protocol).says for one in ALL)


def test_an_evaluation_counts_as_the_protocol_it_stands_under() -> None:
    """Else it would be a protocol of its own: > and >= are never in one table."""
    for one in ALL:
        if one.evaluation:
            assert rule(one.evaluation).counts == rule(one.protocol).counts, named(one)


@pytest.mark.parametrize("paper", PAPERS.own)
def test_the_figures_of_papers_and_the_leaderboard_agree(paper: str) -> None:
    """The two hold the same rows: neither has a figure that the other contradicts or lacks."""
    for one in PAPERS[paper].published:
        [same] = [row for row in ALL if _is_same(row, one)]
        read = {name: value for name, value in same.scores.items() if name not in same.unread}
        assert read == dict(one.scores), one
        assert same.confirmed == ("quoted" if one.quoted else one.confirmed), one
        if one.protocol and "?" not in same.key:
            assert one.protocol in {same.protocol, same.evaluation}, one


def _is_same(row: Figure, one: Published) -> bool:
    setting = {"zero-shot?": "?", "in-domain (not zero-shot)": "in-domain"}.get(one.setting, one.setting)
    return (
        row.system == one.model
        and row.dataset == one.benchmark
        and row.split in ({"?", "test"} if not one.split else {one.split})
        and row.setting == setting
    )


def test_what_others_got_is_what_the_papers_tell_of() -> None:
    told = {known.thread: known.told for name in PAPERS.own for known in PAPERS[name].known}
    for row in beside._table("reruns.csv"):
        if row["source"] in told:
            values = [row[name] for name in ("R1@0.3", "R1@0.5", "R1@0.7", "mIoU") if row[name]]
            assert all(value in told[row["source"]] for value in values), row


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("system\nA\n", "no column arxiv"),
        ("", "no column system"),
        ("{head}\nA,,test,original,otani,,zero-shot,,abc,paper,paper,yes,,\n", "R1@0.5: 'abc' is no percentage"),
        ("{head}\nA,,test,original,otani,,zero-shot,,nan,paper,paper,yes,,\n", "is no percentage"),
        ("{head}\nA,,test,original,otani,,zero-shot,,101,paper,paper,yes,,\n", "is no percentage"),
        ("{head}\nA,,test,original,otani,,zero-shot,,50,paper,paper,maybe,,\n", "confirmed: 'maybe'"),
        ("{head}\nA,,,original,otani,,zero-shot,,50,paper,paper,yes,,\n", "split is empty"),
        ("{head}\nA,,test\n", "more or fewer fields"),
        ("{head}\nA,,test,original,otani,,zero-shot,,,paper,paper,yes,,\n", "has no figure"),
        ("{head}\nA,,test,original,otani,,zero-shot,,50,paper,paper,yes,mIoU,\n", "unread: 'mIoU' has no figure"),
        ('{head}\n"A,,\n', "cannot be read"),
    ],
)
def test_a_damaged_table_is_named_with_its_line(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "system,arxiv,split,truth,protocol,evaluation,setting,features,R1@0.5,source,kind,confirmed,unread,note"
    (tmp_path / "mine.csv").write_text(text.format(head=head))
    monkeypatch.setattr(figure, "FOLDER", tmp_path)
    with pytest.raises(AnnotationError, match=said.replace("(", r"\(")):
        figures("mine")
