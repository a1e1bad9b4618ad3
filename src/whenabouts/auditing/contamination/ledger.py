"""The ledger: facts on training data, and what follows from them for a benchmark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from whenabouts.auditing.facts import read_facts

__all__ = ["VERDICTS", "Contamination", "Training", "contamination", "trained_on"]

HERE = Path(__file__).parent
UNDISCLOSED = "?"
ANY = {"", "?"}  # splits: all of them, and one that is not stated
TUNED = {"fine-tuned", "supervised", "in-domain"}  # settings of figures of systems that saw the training split
Verdict = Literal["seen", "perhaps seen", "in-domain", "perhaps in-domain", "unknown", "none known"]
VERDICTS: dict[Verdict, str] = {  # the worst first
    "seen": "it was trained on rows or videos that it is tested on",
    "perhaps seen": "it may have been trained on rows or videos that it is tested on",
    "in-domain": "it was trained on the training split, so it is not zero-shot",
    "perhaps in-domain": "it was trained on data of the same data set, of a split that is not stated",
    "unknown": "what it was trained on is not disclosed, or not all of it, or is not known here",
    "none known": "all that it was trained on is stated, and none of it belongs to this benchmark",
}
RELATIONS: dict[str, Verdict] = {
    "same rows": "seen",
    "same videos": "seen",
    "same rows?": "perhaps seen",
    "training split": "in-domain",
    "training split?": "perhaps in-domain",
}


@dataclass(frozen=True, slots=True)
class Training:
    """What a system was trained on.

    system: as its names begin
    data:   a data set, or the model that it was made from; `?` for what is not disclosed or was not looked up
    sure:   `stated` by its authors; `base`: the data of that model too; `undisclosed`; `not looked up`
    source: where it is stated
    """

    system: str
    data: str
    sure: str
    source: str


@dataclass(frozen=True, slots=True)
class Relation:
    """What training data have to do with a split of a benchmark; an empty split stands for all of them."""

    data: str
    dataset: str
    split: str
    relation: str
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class Contamination:
    """Whether a benchmark tests a system on what it has seen: a key of VERDICTS, and the facts that say so."""

    system: str
    dataset: str
    split: str
    verdict: Verdict
    reasons: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {"verdict": self.verdict, "meaning": VERDICTS[self.verdict], "reasons": list(self.reasons)}


def contamination(system: str, dataset: str, split: str = "", setting: str = "") -> Contamination:
    """What is known of a system's training and a benchmark, by their names here.

    split:   an empty one stands for any
    setting: of a figure: fine-tuned and supervised systems saw the training split of the data set
    """
    found: list[tuple[Verdict, str]] = []
    if setting in TUNED:
        found.append(("in-domain", f"{setting}: trained on the training split"))
    elif setting.startswith("trained on "):
        found.append(("unknown", f"{setting}; what stands behind its base model is not stated"))
    known = trained_on(system)
    for one in known:
        found += _of(one, dataset, split)
    if not known and setting not in {"fine-tuned", "supervised"}:
        found.append(("unknown", "nothing is known here of its training"))
    found.sort(key=lambda each: list(VERDICTS).index(each[0]))
    worst: Verdict = found[0][0] if found else "none known"
    return Contamination(system, dataset, split, worst, tuple(dict.fromkeys(why for _, why in found)))


def trained_on(system: str) -> list[Training]:
    """What the ledger has of a system, by the longest of its names that `system` begins with; [] for no known one.

    >>> [one.data for one in trained_on("TimeLens-8B")]
    ['TimeLens-100K', 'Qwen3-VL', '?']
    """
    name = _plain(system)
    names = {one.system for one in _trained() if _begins(name, _plain(one.system))}
    family = [one for one in _trained() if one.system == max(names, key=len, default="")]
    bases = [one.data for one in family if one.sure == "base"]
    unknown = [Training(base, UNDISCLOSED, "not looked up", "") for base in bases if not trained_on(base)]
    return [*family, *(more for base in bases for more in trained_on(base)), *unknown]


def _of(one: Training, dataset: str, split: str) -> Iterator[tuple[Verdict, str]]:
    if one.data == UNDISCLOSED:
        told = "training mixture not disclosed" if one.sure == "undisclosed" else "not looked up on what it was trained"
        yield "unknown", f"{one.system}: {told}"
        return
    for each in _related():
        if (each.data, each.dataset) == (one.data, dataset) and (
            not {split, each.split}.isdisjoint(ANY) or split == each.split
        ):
            yield RELATIONS[each.relation], f"{one.data}: {each.why}"


def _begins(name: str, known: str) -> bool:
    """Whether a name is the known one, or goes on where a word ends."""
    return name == known or (name.startswith(known) and not name[len(known)].isalnum())


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9.]+", name.lower()))


@cache
def _trained() -> tuple[Training, ...]:
    return tuple(_rows(Training, HERE / "trained.csv"))


@cache
def _related() -> tuple[Relation, ...]:
    return tuple(_rows(Relation, HERE / "related.csv"))


def _rows(kind: type[Any], path: Path) -> Iterable[Any]:
    fields = tuple(kind.__dataclass_fields__)
    return (kind(**{name: row[name] for name in fields}) for _, row in read_facts(path, *fields))
