"""The report on answers that were given online: the benchmark's scores, when things were told, and what that cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from whenabouts.evaluation.report import Report, aligned
from whenabouts.files.json import finite

__all__ = ["OnlineReport"]


@dataclass(frozen=True, kw_only=True)
class OnlineReport(Report):
    """Scores of the moments as they were known last, under the benchmark's protocol, with what is online about them.

    final:   the report on those moments
    online:  the figures of `evaluation.online.figures` by name
    blind:   the same of answers that never look, by name
    onvtg:   the official figures of OnVTG, with its habits; empty where they are not defined
    counts:  what the figures are about
    compute: what the playing took; None where nobody says
    offline: scores of answers that saw whole videos, where they were given
    """

    final: Report
    online: dict[str, float]
    blind: dict[str, dict[str, float]]
    onvtg: dict[str, float]
    counts: dict[str, float]
    compute: dict[str, float | None]
    offline: dict[str, float] | None = None

    @property
    def gap(self) -> dict[str, float]:
        """What knowing only the past costs, by score: offline − online, in points of per cent."""
        offline = self.offline or {}
        return {name: offline[name] - score for name, score in self.scores.items() if name in offline}

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values; null stands for what is not a number."""
        content = self.final.to_dict() | {
            "notes": list(self.notes),
            "online": self.online | {"counts": self.counts, "compute": self.compute},
            "online_blind": self.blind,
            "onvtg": self.onvtg,
            "offline_scores": self.offline,
            "gap": self.gap,
        }
        values: dict[str, Any] = finite(content)
        return values

    def table(self) -> str:
        """The report of the protocol, then the online figures beside blind ones, the gap and the cost, as text."""
        rows = [["figure", "online", *self.blind]]
        for name, value in self.online.items():
            rows.append([name, _number(value), *(_number(figures[name]) for figures in self.blind.values())])
        parts = [self.final.table(), f"{self._heading} · online", "", aligned(rows)]
        parts.append(
            "{queries:g} queries, {answered:g} answered; {true_windows:g} true windows; {moments:g} moments told; "
            "{false_alarms:g} false alarms in {quiet_hours:.2f} hours without the event".format(**self.counts)
        )
        if self.onvtg:
            official = ", ".join(f"{name} {_number(value)}" for name, value in self.onvtg.items())
            parts.append(f"as OnVTG's code counts (queries without a moment are skipped): {official}")
        if cost := [_cost(name, value) for name, value in self.compute.items() if value is not None]:
            parts.append("cost: " + ", ".join(cost))
        parts += self._noted
        if self.offline is not None:
            table = [["score", "offline", "online", "gap", "of offline"]]
            for name, gap in self.gap.items():
                share = f"{100 * gap / self.offline[name]:.1f} %" if self.offline[name] else "–"
                table.append([name, f"{self.offline[name]:.2f}", f"{self.scores[name]:.2f}", f"{gap:.2f}", share])
            parts += [f"{self._heading} · what knowing only the past costs", "", aligned(table)]
        return "\n".join(parts)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"


def _cost(name: str, value: float) -> str:
    return {
        "max_fps": f"up to {value:.1f} pictures per second",
        "latency": f"{1000 * value:.1f} ms from a picture to an event (median)",
        "resident_bytes": f"{value / 1e6:.2f} MB kept of the stream",
        "seconds_per_second": f"{value:.4f} s of computing per second of stream",
    }[name]
