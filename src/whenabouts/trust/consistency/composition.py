"""Whether the answers to the parts of a query lie in the answer to the whole, and in the order it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whenabouts.grounders.grounder import Grounder
from whenabouts.moment import iop
from whenabouts.progress import Progress
from whenabouts.trust.answered import RIGHT
from whenabouts.trust.answers import answers_to, best_window, mean
from whenabouts.trust.chosen import chosen_cases
from whenabouts.trust.consistency.wording import parts_of
from whenabouts.trust.probe import Case, Finding, Flaw, Probe

__all__ = ["CompositionProbe"]

FEWEST = 8  # queries of which a flaw is spoken
INSIDE = 0.3  # share of parts that lie in the whole below which it is a flaw; ours


@dataclass(frozen=True)
class CompositionProbe(Probe):
    """Asks the parts of sentences that join several with "then", "while" or "and", as C-Verify asks questions of them.

    most: queries, at most, chosen by seed
    """

    name: ClassVar[str] = "composition"

    most: int = 40
    seed: int = 0

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """`inside`: share of parts whose answer lies by half in the whole's; `in order`: of queries with "then".

        A part without an answer is not inside, for what is all there is there in parts.
        """
        compound = [case for case in cases if parts_of(case.query)[0] and (case.truth is None or len(case.truth))]
        asked, notes = chosen_cases(compound, self.most, self.seed)
        remarks = list(notes)
        if skipped := len(cases) - len(compound):
            remarks.append(f"{skipped} queries say one thing only, or do not happen, and were passed over")
        inside, ordered = list[float](), list[float]()
        wholes = [best_window(answer) for answer in answers_to(grounder, asked)]
        said = [Case(case.video, part) for case in asked for part in parts_of(case.query)[0]]
        answers = iter(answers_to(grounder, said, progress=progress, activity="asking parts of queries"))
        for case, whole in zip(asked, wholes, strict=True):
            parts, in_order = parts_of(case.query)
            found = [best_window(next(answers)) for _ in parts]
            if not len(whole):
                continue
            inside.append(mean([float(len(part) and iop(part, whole).max() >= RIGHT) for part in found]))
            if in_order and all(map(len, found)):
                middles = np.array([part.mean() for part in found])
                ordered.append(float(np.all(np.diff(middles) >= 0)))
        if not inside:
            return Finding(self.name, notes=tuple(remarks))
        figures = {"queries": float(len(inside)), "inside": mean(inside)}
        figures |= {"in order": mean(ordered)} if ordered else {}
        return Finding(self.name, figures, flaws=_flaws(inside), notes=tuple(remarks))


def _flaws(inside: Sequence[float]) -> tuple[Flaw, ...]:
    if len(inside) < FEWEST or mean(inside) >= INSIDE:
        return ()
    told = f"Of the parts of {len(inside)} queries, {mean(inside):.0%} are found within what was answered to the whole."
    return (Flaw("parts-elsewhere", told),)
