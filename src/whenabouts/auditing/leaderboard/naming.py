"""Names as people type them: of data sets, metrics, splits, protocols and settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from whenabouts.auditing.leaderboard.figure import Figure, datasets
from whenabouts.benchmarks import BENCHMARKS
from whenabouts.errors import InputError

__all__ = ["metric_named", "named", "one_of"]

PARTS = {  # data sets that are splits of another one here
    "timelenscharades": ("timelens-bench", "charades"),
    "timelensactivitynet": ("timelens-bench", "activitynet"),
    "timelensqvhighlights": ("timelens-bench", "qvhighlights"),
}
SHORT = {"map": ("MR-full-mAP", "average_mAP"), "hit@1": ("HL-min-VeryGood-Hit1",)}  # beside names after MR-full-


def named(dataset: str) -> tuple[str, str | None]:
    """The data set of a name, and its only split where the name is that of a split.

    Raises InputError for a file of one's own, and for a name of which nothing is known, with those like it.
    """
    if dataset.lower().endswith((".jsonl", ".json", ".csv")):
        raise InputError(f"{dataset} is a file, of which nothing was published; `whenabouts evaluate` scores it")
    plain = _plain(dataset)
    if plain in PARTS:
        return PARTS[plain]
    known = {_plain(name): name for name in datasets()}
    if plain in known:
        return known[plain], None
    if dataset in BENCHMARKS:
        raise InputError(f"no published figure of {dataset} is known here; there are some of: {', '.join(datasets())}")
    near = [known[each] for each in get_close_matches(plain, known)]
    if near:
        raise InputError(f"unknown data set {dataset!r}; did you mean {' or '.join(near)}?")
    raise InputError(f"unknown data set {dataset!r}; choose one of: {', '.join(datasets())}")


def metric_named(metric: str, chosen: Sequence[Figure], dataset: str) -> str:
    """A metric that the figures have, however it was typed. Raises InputError with those there are."""
    known = list(dict.fromkeys(name for figure in chosen for name in figure.scores))
    typed = metric.strip().lower()
    wanted = {typed, f"mr-full-{typed}", *(name.lower() for name in SHORT.get(typed, ()))}
    for name in known:
        if name.lower() in wanted:
            return name
    raise InputError(f"no figure of {dataset} has the metric {metric!r}; choose one of: {', '.join(known)}")


def one_of(value: str, known: Iterable[str], what: str) -> None:
    """Raise InputError, with the values there are, for one that no figure has."""
    names = list(known)
    if value not in names:
        raise InputError(f"no figure has the {what} {value!r}; choose one of: {', '.join(names)}")


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
