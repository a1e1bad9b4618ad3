"""Trust: whether an answer can be believed. Wrappers that are grounders, and probes that question one.

A probe is a file and a line in `PROBES`; other packages add theirs under `whenabouts.probes`.
"""

from __future__ import annotations

from whenabouts.plugins import Registry
from whenabouts.trust.probe import Case, Curve, Finding, Flaw, Probe

__all__ = ["PROBES", "Case", "Curve", "Finding", "Flaw", "Probe"]

PROBES: Registry[type[Probe]] = Registry(
    "probe",
    "whenabouts.probes",
    {
        "counterfactual": "whenabouts.trust.counterfactual.probe:CounterfactualProbe",
        "degradation": "whenabouts.trust.degradation.probe:DegradationProbe",
        "need": "whenabouts.trust.need.probe:NeedProbe",
        "steps": "whenabouts.trust.steps.probe:StepsProbe",
    },
    fits=lambda part: isinstance(part, type) and issubclass(part, Probe),
)
