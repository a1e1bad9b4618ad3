"""Gather what can be read or heard in a video, as lines of text with their times."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from whenabouts.errors import InputError
from whenabouts.evidence.kinds import EvidenceModels, EvidenceSettings, HeldKinds, WordKind, word_kinds
from whenabouts.evidence.recorded import record
from whenabouts.evidence.timed_text import TimedText, tidy
from whenabouts.progress import Fraction, part

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["gather", "read_lines"]

log = logging.getLogger(__name__)


def gather(
    video: Video,
    kinds: Collection[str] | None = None,
    *,
    required: Collection[str] = (),
    speech_model: str | None = None,
    cache: bool = True,
    progress: Fraction | None = None,
) -> list[TimedText]:
    """All lines of these kinds, in order of time; None are all kinds that give lines.

    A kind whose extra or model is absent gives nothing, unless it is in `required`: then MissingExtra or ModelError is
    raised. `speech_model` is what recognises speech, as `EvidenceModels` has it; one that is named must be there.
    `progress` receives the fraction done. What of subtitles could not be read is logged. Raises InputError for a kind
    that is unknown or gives no lines, VideoError.
    """
    names = word_kinds() if kinds is None else kinds
    held = HeldKinds(EvidenceModels(speech_model=speech_model))
    if required:
        held.chosen(required)
    chosen = held.chosen(names, required=False) if names else []
    words = [kind for kind in chosen if isinstance(kind, WordKind)]
    if other := [kind.name for kind in chosen if kind not in words]:
        raise InputError(
            f"the evidence kind {other[0]!r} gives no lines of text; choose from: {', '.join(word_kinds())}"
        )
    lines = read_lines(video, words, EvidenceSettings(cache=cache, progress=progress), required=required)
    for note in (note for kind in words for note in kind.notes(video)):
        log.warning("%s", note)
    return lines


def read_lines(
    video: Video, kinds: Sequence[WordKind], settings: EvidenceSettings, *, required: Collection[str] = ()
) -> list[TimedText]:
    """The lines of all these kinds, in order of time; those named in `required` must be possible."""
    lines: list[TimedText] = []
    for number, kind in enumerate(kinds):
        share = part(settings.progress, number / len(kinds), (number + 1) / len(kinds))
        must = settings.required or kind.name in required
        of_kind = kind.lines(video, replace(settings, required=must, progress=share))
        record(video, kind.name, of_kind)
        log.debug("read what is %s in %s", kind.name, video.path, extra={"lines": len(of_kind)})
        lines += of_kind
    if settings.progress:
        settings.progress(1.0)
    return tidy(lines, video.duration)
