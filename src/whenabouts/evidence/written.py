"""What is written on screen: titles, signs, slides and burnt-in subtitles."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from whenabouts.evidence.kinds import EvidenceSettings, WordKind
from whenabouts.evidence.new_pictures import NewPictures
from whenabouts.evidence.timed_text import TimedText

if TYPE_CHECKING:
    from whenabouts.evidence.screen_text import ScreenReader
    from whenabouts.video import Video

__all__ = ["Written"]


class Written(WordKind):
    """Text on screen, read by RapidOCR."""

    name, label, help = "written", "written on screen", "Text on screen: titles, signs, slides."
    module, extra = "rapidocr", "ocr"
    on_request = True

    def lines(self, video: Video, settings: EvidenceSettings) -> list[TimedText]:
        """Every text on screen, in order of time. Raises ModelError, VideoError."""
        pictures = settings.viewer if isinstance(settings.viewer, NewPictures) else None
        fps, cache, progress = settings.ocr_fps, settings.cache, settings.progress
        return self._reader.read(video, fps=fps, cache=cache, progress=progress, pictures=pictures)

    def viewer(self, video: Video, settings: EvidenceSettings) -> NewPictures | None:
        """Keeps the pictures that are to be read; none where the text is known."""
        known = self._reader.known(video, fps=settings.ocr_fps, cache=settings.cache)
        return None if known else NewPictures(video, settings.ocr_fps)

    @property
    def weight_bytes(self) -> int:
        """Those of the models that find and read text."""
        return self._reader.weight_bytes if "_reader" in self.__dict__ else 0

    @cached_property
    def _reader(self) -> ScreenReader:
        from whenabouts.evidence.screen_text import ScreenReader  # only where text is read

        return ScreenReader()
