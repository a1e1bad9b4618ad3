"""What follows from the facts on training data, and what never does."""

from __future__ import annotations

import pytest

from whenabouts.auditing.contamination import VERDICTS, contamination, trained_on
from whenabouts.auditing.contamination.ledger import RELATIONS, _related, _trained
from whenabouts.auditing.leaderboard.figure import Figure, datasets, figures
from whenabouts.benchmarks import BENCHMARKS
from whenabouts.grounders.llm.papers import PAPERS

SURE = {"stated", "base", "undisclosed", "not looked up"}


def test_every_fact_is_of_a_known_kind() -> None:
    assert {one.sure for one in _trained()} <= SURE
    assert {one.relation for one in _related()} <= set(RELATIONS)
    assert {one.dataset for one in _related()} <= {*BENCHMARKS, *datasets()}
    assert all(one.source for one in _trained() if one.sure in {"stated", "base"})
    assert set(RELATIONS.values()) <= set(VERDICTS)


def test_every_split_of_a_relation_is_one_of_the_benchmark() -> None:
    for one in _related():
        if one.split and one.dataset in BENCHMARKS:
            known = {*BENCHMARKS[one.dataset].files, *(row.split for row in figures_of(one.dataset))}
            assert one.split in known, one


@pytest.mark.parametrize(
    ("system", "dataset", "split", "setting", "verdict"),
    [
        ("UniVTG", "charades-sta", "test", "fine-tuned", "in-domain"),
        ("TRACE", "activitynet-captions", "val_2", "zero-shot", "in-domain"),
        ("TRACE-uni", "activitynet-captions", "?", "", "in-domain"),
        ("TRACE", "tvgbench", "test", "zero-shot", "in-domain"),
        ("TRACE", "charades-sta", "test", "zero-shot", "unknown"),
        ("TimeLens2-8B", "ego4d-nlq", "?", "trained on TimeLens2-93K", "perhaps in-domain"),
        ("TimeLens-8B", "didemo", "test", "", "perhaps in-domain"),
        ("VideoMind-7B", "qvhighlights", "test", "fine-tuned", "in-domain"),
        ("VideoMind-7B", "charades-sta", "test", "zero-shot", "unknown"),
        ("Qwen3-VL-235B-A22B-Instruct", "charades-sta", "test", "?", "unknown"),
        ("Qwen/Qwen3-VL-8B", "charades-sta", "test", "", "unknown"),
        ("TimeChat-7B", "tvsum", "val", "", "seen"),
        ("a model of somebody", "charades-sta", "test", "zero-shot", "unknown"),
        ("", "charades-sta", "test", "", "unknown"),
    ],
)
def test_verdicts(system: str, dataset: str, split: str, setting: str, verdict: str) -> None:
    found = contamination(system, dataset, split, setting)
    assert found.verdict == verdict and found.reasons
    assert found.to_dict()["meaning"] == VERDICTS[found.verdict]


def test_a_model_made_from_an_undisclosed_one_is_never_clean() -> None:
    undisclosed = {one.system for one in _trained() if one.data == "?"}
    made = {one.system for one in _trained() if one.sure == "base"} | undisclosed
    for system in made:
        for benchmark in BENCHMARKS.own:
            assert contamination(system, benchmark).verdict != "none known", (system, benchmark)


def test_a_model_of_the_original_charades_train_has_seen_the_ood_test() -> None:
    """2,624 of the 3,375 rows of Charades-CD's test_ood are rows of the original training split."""
    [one] = [one for one in _related() if (one.dataset, one.split) == ("charades-cd", "test_ood")]
    assert RELATIONS[one.relation] == "seen" and "2,624 of the 3,375" in one.why


@pytest.mark.parametrize("paper", PAPERS.own)
def test_the_ledger_has_every_model_that_is_here(paper: str) -> None:
    assert trained_on(PAPERS[paper].title)


def test_a_name_is_known_by_its_longest_beginning() -> None:
    assert "LLaVA-Video-178K, in part" in {one.data for one in trained_on("TRACE-uni")}
    assert "LLaVA-Video-178K, in part" not in {one.data for one in trained_on("TRACE-retrieval")}
    assert trained_on("TimeLens2-4B")[0].system == "TimeLens2"
    assert trained_on("Traceability") == []


def figures_of(dataset: str) -> tuple[Figure, ...]:
    return figures(dataset) if dataset in datasets() else ()
