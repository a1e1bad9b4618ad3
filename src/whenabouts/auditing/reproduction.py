"""A published figure beside the same figure made here, with what is needed to judge whether they can be compared."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from whenabouts.auditing.checkpoint import called, figures_of
from whenabouts.evaluation.report import RankedReport, Report
from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.published import Published
from whenabouts.version import __version__

__all__ = ["Comparison", "Reproduction", "environment", "settings_in"]

LIBRARIES = ("torch", "transformers", "peft", "av")
VARIED = 3  # different values of a setting that are all named; of more, how many there are


@dataclass(frozen=True, slots=True)
class Comparison:
    """One score here and as published: per cent, and percentage points between them.

    interval: 95 % bounds of the score here, by resampling videos; None where the protocol has none
    alike:    both are under one protocol
    same:     the figure is of the checkpoint that ran
    """

    name: str
    here: float
    interval: tuple[float, float] | None
    published: Published
    alike: bool = True
    same: bool = True

    @property
    def difference(self) -> float:
        """Here, less what was published."""
        return self.here - self.published.scores[self.name]

    @property
    def agrees(self) -> bool | None:
        """Whether the published figure is inside the bounds; None where that would say nothing.

        That is so without bounds, under another protocol, for another checkpoint, and for a second-hand figure.
        """
        if self.interval is None or not (self.alike and self.same) or self.published.second_hand:
            return None
        low, high = self.interval
        return low <= self.published.scores[self.name] <= high


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A system's answers on a split, scored as its authors score them.

    checkpoint: the folder or name that was loaded, and `revision`: its commit on the hub, if the folder is of the hub
    parser:     what read the answers; None where a system gives windows itself
    settings:   how queries were asked, from the receipts of all answers: each setting with its values
    failures:   videos without answers, with the reason
    caveats:    sentences about what keeps the figures from being comparable
    """

    paper: Paper
    report: Report
    checkpoint: str
    revision: str | None
    parser: str | None
    settings: Mapping[str, Sequence[Any]]
    failures: Mapping[str, str]
    caveats: Sequence[str] = ()

    @property
    def comparisons(self) -> list[Comparison]:
        """Every score of the split that was published and measured here."""
        report = self.report
        own = figures_of(self.paper, self.called, report.benchmark, report.split)
        return [
            Comparison(name, report.scores[name], self._bounds(name), one, one.protocol == report.protocol, one in own)
            for one in self.paper.published
            if one.benchmark == report.benchmark and one.split in {report.split, ""}
            for name in one.scores
            if name in report.scores
        ]

    @property
    def called(self) -> str:
        """The name of the checkpoint, by which its figures are known."""
        return called(self.checkpoint)

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return {
            "system": self.paper.name,
            "checkpoint": self.checkpoint,
            "revision": self.revision,
            "parser": self.parser,
            "report": self.report.to_dict(),
            "comparisons": [
                {"score": one.name, "here": one.here, "interval": one.interval, "difference": one.difference}
                | {"agrees": one.agrees, "same_checkpoint": one.same, "published": asdict(one.published)}
                for one in self.comparisons
            ],
            "settings": dict(self.settings),
            "environment": environment(),
            "failures": dict(self.failures),
            "caveats": list(self.caveats),
            "known": [asdict(one) for one in self.paper.known],
        }

    def markdown(self) -> str:
        """The same as a page."""
        report = self.report
        asked = [f"| {name} | {_values(values)} |" for name, values in self.settings.items()]
        lines = [
            f"# {self.paper.title} on {report.dataset.title}, {report.split}",
            "",
            f"Checkpoint `{self.checkpoint}`{f', revision `{self.revision}`' if self.revision else ''}. "
            f"Protocol `{report.protocol}` ({report.source}), "
            + (f"answers read by the parser `{self.parser}`." if self.parser else "windows as the system gives them."),
            "",
            *self._scores(),
            "",
            *self._comparisons(),
            "",
            "## Can it be compared?",
            "",
            *_list([*self.caveats, *report.notes], "Nothing was found that keeps these figures from being comparable."),
            "",
            "## How it was asked",
            "",
            "| setting | value |",
            "|---|---|",
            *(asked or ["| – | the answers have no receipts |"]),
            *(f"| {name} | {value} |" for name, value in environment().items()),
            "",
            "## What others found",
            "",
            *_list([f"{one.told} ({one.thread})" for one in self.paper.known], "No thread is known."),
        ]
        if self.failures:
            lines += ["", "## Videos without answers", "", *_list([f"{v}: {why}" for v, why in self.failures.items()])]
        return "\n".join(lines) + "\n"

    def _bounds(self, name: str) -> tuple[float, float] | None:
        return self.report.intervals.get(name) if isinstance(self.report, RankedReport) else None

    def _scores(self) -> list[str]:
        """Every score; where the figures are about ranked windows, also those of the first window with blind ones."""
        tables = [self.report, *([self.report.first_window()] if self.report.first_window else [])]
        return [line for number, report in enumerate(tables) for line in ([""] * bool(number) + _table(report))]

    def _comparisons(self) -> list[str]:
        if not self.comparisons:
            return ["No figure was published for this split, or none that whenabouts knows."]
        rows = [
            "| score | published | here | difference | inside 95 % | of | setting | protocol | confirmed | source |"
        ]
        rows.append("|---" * 10 + "|")
        for one in self.comparisons:
            inside = {True: "yes", False: "no", None: "–"}[one.agrees]
            of = one.published
            rows.append(
                f"| {one.name} | {of.scores[one.name]:g} | {one.here:.2f} | {one.difference:+.2f} | {inside} "
                f"| {of.model} | {of.setting} | {of.protocol or '–'} | {of.confirmed} | {of.source} |"
            )
        return rows


def _table(report: Report) -> list[str]:
    ranked = report if isinstance(report, RankedReport) else None
    best = report.best_blind
    head = [report.protocol, "here", "95 % over videos", *(["best blind", "of the baseline"] if best else [])]
    rows = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, value in report.scores.items():
        bounds = "{:.1f} – {:.1f}".format(*ranked.intervals[name]) if ranked else "–"
        blind = [f"{best[name].score:.2f}", best[name].baseline] if name in best else ["–", "–"]
        rows.append(f"| {' | '.join([name, f'{value:.2f}', bounds, *(blind if best else [])])} |")
    if ranked:
        videos = len({example.video for example in ranked.examples})
        rows += ["", f"{ranked.queries} queries on {videos} videos, {ranked.answered} answered."]
    return rows


def settings_in(receipts: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Every setting of the receipts of all answers, with its different values in the order of the answers."""
    found: dict[str, dict[str, Any]] = {}
    for settings in receipts.values():
        for name, value in settings.items():
            found.setdefault(name, {}).setdefault(json.dumps(value, sort_keys=True), value)
    return {name: list(values.values()) for name, values in found.items()}


def environment() -> dict[str, str]:
    """The versions of what computed the answers."""
    versions = {"whenabouts": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def _values(values: Sequence[Any]) -> str:
    shown = [value if isinstance(value, str) else json.dumps(value) for value in values]
    if len(shown) <= VARIED:
        return ", ".join(shown)
    numbers = [value for value in values if isinstance(value, int | float)]
    span = f", {min(numbers):g} to {max(numbers):g}" if len(numbers) == len(values) else ""
    return f"{len(shown)} different values{span}"


def _list(sentences: Sequence[str], without: str = "") -> list[str]:
    return [f"- {sentence}" for sentence in sentences] or [without]
