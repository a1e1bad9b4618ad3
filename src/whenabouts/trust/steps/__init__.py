"""Step-level support: whether what an answer cites shows what it says, and whether the answer comes from there."""

from __future__ import annotations

from whenabouts.trust.steps.cited import Step, cited
from whenabouts.trust.steps.sensitivity import temporal_sensitivity
from whenabouts.trust.steps.support import Scorer, Seeing, Support, Verifying, support
from whenabouts.trust.steps.trace import steps_of

__all__ = [
    "Scorer",
    "Seeing",
    "Step",
    "Support",
    "Verifying",
    "cited",
    "steps_of",
    "support",
    "temporal_sensitivity",
]
