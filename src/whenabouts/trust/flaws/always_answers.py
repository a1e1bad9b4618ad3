"""A grounder that answers queries that do not happen as surely as those that do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from whenabouts.grounders.grounder import Grounder
from whenabouts.progress import Progress
from whenabouts.trust.answers import answered, answers_to, sureness, videos_of
from whenabouts.trust.flaws.bounds import auroc_interval
from whenabouts.trust.probe import Case, Finding, Flaw, Probe

__all__ = ["AlwaysAnswers"]

FEWEST = 8  # queries of each kind
BLIND_AUROC = 0.7  # a score whose AUROC surely lies below this does not tell them apart
OFTEN = 0.5  # share of the queries that do not happen which must be answered for it


class AlwaysAnswers(Probe):
    """Compares how sure answers are to queries that happen and to others, by the AUROC of presence or best score."""

    name: ClassVar[str] = "always-answers"

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """Named where few queries that do not happen are turned away, and no score tells them from the others."""
        known = [case for case in cases if case.truth is not None]
        happens = np.array([bool(len(case.truth)) for case in known if case.truth is not None], bool)
        notes = [f"{len(cases) - len(known)} queries have no truth and were passed over"] if known != [*cases] else []
        present, absent = int(happens.sum()), int((~happens).sum())
        if min(present, absent) < FEWEST:
            notes.append(
                f"{present} queries that happen and {absent} that do not are too few; {FEWEST} of each are needed"
            )
            return Finding(self.name, notes=tuple(notes))
        answers = answers_to(grounder, known, progress=progress)
        area = auroc_interval([sureness(answer) for answer in answers], happens, videos_of(known))
        said = np.array([answered(answer) for answer in answers])
        flaws = []
        if area.high < BLIND_AUROC and said[~happens].mean() >= OFTEN:
            flaws.append(
                Flaw(
                    self.name,
                    f"it answers {int(said[~happens].sum())} of {absent} queries that do not happen, as surely as "
                    f"those that do: the AUROC of its scores is {area.mean:.2f} (95 % at most {area.high:.2f}; "
                    "0.5 is chance)",
                )
            )
        figures = {
            "auroc": area.mean,
            "auroc low": area.low,
            "auroc high": area.high,
            "answered of those that happen": float(said[happens].mean()),
            "answered of those that do not": float(said[~happens].mean()),
        }
        return Finding(self.name, figures, flaws=tuple(flaws), notes=tuple(notes))
