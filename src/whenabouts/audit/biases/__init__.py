"""Biases of a benchmark, one a file; `BIASES` has them by name.

The first seven are those that the field's introductory lecture lists, in its order; the last two are ours.
"""

from __future__ import annotations

from whenabouts.audit.biases.bias import Bias, Finding, Subject
from whenabouts.audit.biases.description import Entangled
from whenabouts.audit.biases.disagreement import Disagreement
from whenabouts.audit.biases.first_verb import FirstVerb
from whenabouts.audit.biases.granularity import Granularity
from whenabouts.audit.biases.long_form import LongForm
from whenabouts.audit.biases.negatives import NoNegatives
from whenabouts.audit.biases.prior import PriorOnly
from whenabouts.audit.biases.split import SplitLeak
from whenabouts.audit.biases.static import StaticShortcut

__all__ = ["BIASES", "Bias", "Finding", "Subject"]

BIASES: dict[str, Bias] = {
    bias.name: bias
    for bias in (
        PriorOnly(),
        FirstVerb(),
        NoNegatives(),
        Entangled(),
        Granularity(),
        SplitLeak(),
        LongForm(),
        Disagreement(),
        StaticShortcut(),
    )
}
