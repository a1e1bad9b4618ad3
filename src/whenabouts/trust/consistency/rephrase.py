"""Whether the answer stays where it is when the query is put in other words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from whenabouts.grounders.grounder import Grounder
from whenabouts.progress import Progress
from whenabouts.trust.answered import RIGHT
from whenabouts.trust.answers import answers_to, best_window, mean, overlap
from whenabouts.trust.chosen import chosen_cases
from whenabouts.trust.consistency.wording import reworded
from whenabouts.trust.probe import Case, Finding, Flaw, Probe

__all__ = ["RephraseProbe"]

FEWEST = 8  # queries of which a flaw is spoken
UNLIKE = 0.5  # mean share of agreeing answers below which it is a flaw; ours


@dataclass(frozen=True)
class RephraseProbe(Probe):
    """Compares the answers to a query and to rewordings of it, as R-Ground does.

    wordings: rewordings by query, such as those of Charades-CON; for others synonyms and two frames of ours
    most:     queries, at most, chosen by seed
    """

    name: ClassVar[str] = "rephrase"

    wordings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    most: int = 40
    seed: int = 0

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """`same`: share of rewordings whose answer has a tIoU of 0.5 with the first; `tIoU`: its mean.

        With truth also `same where right`, over queries whose first answer is, and `ground` times it: R-Ground.
        """
        asked, notes = chosen_cases(cases, self.most, self.seed)
        remarks = list(notes)
        shares, overlaps, right = list[float](), list[float](), list[bool | None]()
        others = [self.wordings.get(case.query) or reworded(case.query) for case in asked]
        firsts = [best_window(answer) for answer in answers_to(grounder, asked)]
        again = [Case(case.video, text) for case, texts in zip(asked, others, strict=True) for text in texts]
        answers = iter(answers_to(grounder, again, progress=progress, activity="rewording queries"))
        for case, first, texts in zip(asked, firsts, others, strict=True):
            found = [overlap(best_window(next(answers)), first) for _ in texts]
            shares.append(mean([each >= RIGHT for each in found]))
            overlaps.append(mean(found))
            right.append(None if case.truth is None else overlap(first, case.truth) >= RIGHT)
        if not shares:
            return Finding(self.name, notes=tuple(remarks))
        figures = {"queries": float(len(shares)), "same": mean(shares), "tIoU": mean(overlaps)}
        known = [one for one in right if one is not None]
        sure = [share for share, one in zip(shares, right, strict=True) if one]
        if known:
            figures["ground"] = mean(known)
        if sure:
            figures |= {"same where right": mean(sure), "R-Ground": mean(sure) * mean(known)}
        own = sum(not self.wordings.get(case.query) for case in asked)
        if own:
            remarks.append(f"{own} queries were reworded by synonyms and templates, in English")
        rows: list[dict[str, str | float | None]] = [
            {"query": c.query, "same": s, "tIoU": o} for c, s, o in zip(asked, shares, overlaps, strict=True)
        ]
        return Finding(self.name, figures, flaws=_flaws(shares), notes=tuple(remarks), rows=tuple(rows))


def _flaws(shares: Sequence[float]) -> tuple[Flaw, ...]:
    if len(shares) < FEWEST or mean(shares) >= UNLIKE:
        return ()
    told = (
        f"Of {len(shares)} queries in other words of the same meaning, {mean(shares):.0%} of the answers stay in place."
    )
    return (Flaw("changes-with-wording", told),)
