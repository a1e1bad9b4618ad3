"""`Placed`: where a run of the user's stands among published figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from whenabouts.auditing.contamination import Contamination
from whenabouts.auditing.leaderboard.figure import Key
from whenabouts.documents.document import Section, Table

__all__ = ["Neighbour", "Placed"]

SETTINGS = (
    "prompt",
    "frames per second",
    "pixel budget",
    "timestamps",
    "parser",
)  # what no figure is comparable without


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A published figure near a run, in per cent, and its published rank; blind baselines have none."""

    system: str
    value: float
    rank: int | None = None

    def __str__(self) -> str:
        return f"{self.system} ({round(self.value, 2):g})"


@dataclass(frozen=True, slots=True)
class Placed:
    """A run of the user's in a group.

    value, interval: in per cent, with 95 % bounds by resampling videos; None where the metric has none
    rank, of:   the rank that it would have if it were published, and how many would then be ranked
    above, below: the nearest ranked figures; None at the ends
    alike:      ranked figures within the bounds, from which it cannot be told apart
    equal:      ranked figures that it equals at the digits that were published
    blind:      the best blind baseline under the same protocol
    scores:     all scores of the run under the group's protocol
    settings:   the settings of `made.STATED` as the receipts have them; None for what is not stated there
    training:   whether its model was trained on what it is tested on; None where no model is named
    """

    name: str
    key: Key
    metric: str
    value: float
    interval: tuple[float, float] | None
    rank: int
    of: int
    above: Neighbour | None
    below: Neighbour | None
    alike: tuple[Neighbour, ...]
    equal: tuple[Neighbour, ...]
    blind: Neighbour | None
    scores: Mapping[str, float]
    settings: Mapping[str, str | None]
    training: Contamination | None
    notes: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """Its place in the published order, whose ranks stay as they are."""
        if self.equal:
            return f"level with {self.equal[0].rank}"
        if self.above and self.below:
            return f"between {self.above.rank} and {self.below.rank}"
        return f"above {self.below.rank}" if self.below else f"below {self.above.rank}" if self.above else "–"

    @property
    def verdicts(self) -> tuple[str, ...]:
        """Where it stands, in sentences."""
        shown = f"{self.value:.2f}"
        if self.interval:
            shown += " (95 %: {:.1f} – {:.1f})".format(*self.interval)
        told = [f"{self.name}: {self.metric} {shown} would be rank {self.rank} of {self.of} ({self.key.setting})."]
        if self.above and self.below:
            told.append(f"It is between {self.above} and {self.below}.")
        elif self.below:
            told.append(f"It is above {self.below}.")
        elif self.above:
            told.append(f"It is below {self.above}.")
        if self.alike:
            told.append(f"It is not distinguishable from {', '.join(map(str, self.alike))}.")
        elif self.interval is None:
            told.append("It has no bounds, so nothing says what it can be told apart from.")
        if self.blind and self.value <= self.blind.value:
            told.append(f"Answers that never look at the video do as well: {self.blind}.")
        elif self.blind and self.interval and self.interval[0] <= self.blind.value:
            told.append(f"It cannot be told apart from answers that never look at the video: {self.blind}.")
        return tuple(told)

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        whole = asdict(self) | {"key": self.key._asdict(), "verdicts": self.verdicts}
        return whole | {"where": self.where, "training": self.training.to_dict() if self.training else None}

    def beside(self) -> list[str]:
        """What is to be known of its score, in sentences."""
        told = [f"{self.name} equals the published figure of {one}." for one in self.equal]
        if self.blind:
            told.append(f"The best blind baseline, {self.blind.system}, has {self.blind.value:.2f}.")
        return told

    def section(self) -> Section:
        """How it was made, whatever figures it is compared with."""
        lacking = [name for name, value in self.settings.items() if value is None]
        told = []
        if lacking:
            told.append(f"The answers do not say: {', '.join(lacking)}; published figures move by points with these.")
        if self.training is None:
            told.append("The answers do not name a model, so what it was trained on is unknown.")
        else:
            reasons = "; ".join(self.training.reasons)
            told.append(f"Training data of {self.training.system}: {self.training.verdict}: {reasons}.")
        known = tuple((name, value) for name, value in self.settings.items() if value is not None)
        return Section(f"How {self.name} was made", tuple(told), (Table(("setting", "value"), known),) if known else ())
