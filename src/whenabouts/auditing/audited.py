"""`Audit`: what was found when a score, or a benchmark, was looked into."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from whenabouts.auditing.biases import BIASES, Finding
from whenabouts.auditing.portraits import Trait
from whenabouts.documents.chart import Bars
from whenabouts.documents.document import Document, Section, Table

__all__ = ["Audit", "Gain", "Official"]

EASY = 50.0  # per cent that answers without a look reach, from which a metric says little; ours
HEADLINE = "R1@0.5"

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Gain:
    """One metric, in per cent; intervals are 95 % over videos.

    model:  of the system, on all queries; None without one
    blind:  of every baseline, by name, on the queries on videos of known length
    best:   the name of the best baseline, the first of equally good ones; None where there is none
    gain:   the system's score above that of the best baseline, on the queries that it can answer: the visual gain
    """

    metric: str
    model: float | None
    model_interval: Bounds | None
    blind: Mapping[str, float]
    best: str | None
    best_interval: Bounds | None
    gain: float | None
    gain_interval: Bounds | None

    @property
    def best_score(self) -> float | None:
        """Of the best baseline."""
        return None if self.best is None else self.blind[self.best]


@dataclass(frozen=True)
class Official:
    """A figure about all windows of each query: of the system, if there is one, and of the best baseline for it."""

    model: float | None
    blind: float
    baseline: str


@dataclass(frozen=True)
class Audit:
    """Scores of a system (`name`, if one answered) and of blind baselines, and what biases the benchmark has.

    queries:  how many are scored, of which `known` are on videos of known length
    official: official figures by name, where they are about all windows of a query and not about the first
    traits:   what kind of predictor the system is, if any is known by its answers
    """

    benchmark: str
    title: str
    split: str
    protocol: str
    source: str
    name: str | None
    queries: int
    known: int
    gains: tuple[Gain, ...]
    official: Mapping[str, Official] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    traits: tuple[Trait, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def headline(self) -> Gain | None:
        """The metric that verdicts are about: R1@0.5, or else the first that has a baseline."""
        made = [gain for gain in self.gains if gain.best is not None]
        return next((gain for gain in made if gain.metric == HEADLINE), made[0] if made else None)

    @property
    def verdicts(self) -> tuple[str, ...]:
        """What follows, in sentences: first of the score, then of the system, the metrics and the biases."""
        traits = (trait.sentence for trait in self.traits)
        biases = (found.verdict for found in self.findings)
        return (*_of_gain(self.headline, self.name), *traits, *_of_metrics(self), *biases)

    def to_dict(self) -> dict[str, Any]:
        """The audit as JSON values."""
        return {
            "benchmark": self.benchmark,
            "split": self.split,
            "protocol": self.protocol,
            "source": self.source,
            "name": self.name,
            "queries": self.queries,
            "known": self.known,
            "verdicts": list(self.verdicts),
            "metrics": {gain.metric: _plain(gain) for gain in self.gains},
            "official": {name: dataclasses.asdict(figures) for name, figures in self.official.items()},
            "traits": [dataclasses.asdict(trait) for trait in self.traits],
            "biases": {found.bias: found.to_dict() for found in self.findings},
            "notes": list(self.notes),
        }

    def document(self) -> Document:
        """The audit to read."""
        facts = f"{self.queries} queries, {self.known} on videos of known length; protocol {self.protocol}"
        sections = [_gained(self), _baselines(self)]
        sections += [_in_full(self)] if self.official else []
        sections += [found.section(BIASES[found.bias].title) for found in self.findings if found.bias in BIASES]
        title = f"Audit of {self.title}, {self.split}" + (f": {self.name}" if self.name else "")
        return Document(title, facts, self.verdicts, tuple(sections), self.notes)


def _of_gain(gain: Gain | None, name: str | None) -> list[str]:
    if gain is None or gain.best_score is None:
        return ["no blind baseline could be made: nothing says what a score is worth"]
    blind = f"the best blind baseline ({gain.best}, {gain.best_score:.1f})"
    if gain.gain is None or gain.gain_interval is None:
        return [f"without a look at any video, {gain.best} has {gain.metric} {gain.best_score:.1f}"]
    low, high = gain.gain_interval
    side = "above" if gain.gain >= 0 else "below"
    told = f"{gain.metric} of {name} is {abs(gain.gain):.1f} points {side} {blind}; 95 %: {low:.1f} to {high:.1f}"
    if low > 0:
        return [f"{told}: what the annotations alone cannot give"]
    if high < 0:
        return [f"{told}: who looks at no video answers better"]
    return [f"{told}: nothing shows that the video was used"]


def _of_metrics(audit: Audit) -> list[str]:
    told = []
    unshown = [gain.metric for gain in audit.gains if gain.gain_interval and gain.gain_interval[0] <= 0]
    if unshown and len(audit.gains) > 1 and unshown != [audit.headline and audit.headline.metric]:
        told.append(f"no gain over blind answers is shown in: {', '.join(unshown)}")
    easy = [f"{g.metric} {g.best_score:.1f}" for g in audit.gains if g.best_score is not None and g.best_score > EASY]
    if easy:
        told.append(f"blind answers are right more often than not in: {', '.join(easy)}")
    return told


def _gained(audit: Audit) -> Section:
    rows: list[tuple[str | float | None, ...]] = [
        (
            gain.metric,
            gain.model,
            _between(gain.model_interval),
            gain.best_score,
            _between(gain.best_interval),
            gain.best,
            gain.gain,
            _between(gain.gain_interval),
        )
        for gain in audit.gains
    ]
    head: tuple[str, ...] = ("metric", "score", "95 %", "best blind", "95 %", "of the baseline", "visual gain", "95 %")
    if audit.name is None:
        head, rows = (head[0], *head[3:6]), [(row[0], *row[3:6]) for row in rows]
    made = [gain for gain in audit.gains if gain.best is not None]
    series: dict[str, tuple[float | None, ...]] = {"best blind baseline": tuple(gain.best_score for gain in made)}
    intervals = {"best blind baseline": tuple(gain.best_interval for gain in made)}
    if audit.name is not None:
        series[audit.name] = tuple(gain.model for gain in made)
        intervals[audit.name] = tuple(gain.model_interval for gain in made)
    chart = Bars("Scores and the best blind baseline", tuple(g.metric for g in made), series, "per cent", intervals)
    sentences = (
        "Blind baselines answer from training annotations, the words of the query and the length of the video.",
        "Intervals come from resampling videos; the gain is over the baseline that is best on these very queries.",
    )
    return Section("What the video gave", sentences, (Table(head, tuple(rows)),), (chart,) if made else ())


def _baselines(audit: Audit) -> Section:
    names = list(dict.fromkeys(name for gain in audit.gains for name in gain.blind))
    metrics = [gain for gain in audit.gains if gain.blind]
    rows: tuple[tuple[str | float, ...], ...] = tuple((n, *(gain.blind[n] for gain in metrics)) for n in names)
    return Section("Blind baselines", tables=(Table(("baseline", *(gain.metric for gain in metrics)), rows),))


def _in_full(audit: Audit) -> Section:
    rows = tuple((name, of.model, of.blind, of.baseline) for name, of in audit.official.items())
    return Section("Official figures", tables=(Table(("metric", "score", "best blind", "of the baseline"), rows),))


def _between(bounds: Bounds | None) -> str | None:
    return None if bounds is None else f"{bounds[0]:.1f} – {bounds[1]:.1f}"


def _plain(gain: Gain) -> dict[str, Any]:
    content = dataclasses.asdict(gain) | {"blind": dict(gain.blind), "best_score": gain.best_score}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in content.items()}
