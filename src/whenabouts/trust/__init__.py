"""Trust: whether an answer can be believed. Wrappers that are grounders, and probes that question one.

A probe asks a grounder about cases, changed in some way, and compares the answers; where they show a flaw, it names
it. `trust.stress` runs all of them. A probe is a file and a line in `PROBES`; other packages add theirs under
`whenabouts.probes`.
"""

from __future__ import annotations

from whenabouts.plugins import Registry
from whenabouts.trust.probe import Case, Curve, Finding, Flaw, Probe

__all__ = ["PROBES", "Case", "Curve", "Finding", "Flaw", "Probe"]

PROBES: Registry[type[Probe]] = Registry(
    "probe",
    "whenabouts.probes",
    {
        "abstention": "whenabouts.trust.abstention:Abstention",
        "always-answers": "whenabouts.trust.flaws.always_answers:AlwaysAnswers",
        "whole-video": "whenabouts.trust.flaws.whole_video:WholeVideo",
        "copies-prior": "whenabouts.trust.flaws.copies_prior:CopiesPrior",
        "one-frame": "whenabouts.trust.flaws.one_frame:OneFrame",
        "subtitles-only": "whenabouts.trust.flaws.subtitles_only:SubtitlesOnly",
        "random": "whenabouts.trust.flaws.random_answers:RandomAnswers",
        "steps": "whenabouts.trust.steps.probe:StepsProbe",
        "counterfactual": "whenabouts.trust.counterfactual.probe:CounterfactualProbe",
        "degradation": "whenabouts.trust.degradation.probe:DegradationProbe",
        "need": "whenabouts.trust.need.probe:NeedProbe",
        "rephrase": "whenabouts.trust.consistency.rephrase:RephraseProbe",
        "shift": "whenabouts.trust.consistency.shift:ShiftProbe",
        "occurrence": "whenabouts.trust.consistency.occurrence:OccurrenceProbe",
        "composition": "whenabouts.trust.consistency.composition:CompositionProbe",
    },
    fits=lambda part: isinstance(part, type) and issubclass(part, Probe),
)
