"""A grounder that reads only what is said: its answers stay without pictures, and go with the words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from whenabouts.evidence.subtitles import subtitles
from whenabouts.grounders.grounder import Grounder
from whenabouts.progress import Progress
from whenabouts.trust.answers import answers_to, videos_of
from whenabouts.trust.flaws.deciding import decides
from whenabouts.trust.probe import Case, Finding, Flaw, Probe
from whenabouts.trust.views import Painted, Wordless
from whenabouts.video import Video

__all__ = ["SubtitlesOnly"]

FEWEST = 10  # queries


class SubtitlesOnly(Probe):
    """Asks about grey pictures with the same words, and about the same pictures without words.

    Some queries must be about what is seen, or must not happen: a grounder that looks answers those otherwise when it
    sees nothing, though words decide all others.
    """

    name: ClassVar[str] = "subtitles-only"

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """Named where answers stay without pictures, and change without words. Only videos with words are used."""
        heard = {id(case.video): _has_words(case.video) for case in cases}
        used = [case for case in cases if heard[id(case.video)]]
        if len(used) < FEWEST:
            note = f"{len(used)} queries are about videos with subtitles or sound; {FEWEST} are needed"
            return Finding(self.name, notes=(note,))
        plain = answers_to(grounder, used, progress=progress)
        grey = partial(Painted, start=0.0, end=0.0)
        alone = answers_to(grounder, used, change=grey, progress=progress, activity="asking without pictures")
        without = answers_to(grounder, used, change=Wordless, progress=progress, activity="asking without words")
        found = decides(plain, alone, without, videos_of(used))
        figures = {
            "stay without pictures": found.stay.mean,
            "stay without pictures low": found.stay.low,
            "changed without words": found.changed / found.queries,
        }
        flaw = Flaw(
            self.name,
            f"{found.stay.mean:.0%} of its answers (95 % at least {found.stay.low:.0%}) stay as they are when all "
            f"pictures are grey, and {found.changed} of {found.queries} change without words: it reads only subtitles "
            "and speech",
        )
        left = len(cases) - len(used)
        notes = (f"{left} queries about videos without words were passed over",) if left else ()
        return Finding(self.name, figures, flaws=(flaw,) if found.flawed else (), notes=notes)


def _has_words(video: Video) -> bool:
    return video.probe.has_audio or bool(subtitles(video))
