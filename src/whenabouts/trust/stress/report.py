"""What all probes found of one grounder: a value that becomes JSON, text or a page."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from whenabouts.documents.document import Document
from whenabouts.documents.text import text
from whenabouts.files.json import finite
from whenabouts.trust.probe import Curve, Finding, Flaw
from whenabouts.trust.stress.document import document

__all__ = ["Report"]


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of the probes that ran, and why others did not.

    model:    what was asked, as it is named, and `settings` with which
    subject:  what it was asked about
    cases:    of every query its video, text and true windows; None where nobody knows
    failed:   a sentence for each probe that stopped
    receipt:  version, seed, hashes of the videos
    """

    model: str
    subject: str
    settings: Mapping[str, Any]
    cases: tuple[Mapping[str, Any], ...]
    findings: tuple[Finding, ...]
    failed: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    receipt: Mapping[str, Any] = field(default_factory=dict)

    @property
    def flaws(self) -> tuple[Flaw, ...]:
        """All flaws, in the order of the probes."""
        return tuple(flaw for finding in self.findings for flaw in finding.flaws)

    @property
    def passed_over(self) -> dict[str, str]:
        """Probes that could not look, and why."""
        idle = {f.probe: "; ".join(f.notes) for f in self.findings if not f.figures and not f.flaws}
        return idle | dict(self.failed)

    @property
    def facts(self) -> str:
        """What was asked, in a line."""
        videos = len({case["sha256"] for case in self.cases})
        happen = sum(bool(case["truth"]) for case in self.cases)
        unknown = sum(case["truth"] is None for case in self.cases)
        known = "of which nobody knows the truth" if unknown == len(self.cases) else f"{happen} of which happen"
        return f"{self.subject}: {len(self.cases)} queries, {known}; videos: {videos}"

    @property
    def verdict(self) -> str:
        """How many flaws were found, by how many of the probes."""
        looked = len(self.findings) + len(self.failed) - len(self.passed_over)
        told = f"{looked} of {len(self.findings) + len(self.failed)} probes could look"
        return f"flaws found: {len(self.flaws)}; {told}"

    def document(self) -> Document:
        """What a reader sees: flaws first, then figures beside trivial baselines, curves, and what was asked."""
        return document(self)

    def text(self, translate: Callable[[str], str] = str) -> str:
        """The report for a terminal, with each of its messages in the words that `translate` gives."""
        return text(self.document(), translate)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        content: dict[str, Any] = finite(dataclasses.asdict(self))
        return {"flaws": [dataclasses.asdict(flaw) for flaw in self.flaws], "passed_over": self.passed_over} | content

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Report:
        """Read `to_dict`'s form. Raises KeyError, TypeError for another."""
        findings = tuple(
            Finding(
                row["probe"],
                row["figures"],
                {
                    name: Curve(tuple(c["x"]), tuple(c["y"]), c["x_label"], c["y_label"])
                    for name, c in row["curves"].items()
                },
                tuple(Flaw(**flaw) for flaw in row["flaws"]),
                tuple(row["notes"]),
                tuple(row["rows"]),
            )
            for row in data["findings"]
        )
        plain = {name: data[name] for name in ("model", "subject", "settings", "failed", "receipt")}
        return cls(**plain, cases=tuple(data["cases"]), findings=findings, notes=tuple(data["notes"]))
