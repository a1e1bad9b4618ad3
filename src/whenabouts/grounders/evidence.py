"""What grounders that weigh evidence have alike: its kinds and models, a reader, and the lines of the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from whenabouts.encoders import DEFAULT_ENCODER, Encoder
from whenabouts.evidence import EvidenceModels, HeldKinds, TimedText
from whenabouts.grounders.grounder import BaseGrounder
from whenabouts.grounders.neighbours import line_beside
from whenabouts.moment import Moment
from whenabouts.query import ParsedQuery

if TYPE_CHECKING:
    from whenabouts.grounders.llm.engines.openai import Usage
    from whenabouts.grounders.reader import Reader

__all__ = ["SURE", "EvidenceGrounder"]

SURE = 0.5  # from this presence on nobody needs to be told what was not looked at


@dataclass(kw_only=True)
class EvidenceGrounder(BaseGrounder):
    """A grounder over kinds of evidence.

    encoder:      of frames and sentences: a name for `load_encoder`, or an encoder
    evidence:     kinds that may answer, by name; each must be possible, else MissingExtra. None takes all that are
                  installed, and what is costly only where a query asks for it
    speech_model: what recognises speech where there are no subtitles, as `EvidenceModels` has it
    sound_model:  what tells sounds apart, as `EvidenceModels` has it
    reader:       a language model that reads the lines too, as `Reader.named` takes it; None is none
    """

    encoder: str | Encoder = DEFAULT_ENCODER
    evidence: Sequence[str] | None = None
    speech_model: str | None = None
    sound_model: str | None = None
    reader: str | None = None
    _lines: list[TimedText] = field(default_factory=list, init=False, repr=False, compare=False)

    def beside(self, query: ParsedQuery, anchor: Moment, duration: float) -> Moment | None:
        """The line that stands directly before or after the anchor; where there are no lines, a few seconds."""
        return line_beside(query, anchor, self._lines) or super().beside(query, anchor, duration)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights held by now."""
        reader = self.__dict__.get("_reader")
        return self._kinds.weight_bytes + (reader.weight_bytes if reader else 0)

    @property
    def usage(self) -> Usage | None:
        """Requests and tokens of the reader so far, where a server counts them."""
        reader = self.__dict__.get("_reader")
        return reader.usage if reader else None

    @cached_property
    def _reader(self) -> Reader | None:
        if self.reader is None:
            return None
        from whenabouts.grounders.reader import Reader

        return Reader.named(self.reader, device=self.device)

    @cached_property
    def _kinds(self) -> HeldKinds:
        return HeldKinds(EvidenceModels(self.encoder, self.speech_model, self.sound_model, self.device))
