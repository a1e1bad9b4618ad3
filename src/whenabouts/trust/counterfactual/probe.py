"""Whether a grounder sees what was done to a video: pairs of a video and an edited one, of which both must be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.grounder import Grounder
from whenabouts.progress import Progress
from whenabouts.trust.answered import RIGHT
from whenabouts.trust.answers import answers_to, best_window, mean, overlap, reference
from whenabouts.trust.chosen import by_moment, chosen_cases
from whenabouts.trust.counterfactual.made import KINDS, Counterfactual, counterfactuals
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
    most: int = 6
    seed: int = 0

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """`pair score` over all pairs and by change, `must change` and `ignored`; a row a pair."""
        happening = [case for case in cases if case.truth is None or len(case.truth)]
        asked, notes = chosen_cases(happening, self.most, self.seed)
        before = answers_to(grounder, asked)
        truths = [reference(case, answer) for case, answer in zip(asked, before, strict=True)]
        groups = by_moment(asked, truths)
        pairs: list[Pair] = []
        passed = len(cases) - len(happening) + sum(not len(truth) for truth in truths)
        for done, group in enumerate(groups, 1):
            alike = [asked[number] for number in group]
            made = self._made(alike[0], truths[group[0]], _others(alike, cases))
            passed += 0 if made else len(group)
            for one in made:
                after = answers_to(grounder, [replace(case, video=one.video) for case in alike])
                pairs += [
                    _pair(case, best_window(before[number]), truths[number], one, best_window(answer))
                    for number, case, answer in zip(group, alike, after, strict=True)
                ]
            if progress:
                progress("editing videos", done / len(groups))
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

    def _made(self, case: Case, truth: Windows, others: Sequence[Video]) -> list[Counterfactual]:
        """Of each change as many as are wanted, of kinds in an order of this truth, so that each gets its share."""
        order = np.random.default_rng([self.seed, *truth.tobytes()]).permutation(len(KINDS))
        kinds = [list(KINDS)[k] for k in order]
        made = counterfactuals(case.video, truth, others=others, kinds=kinds, seed=self.seed)
        return [one for change in CHANGES for one in [m for m in made if m.change == change][: self.each]]


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


def _pair(case: Case, given: Windows, truth: Windows, one: Counterfactual, after: Windows) -> Pair:
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


def _others(alike: Sequence[Case], cases: Sequence[Case]) -> list[Video]:
    """Other videos, but for those of which one of the queries is known or not known to be untrue."""
    own, queries = alike[0].video.sha256, {case.query for case in alike}
    found: dict[str, Video] = {}
    barred: set[str] = set()
    for each in cases:
        sha256 = each.video.sha256
        if sha256 != own:
            found.setdefault(sha256, each.video)
            if each.query in queries and (each.truth is None or len(each.truth)):
                barred.add(sha256)
    return [video for sha256, video in found.items() if sha256 not in barred]
