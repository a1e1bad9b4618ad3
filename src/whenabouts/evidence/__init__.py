"""Evidence: why a moment may be the one. What is seen, said and written on screen; `KINDS` has them all."""

from whenabouts.evidence.gather import gather, read_lines
from whenabouts.evidence.kinds import (
    KINDS,
    Answer,
    EvidenceKind,
    EvidenceModels,
    EvidenceSettings,
    HeldKinds,
    MomentKind,
    WordKind,
    word_kinds,
)
from whenabouts.evidence.recorded import recorded
from whenabouts.evidence.timed_text import TimedText

__all__ = [
    "KINDS",
    "Answer",
    "EvidenceKind",
    "EvidenceModels",
    "EvidenceSettings",
    "HeldKinds",
    "MomentKind",
    "TimedText",
    "WordKind",
    "gather",
    "read_lines",
    "recorded",
    "word_kinds",
]
