"""What is said: subtitles, and speech where there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import ref

from whenabouts.errors import MissingExtra
from whenabouts.evidence.kinds import EvidenceSettings, WordKind
from whenabouts.evidence.subtitles import read_subtitles
from whenabouts.evidence.timed_text import Subtitles, TimedText

if TYPE_CHECKING:
    from whenabouts.evidence.speech import SpeechRecogniser
    from whenabouts.video import Video

__all__ = ["Said"]


class Said(WordKind):
    """Subtitle files and tracks; where there are none, speech that a model recognises.

    Without the extra "speech" there is nothing then, unless the kind is required or a model was named.
    """

    name, label, help = "said", "said", "What is said: subtitles, and speech where there are none."
    extra = "speech"  # subtitles need none
    continuous = True

    _listened = False
    _read: tuple[ref[Video], Subtitles] | None = None  # what was read last: text tracks lie all over a file

    def lines(self, video: Video, settings: EvidenceSettings) -> list[TimedText]:
        """Raises MissingExtra where speech must be recognised and cannot be, ModelError for a damaged model."""
        self._listened = False
        found = self.lines_at_hand(video)
        if found or not video.probe.has_audio:
            return found
        try:
            found = self._recogniser.recognise(video, cache=settings.cache, progress=settings.progress)
        except MissingExtra:
            if settings.required or self.models.speech_model is not None:
                raise
        else:
            self._listened = True
        return found

    def lines_at_hand(self, video: Video) -> list[TimedText]:
        """Those of subtitles."""
        return list(self._subtitles(video).lines)

    def notes(self, video: Video) -> Sequence[str]:
        """What was guessed of subtitles, or could not be read."""
        return self._subtitles(video).notes

    def _subtitles(self, video: Video) -> Subtitles:
        if self._read is None or self._read[0]() is not video:
            self._read = ref(video), read_subtitles(video)
        return self._read[1]

    @property
    def identities(self) -> Mapping[str, str]:
        """Those of the speech model, where the last lines came from one."""
        return self._recogniser.identities if self._listened else {}

    @property
    def weight_bytes(self) -> int:
        """Those of the speech model."""
        return self._recogniser.weight_bytes if "_recogniser" in self.__dict__ else 0

    @cached_property
    def _recogniser(self) -> SpeechRecogniser:
        from whenabouts.evidence.speech import SpeechRecogniser  # only where speech is recognised

        return SpeechRecogniser(self.models.speech_model, device=self.models.device)
