"""Every kind of predictor is called by its name, and honest ones by none."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from whenabouts.auditing.judged import Judged, judge
from whenabouts.auditing.portraits import PORTRAITS, portraits, untold
from whenabouts.auditing.portraits.first_windows import beside_truth
from whenabouts.auditing.portraits.planted import PLANTED, VERBS, made_up
from whenabouts.benchmarks import dataset
from whenabouts.benchmarks.example import Example

Array = NDArray[np.float64]
SPLITS = {"charades-sta": "test", "activitynet-captions": "val_2", "qvhighlights": "val", "tacos": "test"}
FOLDERS = {"charades-sta": "charades_sta", "activitynet-captions": "activitynet_captions"}


def names(planted: str, examples: Sequence[Example], train: Sequence[Example], seed: int) -> set[str]:
    given = PLANTED[planted].make(np.random.default_rng(seed), examples, train)
    by_qid = {e.qid: window for e, window in zip(examples, given, strict=True)}
    windows = beside_truth(by_qid, examples, train)
    return {name for name, portrait in PORTRAITS.items() if portrait.trait(windows)}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_predictor_has_its_names_and_no_others(planted: str) -> None:
    for seed in range(3):
        assert names(planted, made_up(1, 300), made_up(0, 600), seed) == PLANTED[planted].names, seed


PLAIN = [name for name, planted in PLANTED.items() if planted.names & {"perfect", "hedger", "over-long"}]


@pytest.mark.parametrize("planted", PLAIN)
def test_25_answers_are_enough_for_plain_ones(planted: str) -> None:
    for seed in range(3):
        found = names(planted, made_up(1, 25), made_up(0, 600), seed)
        assert found and found <= PLANTED[planted].names, seed


@pytest.mark.parametrize("planted", PLANTED)
def test_25_answers_are_given_no_wrong_name(planted: str) -> None:
    for seed in range(3):
        assert names(planted, made_up(1, 25), made_up(0, 600), seed) <= PLANTED[planted].names, seed


def named(given: Array, examples: Sequence[Example]) -> set[str]:
    """What answers (Q, 2) in seconds are called."""
    windows = beside_truth({e.qid: window for e, window in zip(examples, given, strict=True)}, examples, ())
    return {name for name, portrait in PORTRAITS.items() if portrait.trait(windows)}


def test_errors_in_proportion_to_the_moment_are_those_of_any_system() -> None:
    examples, rng = made_up(1, 300), np.random.default_rng(0)
    truth = np.concatenate([e.windows for e in examples])
    errors = rng.normal(0, 0.15, truth.shape) * np.diff(truth)
    assert named(truth + errors, examples) == set()
    assert named(truth + rng.permutation(errors), examples) == {"boundary-noise"}


def test_ends_late_alone_are_no_shift() -> None:
    examples, rng = made_up(1, 300), np.random.default_rng(0)
    truth = np.concatenate([e.windows for e in examples])
    assert "shifter" not in named(truth + rng.uniform(-1, 1, truth.shape) + [0, 3], examples)


def test_another_word_than_the_verb() -> None:
    rng = np.random.default_rng(0)
    things = ("door", "window", "book", "bag", "box", "cup")
    examples = [
        dataclasses.replace(e, query=f"a person {VERBS[(k + rng.integers(3)) % 8]} the {things[k]}")
        for e in made_up(1, 400)
        for k in [int(rng.integers(6))]
    ]
    where = {thing: np.sort(rng.random(2)) for thing in things}
    duration = np.array([[e.duration] for e in examples])
    assert named(np.array([where[e.query.split()[-1]] for e in examples]) * duration, examples) == set()


@pytest.mark.slow
@pytest.mark.parametrize("benchmark", SPLITS)
@pytest.mark.parametrize("planted", PLANTED)
def test_on_the_annotations_of_benchmarks(planted: str, benchmark: str, data: Path) -> None:
    examples, train = _known(benchmark, data / FOLDERS.get(benchmark, benchmark))
    chosen = [examples[n] for n in np.random.default_rng(0).permutation(len(examples))[:400]]
    assert names(planted, chosen, train, 0) == PLANTED[planted].names


@cache
def _known(benchmark: str, folder: Path) -> tuple[list[Example], list[Example]]:
    first, second = (
        [e for e in dataset(benchmark).load(folder, split).examples if e.duration and len(e.windows)]
        for split in (SPLITS[benchmark], "train")
    )
    return first, second


@pytest.mark.parametrize("system", ["moment_detr", "qd_detr"])
def test_published_predictions_are_accused_of_nothing(system: str, data: Path) -> None:
    folder = data / "qvhighlights"
    judged = judge(folder / f"{system}_val_preds.jsonl", "qvhighlights", folder / "highlight_val_release.jsonl")
    assert portraits(judged) == [] and untold(judged) is None


def own(folder: Path, name: str, windows: Sequence[Sequence[Sequence[float]]], number: int = 30) -> Judged:
    """Answers to as many queries on videos of one minute, as files."""
    truth = [
        {"qid": n, "query": "a dog", "vid": f"v{n}", "duration": 60, "relevant_windows": [[n % 40, n % 40 + 8 + n % 5]]}
        for n in range(number)
    ]
    given = [{"qid": n, "pred_relevant_windows": list(each)} for n, each in enumerate(windows)]
    for file, rows in (("t.jsonl", truth), (name, given)):
        (folder / file).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return judge(folder / name, str(folder / "t.jsonl"))


def test_a_sentence_has_its_figures(tmp_path: Path) -> None:
    late = own(tmp_path, "late.jsonl", [[[n % 40 + 3, n % 40 + 11 + n % 5, 1.0]] for n in range(30)])
    (trait,) = portraits(late)
    assert trait.name == "shifter" and trait.figures["start error"] == trait.figures["end error"] == 3.0
    assert "starts are 3.0 s late, ends 3.0 s late in the median; 100% of the answers lie late" in trait.sentence


def test_of_few_answers_nothing_is_told(tmp_path: Path) -> None:
    few = own(tmp_path, "few.jsonl", [[[0, 60, 1.0]] for _ in range(19)], number=19)
    assert portraits(few) == [] and "19 answers" in str(untold(few))


def test_refusals_alone_tell_nothing(tmp_path: Path) -> None:
    silent = own(tmp_path, "silent.jsonl", [[] for n in range(30)])
    assert portraits(silent) == [] and str(untold(silent)).startswith("0 answers")


def test_half_refused_the_other_half_is_judged(tmp_path: Path) -> None:
    half = own(tmp_path, "half.jsonl", [[] if n % 2 else [[0, 59, 1.0]] for n in range(60)], number=60)
    assert [trait.name for trait in portraits(half)] == ["hedger"]


def test_windows_in_milliseconds_are_no_hedge() -> None:
    examples = made_up(1, 60)
    assert "hedger" not in named(1000 * np.array([e.windows[0] for e in examples]), examples)
