"""One frame is enough: queries that name things and states, which a picture shows, in place of what happens."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from whenabouts.auditing.biases.bias import Bias, Finding, Subject
from whenabouts.auditing.biases.samples import FEWEST, english, percent, share
from whenabouts.documents.chart import Bars
from whenabouts.query.verbs import verbs_in

__all__ = ["StaticShortcut"]

PROBE = "one-frame"
MANY = 0.5  # of the queries
STATES = frozenset(
    ("sit", "stand", "lie", "hold", "wear", "see", "show", "look", "watch", "sleep", "wait", "hang", "lean", "stay")
)


class StaticShortcut(Bias):
    """The share of queries without a verb of action, and what a probe found of a system that saw one frame.

    Words cannot say whether one frame is enough: an action may be told by its object, as drinking by a cup. So no
    benchmark is cleared by its words.
    """

    name: ClassVar[str] = "static shortcut"
    title: ClassVar[str] = "Static shortcut: one frame is enough"

    def look(self, subject: Subject) -> Finding:
        """Present where most queries have no verb of action, or where a system's answers rest on one frame."""
        examples = [e for e in subject.examples if e.query.strip()]
        probe = subject.probes.get(PROBE)
        figures = {f"one frame: {name}": value for name, value in probe.figures.items()} if probe else {}
        if probe is not None and "stay" in probe.figures:
            stay, stretch = probe.figures["stay"], probe.figures["stretch"]
            told = (
                f"{100 * stay:.0f} % of the system's answers stay as they are when all but {100 * stretch:.0f} % of "
                "the video is grey"
            )
            verdict = f"bias present: {told}" if probe.flaws else f"bias not seen: {told}"
            return Finding(self.name, figures, {}, verdict, (), (), (), bool(probe.flaws))
        if len(examples) < FEWEST or not english(examples):
            return Finding(self.name, figures, {}, f"cannot be told: {_ASK}")
        verbs = [verbs_in(e.query) for e in examples]
        without = share([not each for each in verbs], examples)
        static = share([set(each) <= STATES for each in verbs], examples)
        figures |= {
            "without a verb": without.mean,
            "without an action": static.mean,
            "without an action low": static.low,
        }
        present = True if static.low > MANY else None
        told = f"no verb of action is in {percent(static)} of the queries, and no verb at all in {percent(without)}"
        verdict = f"bias present: {told}" if present else f"cannot be told: {told}; {_ASK}"
        action = float(np.clip(1 - static.mean, 0, 1))
        chart = Bars(
            "What the words of queries name",
            ("an action", "states only", "no verb"),
            {"queries": (100 * action, 100 * (static.mean - without.mean), 100 * without.mean)},
            "queries (%)",
        )
        return Finding(self.name, figures, {}, verdict, (_OF_WORDS,), (), (chart,), present)


_ASK = "whether one frame is enough only a system can show; run `whenabouts stress` with the probe one-frame"
_OF_WORDS = "words do not say whether an action can be told from one frame by its object or its place"
