"""Blind baselines as `evaluators/bias_baselines.json` of the test data has them: in seconds, by hull IoU."""

from __future__ import annotations

from pathlib import Path

from whenabouts.benchmarks import BENCHMARKS, Example
from whenabouts.benchmarks.charades_sta import clamp
from whenabouts.evaluation.blind import BASELINES, Answers, Baseline
from whenabouts.evaluation.blind.verb_mode import VerbMode
from whenabouts.evaluation.blind.verbs import ACTIVITYNET, CHARADES, Verbs
from whenabouts.evaluation.protocols import RankedProtocol

ENTRIES = {
    "a_whole_video": "whole video",
    "b_const_best_R1@0.3_train": "constant for R1@0.3",
    "b_const_best_R1@0.5_train": "constant for R1@0.5",
    "b_const_best_R1@0.7_train": "constant for R1@0.7",
    "b_const_best_mIoU_train": "constant for mIoU",
    "c_greedy_cover5@0.5": "five windows",
    "c_kde_mode_nms0.45": "prior mode",
    "c_freq_hist0.05_nms0.45": "frequent windows",
    "d_verb_kde_mode": "verb mode",
    "d_tfidf_1nn(top5 nn)": "nearest sentence",
    "d_tfidf_60nn_vote": "vote of similar sentences",
    "otani_prior_only_sampler(reimpl)": "prior sampler",
}
SPLITS = {
    "charades": ("charades-sta", "test"),
    "tacos": ("tacos", "test"),
    "qvhighlights_val": ("qvhighlights", "val"),
    "activitynet_val1": ("activitynet-captions", "val_1"),
    "activitynet_val2": ("activitynet-captions", "val_2"),
}
# what simplemma 2.0.0 says of words of these data sets that our rules read otherwise
UNKNOWN = """
awakening awoke begining beginning closing cuting cutting dressing ending fixed fixes fixing folding following geting
gone grabing hiting left playing puting putted seed siting sitting spining
"""
LEMMAS: dict[str, str | None] = {"lay": "lie", "span": "spin", **dict.fromkeys(UNKNOWN.split())}


def splits(data: Path, name: str) -> tuple[list[Example], list[Example]]:
    """The training split and the one tested, cleaned as 2D-TAN does."""
    dataset, split = SPLITS[name]
    train, test = (clamp(list(BENCHMARKS[dataset].load(data, s).examples)) for s in ("train", split))
    return train, test


def baseline(entry: str, name: str) -> Baseline:
    """The baseline of an entry, with the verbs that were used for it."""
    if entry == "d_verb_kde_mode":
        return VerbMode(Verbs(ACTIVITYNET if name.startswith("activitynet") else CHARADES, LEMMAS))
    return BASELINES[ENTRIES[entry]]


def figures(answers: Answers, test: list[Example]) -> dict[str, float]:
    """R1 and R5 at three thresholds, with > and with >=, and mIoU, to two decimals."""
    truths = {e.qid: e.windows for e in test}
    found: dict[str, float] = {}
    for sign, strict in ((">", True), (">=", False)):
        scores = RankedProtocol("blind", "", strict=strict, ranks=(1, 5)).score(answers, truths)
        found |= {name if name == "mIoU" else f"{name}{sign}": round(value, 2) for name, value in scores.items()}
    return found
