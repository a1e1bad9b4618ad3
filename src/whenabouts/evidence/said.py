"""What is said: subtitles, and speech where there are none."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.evidence.kinds import EvidenceSettings, WordKind
from whenabouts.evidence.speech import SpeechRecogniser
from whenabouts.evidence.subtitles import subtitles
from whenabouts.evidence.timed_text import TimedText

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["Said"]


class Said(WordKind):
    """Subtitle files and tracks; where there are none, speech that a model recognises.

    Without that model there is nothing, unless the kind is required or the model was named.
    """

    name, label, help = "said", "said", "What is said: subtitles, and speech where there are none."
    extra = "speech"  # subtitles need none
    continuous = True

    def lines(self, video: Video, settings: EvidenceSettings) -> list[TimedText]:
        """Raises MissingExtra or ModelError where speech must be recognised and cannot be."""
        found = self.lines_at_hand(video)
        if found or not video.probe.has_audio:
            return found
        try:
            return self._recogniser.recognise(video, cache=settings.cache, progress=settings.progress)
        except (MissingExtra, ModelError):
            if settings.required or self.models.speech_model is not None:
                raise
            return []

    def lines_at_hand(self, video: Video) -> list[TimedText]:
        """Those of subtitles."""
        return subtitles(video)

    @property
    def weight_bytes(self) -> int:
        """Those of the speech model."""
        return self._recogniser.weight_bytes

    @cached_property
    def _recogniser(self) -> SpeechRecogniser:
        return SpeechRecogniser(self.models.speech_model, device=self.models.device)
