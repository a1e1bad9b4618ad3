"""Which lines answer a query: by their words, their meaning in many languages, and what speakers do in them.

`sentences` joins lines; `features` says what is known of each for a query (`wording`, `meaning`, `acts`, `answers`);
`calibration` makes a probability of it; `ranking` puts all in order. Measured by `bench/retrieval.py` (captions of
ActivityNet) and fitted by `bench/retrieval_fit.py` (dialogues of `synthetic.dialogue`, tuning half).
"""

from __future__ import annotations

from whenabouts.evidence.retrieve.match import Match
from whenabouts.evidence.retrieve.ranking import retrieve
from whenabouts.evidence.retrieve.sentences import sentences

__all__ = ["Match", "retrieve", "sentences"]
