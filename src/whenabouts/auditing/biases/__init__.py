"""Biases of a benchmark, one a file; `BIASES` has them by name.

The first seven are those that the field's introductory lecture lists, in its order; the last two are ours.
"""

from __future__ import annotations

from whenabouts.auditing.biases.bias import Bias, Finding, Subject
from whenabouts.auditing.biases.description import Entangled
from whenabouts.auditing.biases.disagreement import Disagreement
from whenabouts.auditing.biases.first_verb import FirstVerb
from whenabouts.auditing.biases.granularity import Granularity
from whenabouts.auditing.biases.long_form import LongForm
from whenabouts.auditing.biases.negatives import NoNegatives
from whenabouts.auditing.biases.prior import PriorOnly
from whenabouts.auditing.biases.split import SplitLeak
from whenabouts.auditing.biases.static import StaticShortcut

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
