"""Which lines answer a query: by their words, by their meaning in any of 16 languages, and by what speakers do."""

from __future__ import annotations

from whenabouts.evidence.retrieve.match import Match
from whenabouts.evidence.retrieve.ranking import retrieve
from whenabouts.evidence.retrieve.sentences import sentences

__all__ = ["Match", "retrieve", "sentences"]
