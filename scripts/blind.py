"""Compute the blind baselines that stand beside published figures, from the annotations at hand.

    python scripts/blind.py ANNOTATIONS ...     write `auditing/leaderboard/blind.csv` anew

Every baseline that stands beside scores is scored as `whenabouts audit` scores it, under the protocol of each group of
figures. Rows of data sets whose annotations are in none of the folders are kept as they are.
"""

from __future__ import annotations

import argparse
import csv
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from whenabouts.auditing.judged import judge
from whenabouts.auditing.leaderboard import beside
from whenabouts.auditing.leaderboard.figure import UNKNOWN, datasets, figures
from whenabouts.auditing.leaderboard.rules import rule
from whenabouts.benchmarks import BENCHMARKS
from whenabouts.errors import InputError
from whenabouts.evaluation.blind import BASELINES, Answers
from whenabouts.evaluation.report import RankedReport

PLACE = Path(beside.__file__).parent / "blind.csv"
FACTS = ("dataset", "split", "protocol", "baseline")
ALIKE = {">=": "own", ">": "time-r1-final"}  # what counts a first window as an evaluation does that is not here
FOUND: dict[tuple[str, str, int, int], dict[str, Answers]] = {}
Row = dict[str, str]


def main() -> None:
    """Write the file, old rows of what is not at hand among the new ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("annotations", type=Path, nargs="+", help="directories that have annotation files")
    parser.add_argument("--only", nargs="+", default=[], metavar="DATASET", help="keep the rows of all others")
    given = parser.parse_args()
    with PLACE.open(encoding="utf-8", newline="") as file:
        old = [{name: text for name, text in row.items() if text} for row in csv.DictReader(file)]
    rows: list[Row] = []
    for dataset, split, protocol in groups():
        folders = given.annotations if dataset in given.only or not given.only else []
        found = next((made for folder in folders if (made := computed(dataset, split, protocol, folder))), None)
        place = (dataset, split, protocol)
        rows += found or [row for row in old if tuple(row.get(name) for name in FACTS[:3]) == place]
        print(*place, "computed" if found else "kept", flush=True)
    metrics = dict.fromkeys(name for row in rows for name in row if name not in {*FACTS, "source"})
    with PLACE.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [*FACTS, *metrics, "source"], restval="", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def groups() -> Iterator[tuple[str, str, str]]:
    """Data set, split and protocol of all figures of original annotations that are about first windows."""
    for name in datasets():
        keys = (one.key for one in figures(name) if one.truth == "original" and one.split != UNKNOWN)
        yield from dict.fromkeys(
            (name, key.split, key.protocol) for key in keys if rule(key.protocol).counts and name in BENCHMARKS
        )


def computed(dataset: str, split: str, protocol: str, folder: Path) -> Sequence[Row]:
    """The rows of a group; none where the folder lacks its annotations or those of training."""
    described, how = BENCHMARKS[dataset], rule(protocol)
    try:
        path = described.find(folder, split)
        described.find(folder, "train")
    except InputError:
        return []
    whole = [
        {"qid": e.qid, "query": e.query, "vid": e.video, "pred_relevant_windows": [[0.0, e.duration or 1.0, 1.0]]}
        for e in described.read(path, split)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of these answers
        scored = how.scored_by or ALIKE[how.counts or ">="]
        official = judge(whole, described, folder, split=split, protocol=scored).official
        if isinstance(official, RankedReport):
            truths = {e.qid: e.windows for e in official.known}
            found = {
                name: {metric: 100 * float(values.mean()) for metric, values in official.scored(given, truths).items()}
                for name, given in answers(official).items()
            }
        else:
            found = {name: dict(scores) for name, scores in official.blind.items()}
    facts = {"dataset": dataset, "split": split, "protocol": protocol}
    return [
        facts
        | {"baseline": name}
        | {metric: f"{value:.2f}" for metric, value in scores.items()}
        | {"source": "whenabouts audit"}
        for name, scores in found.items()
    ]


def answers(report: RankedReport) -> dict[str, Answers]:
    """Those of every baseline that stands beside scores, also of those that take minutes; found once for all protocols.

    Protocols that clamp windows learn from other ones than those that do not.
    """
    learned = hash(tuple((e.query, e.windows.tobytes()) for e in report.train()))
    place = (report.benchmark, report.split, learned, len(report.known))
    if place not in FOUND:
        FOUND[place] = report.answers_of(one for one in BASELINES.values() if one.beside)
    return FOUND[place]


if __name__ == "__main__":
    main()
