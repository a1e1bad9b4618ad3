"""Whether a grounder sees what was done to a video: pairs of a video and an edited one, of which both must be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.grounder import Grounder
from whenabouts.progress import Progress
from whenabouts.trust.counterfactual.made import KINDS, Counterfactual, counterfactuals
from whenabouts.trust.judged import RIGHT, ask_one, best_window, chosen_cases, mean, overlap, reference
from whenabouts.trust.probe import Case, Finding, Flaw, Probe
from whenabouts.video import Video

__all__ = ["CounterfactualProbe", "Pair"]

Windows = NDArray[np.float64]

CHANGES = ("moves", "vanishes", "stays")
FEWEST = 5  # pairs of which a flaw is spoken
IGNORED = 0.5  # share of the pairs whose answer must change and does not, from which it is a flaw


@dataclass(frozen=True, slots=True)
class Pair:
    """How a grounder answered a query on a video and on an edited one.

    right:   on the video, and on the edited one
    moved:   whether the answer to the edited one is where the map takes the answer to the other; None where it stays
    ignored: whether the answer stayed where it was, in seconds or as a share of the video, though it had to change;
             None where it had not
    """

    query: str
    kind: str
    change: str
    right: tuple[bool, bool]
    moved: bool | None
    ignored: bool | None


@dataclass(frozen=True)
class CounterfactualProbe(Probe):
    """Asks each query on its video and on edited ones.

    each: of the kinds whose answer must move, of those where it must vanish and of those where it must stay, so many
    most: queries, at most, chosen by seed
    seed: of the edits and of the choice

    An answer is right where its best moment has a tIoU of 0.5 with a true window, or where it says that there is none
    and there is none. Without truth the answer on the video as it is stands for it, and is right by definition.
    """

    name: ClassVar[str] = "counterfactual"

    each: int = 1
    most: int = 40
    seed: int = 0

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """`pair score` over all pairs and by change, `must change` and `ignored`; a row a pair."""
        asked, notes = chosen_cases(cases, self.most, self.seed)
        pairs: list[Pair] = []
        passed = 0
        for number, case in enumerate(asked):
            found = self._pairs(grounder, case, _others(case, cases))
            pairs += found
            passed += not found
            if progress:
                progress("editing videos", (number + 1) / len(asked))
        remarks = list(notes)
        if passed:
            remarks.append(f"{passed} queries could not be edited around: they do not happen, or fill their video")
        if any(case.truth is None for case in asked):
            remarks.append("where no truth is known, the answer on the video as it is stands for it")
        return Finding(
            self.name,
            figures_of(pairs),
            flaws=_flaws(pairs),
            notes=tuple(remarks),
            rows=tuple(_row(pair) for pair in pairs),
        )

    def _pairs(self, grounder: Grounder, case: Case, others: Sequence[Video]) -> list[Pair]:
        if case.truth is not None and not len(case.truth):
            return []
        before = ask_one(grounder, case.video, case.query)
        truth = reference(case, before)
        if not len(truth):
            return []
        made = counterfactuals(case.video, case.query, truth, others=others, kinds=self._order(case), seed=self.seed)
        given = best_window(before)
        chosen: list[Counterfactual] = []
        for change in CHANGES:
            chosen += [one for one in made if one.change == change][: self.each]
        return [_pair(case, given, truth, one, grounder) for one in chosen]

    def _order(self, case: Case) -> list[str]:
        """Kinds in an order of this query, so that each kind gets its share."""
        seed = [self.seed, *case.query.encode()[:64]]
        return [list(KINDS)[k] for k in np.random.default_rng(seed).permutation(len(KINDS))]


def figures_of(pairs: Sequence[Pair]) -> dict[str, float]:
    """Shares of the pairs; those of which there are none are left out."""
    figures: dict[str, float] = {"pairs": len(pairs)}
    groups = {"": pairs} | {f" {change}": [p for p in pairs if p.change == change] for change in CHANGES}
    groups |= {f" of {kind}": [p for p in pairs if p.kind == kind] for kind in KINDS}
    figures |= {f"pair score{name}": mean([all(p.right) for p in group]) for name, group in groups.items() if group}
    changing = [p for p in pairs if p.ignored is not None]
    moving = [p for p in pairs if p.moved is not None]
    figures |= {"must change": mean([bool(p.moved) for p in moving])} if moving else {}
    return figures | ({"ignored": mean([bool(p.ignored) for p in changing])} if changing else {})


def _pair(case: Case, given: Windows, truth: Windows, one: Counterfactual, grounder: Grounder) -> Pair:
    after = best_window(ask_one(grounder, one.video, case.query))
    moved = ignored = None
    if one.change != "stays" and len(given):
        share = one.video.duration / case.video.duration
        ignored = bool(len(after)) and max(overlap(after, given), overlap(after, given * share)) >= RIGHT
    if one.change == "moves" and len(given):
        expected = one.video.time_map.windows(given)
        moved = overlap(after, expected) >= RIGHT
        ignored = ignored and not moved
    right = overlap(given, truth) >= RIGHT, overlap(after, one.truth) >= RIGHT
    return Pair(case.query, one.kind, one.change, right, moved, ignored)


def _flaws(pairs: Sequence[Pair]) -> tuple[Flaw, ...]:
    changing = [pair.ignored for pair in pairs if pair.ignored is not None]
    share = mean([bool(ignored) for ignored in changing])
    if len(changing) < FEWEST or share < IGNORED:
        return ()
    sentence = (
        f"In {share:.0%} of {len(changing)} edited videos the answer had to move or vanish and stayed where it was: "
        "it does not come from what these videos show."
    )
    return (Flaw("ignores-edits", sentence),)


def _row(pair: Pair) -> dict[str, str | float | None]:
    return {
        "query": pair.query,
        "kind": pair.kind,
        "change": pair.change,
        "right": float(pair.right[0]),
        "right edited": float(pair.right[1]),
        "moved": None if pair.moved is None else float(pair.moved),
        "ignored": None if pair.ignored is None else float(pair.ignored),
    }


def _others(case: Case, cases: Sequence[Case]) -> list[Video]:
    """Other videos, but for those of which the same query is known or not known to be untrue."""
    own = case.video.sha256
    found: dict[str, Video] = {}
    barred: set[str] = set()
    for each in cases:
        sha256 = each.video.sha256
        if sha256 != own:
            found.setdefault(sha256, each.video)
            if each.query == case.query and (each.truth is None or len(each.truth)):
                barred.add(sha256)
    return [video for sha256, video in found.items() if sha256 not in barred]
