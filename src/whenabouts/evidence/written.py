"""What is written on screen: titles, signs, slides and burnt-in subtitles."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from whenabouts.evidence.kinds import OPENING, EvidenceSettings, WordKind
from whenabouts.evidence.screen_text import ScreenReader
from whenabouts.evidence.timed_text import TimedText

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["Written"]

SHOWING = r"read(?:s|ing)?|say(?:s|ing)?|said|spell(?:s|ing)?|titled|labell?ed|with the (?:text|words?)"
SURFACES = (
    r"title(?: card| screen)?|captions?|signs?|signboard|text|words?|screen|slides?|card|banner|poster|label|logo|"
    r"headline|subtitles?|intertitle|chyron|billboard|board|sheet|page|letters|lettering|t-?shirt|jersey|credits?"
)


class Written(WordKind):
    """Text on screen, read by RapidOCR."""

    name, label, help = "written", "written on screen", "Text on screen: titles, signs, slides."
    module, extra = "rapidocr", "ocr"
    literal = True
    on_request = True
    phrases = (
        re.compile(
            rf"{OPENING}(?:(?:a|an|the|some) )?(?:\w+ ){{0,2}}?(?:{SURFACES})(?: on (?:the )?\w+)?"
            rf"(?: (?:that|which|is|are|was))* (?:{SHOWING})(?:\s*:)?(?: the words?)? (?P<words>.+)",
            re.IGNORECASE,
        ),
        re.compile(
            rf"(?:the )?(?:{SURFACES}) (?P<words>.+?)"
            r" (?:appears?|shows? up|(?:is|are) (?:shown|written|displayed))(?: on (?:the )?screen)?",
            re.IGNORECASE,
        ),
    )

    def lines(self, video: Video, settings: EvidenceSettings) -> list[TimedText]:
        """Every text on screen, in order of time. Raises ModelError, VideoError."""
        return self._reader.read(video, fps=settings.ocr_fps, cache=settings.cache, progress=settings.progress)

    @property
    def weight_bytes(self) -> int:
        """Those of the models that find and read text."""
        return self._reader.weight_bytes

    @cached_property
    def _reader(self) -> ScreenReader:
        return ScreenReader()
