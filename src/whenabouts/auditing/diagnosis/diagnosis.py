"""`diagnose`: every query of a split with its outcome, and what follows from all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.diagnosis.absent import ABSENT_OUTCOMES, absent_outcomes
from whenabouts.auditing.diagnosis.adjusting import Adjustment, adjusted
from whenabouts.auditing.diagnosis.ends import Ends, ends
from whenabouts.auditing.diagnosis.facts import RANKS, Facts, facts_of
from whenabouts.auditing.diagnosis.fit import Fit, fit
from whenabouts.auditing.diagnosis.groups import Group, groups
from whenabouts.auditing.diagnosis.lengths import Lengths, lengths
from whenabouts.auditing.diagnosis.mending import Gain, gains
from whenabouts.auditing.diagnosis.notes import notes
from whenabouts.auditing.diagnosis.outcomes import OUTCOMES, outcomes
from whenabouts.auditing.diagnosis.report import document
from whenabouts.auditing.diagnosis.rows import rows
from whenabouts.auditing.diagnosis.sentences import sentences
from whenabouts.auditing.diagnosis.several import Found, several
from whenabouts.auditing.diagnosis.stages import STAGES, stages
from whenabouts.auditing.judged import Judged
from whenabouts.auditing.portraits import Trait, portraits
from whenabouts.documents.document import Document
from whenabouts.errors import InputError
from whenabouts.files.json import finite
from whenabouts.metrics.bootstrap import Interval
from whenabouts.video.suffixes import is_video

__all__ = ["THRESHOLD", "Diagnosis", "Outcome", "diagnose"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How often an outcome is: in per cent of the queries that happen, with a 95 % interval over videos.

    gain: what mending it would bring at most; None for hits
    """

    name: str
    meaning: str
    queries: int
    share: Interval
    gain: Gain | None


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What a system gets wrong on a split; shares and scores are per cent, times seconds.

    outcome: (Q,) a name in OUTCOMES of each query that happens; `absent`: a name in ABSENT_OUTCOMES of each other
    videos:  the folder in which they are, named as in the annotations, if it is known
    """

    judged: Judged = field(repr=False)
    facts: Facts = field(repr=False)
    outcome: NDArray[np.str_] = field(repr=False)
    absent: tuple[str, ...] = field(repr=False)
    videos: Path | None = None

    @property
    def name(self) -> str:
        """Of the system."""
        return self.judged.name

    @property
    def threshold(self) -> float:
        """The IoU from which an answer is right."""
        return self.facts.threshold

    @property
    def queries(self) -> int:
        """How many were looked at: those that happen, and those that do not."""
        return len(self.facts) + len(self.absent)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Queries by outcome, all of OUTCOMES and, where queries do not happen, of ABSENT_OUTCOMES; they sum up."""
        found = Counter(self.outcome.tolist())
        told = {name: found[name] for name in OUTCOMES}
        missing = Counter(self.absent)
        return told | ({name: missing[name] for name in ABSENT_OUTCOMES} if self.absent else {})

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Those that there are, in the order of OUTCOMES."""
        gain = gains(self.facts, self.outcome)
        return tuple(
            Outcome(name, meaning, self.counts[name], self._share(name), gain.get(name))
            for name, meaning in OUTCOMES.items()
            if self.counts[name]
        )

    @cached_property
    def fit(self) -> Fit:
        """Recall by threshold, and the IoU of hits and of misses."""
        return fit(self.facts, self.judged)

    @cached_property
    def stages(self) -> dict[str, int]:
        """Queries by the stage that causes the miss, in ExtremeWhenBench's terms."""
        found = Counter(stages(self.facts).tolist())
        return {name: found[name] for name in STAGES}

    @cached_property
    def ranks(self) -> dict[str, int]:
        """Queries by the rank of the first right answer; "none" of the first five."""
        found = np.bincount(self.facts.rank, minlength=RANKS + 1).tolist()
        return {str(rank): found[rank] for rank in range(1, RANKS + 1)} | {"none": found[0]}

    @cached_property
    def ends(self) -> Ends | None:
        """How far starts and ends are off."""
        return ends(self.facts)

    @cached_property
    def lengths(self) -> Lengths | None:
        """How long answers are beside their moments."""
        return lengths(self.facts)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Scores of kinds of queries."""
        return groups(self.facts)

    @cached_property
    def several(self) -> tuple[Found, ...]:
        """Which moments of several were found."""
        return several(self.facts)

    @cached_property
    def adjusted(self) -> tuple[Adjustment, ...]:
        """What it would bring to undo the errors of length and place that all answers have alike."""
        return adjusted(self.facts, self.lengths, self.ends)

    @cached_property
    def traits(self) -> list[Trait]:
        """What kind of predictor gave the answers, if any is known by them."""
        return portraits(self.judged)

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """What was found, in words, the most important first."""
        return sentences(self)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What could not be looked at, and what may be wrong."""
        return notes(self)

    def rows(self, outcome: str | None = None) -> list[dict[str, Any]]:
        """Every query with its outcome, truth, answer and errors; of one outcome the worst first. Raises InputError."""
        known = {**OUTCOMES, **ABSENT_OUTCOMES}
        if outcome is not None and outcome not in known:
            raise InputError(f"unknown outcome {outcome!r}; choose one of: {', '.join(known)}")
        found = rows(self.judged, self.facts, self.outcome, self.absent, outcome)
        return found if self.videos is None else [row | {"file": self._files.get(row["video"])} for row in found]

    @cached_property
    def _files(self) -> dict[str, str]:
        """By the name of a video its path."""
        folder = self.videos or Path()
        return {path.stem: str(path) for path in sorted(folder.iterdir()) if is_video(path)}

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON values."""
        report = self.judged.report
        content: dict[str, Any] = {
            "name": self.name,
            "benchmark": report.benchmark,
            "split": report.split,
            "protocol": report.protocol,
            "threshold": self.threshold,
            "queries": self.queries,
            "sentences": list(self.sentences),
            "traits": [_plain(one) for one in self.traits],
            "counts": self.counts,
            "outcomes": [_plain(one) for one in self.outcomes],
            "scores": report.scores,
            "official": self.judged.official.scores,
            "blind": report.blind,
            "fit": _plain(self.fit),
            "stages": self.stages,
            "ranks": self.ranks,
            "ends": _plain(self.ends) if self.ends else None,
            "lengths": _plain(self.lengths) if self.lengths else None,
            "adjusted": [_plain(one) for one in self.adjusted],
            "groups": [_plain(one) for one in self.groups],
            "several": [_plain(one) for one in self.several],
            "examples": {name: self.rows(name)[:EXAMPLES] for name, count in self.counts.items() if count},
            "notes": list(self.notes),
        }
        return dict(finite(content))

    def document(self) -> Document:
        """The same to read."""
        return document([self])

    def _share(self, name: str) -> Interval:
        return self.facts.percent(self.outcome == name)


EXAMPLES = 5  # of each outcome
THRESHOLD = 0.5  # IoU from which an answer is right


def diagnose(judged: Judged, threshold: float = THRESHOLD, videos: Path | None = None) -> Diagnosis:
    """Tell for every query what became of it, at a threshold of IoU in (0, 1].

    videos: the folder in which they are, so that rows name the file

    Raises InputError.
    """
    if videos is not None and not videos.is_dir():
        raise InputError(f"{videos} is not a directory")
    if not 0 < threshold <= 1:
        raise InputError(f"the threshold is an IoU above 0 and at most 1, not {threshold:g}")
    facts = facts_of(judged, threshold)
    return Diagnosis(judged, facts, outcomes(facts), absent_outcomes(judged), videos)


def _plain(value: Any) -> Any:
    """A value of dataclasses and intervals as JSON values: an interval is its mean, low and high."""
    return _named(asdict(value))


def _named(value: Any) -> Any:
    if isinstance(value, Interval):
        return value._asdict()
    if isinstance(value, dict):
        return {name: _named(each) for name, each in value.items()}
    return [_named(each) for each in value] if isinstance(value, Sequence) and not isinstance(value, str) else value
