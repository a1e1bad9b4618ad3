"""`Scenes`: the shots of a video, or the moments of answers, as a list with pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import Field

from whenabouts.commands.choices import ONLY, Font
from whenabouts.commands.opening import Opening
from whenabouts.interchange.only import Only
from whenabouts.progress import Progress, stage

if TYPE_CHECKING:
    from whenabouts.interchange.scenes import SceneList
    from whenabouts.prediction import Prediction
    from whenabouts.video import Video

__all__ = ["Scenes"]

PAGES = {".html", ".htm", ".pdf"}


class Scenes(Opening):
    """Every shot of a video with a picture, its timecode and its length; or every moment of answers about it."""

    cache: bool = Field(True, description="Keep the shots for the next time, by the content of the file.")
    only: Only = Field("likely", description=f"Of answers. {ONLY}")
    font: Font = None

    def run(
        self,
        video: Video,
        outs: Sequence[Path] = (),
        *,
        answers: Sequence[Prediction] | None = None,
        progress: Progress | None = None,
    ) -> SceneList:
        """The scenes, in order of time, and a file of them for each of `outs`.

        outs:    contact sheets with pictures (.html, .pdf), or the moments in any format of `whenabouts.write`
        answers: list their moments instead of the shots; those about other videos are left out, with a note

        Raises VideoError, InputError, MissingExtra.
        """
        from whenabouts.evidence.signal import shots
        from whenabouts.files.outputs import check_outputs
        from whenabouts.interchange.belonging import answers_about
        from whenabouts.interchange.formats import format_of
        from whenabouts.interchange.pdf_text import PDFText
        from whenabouts.interchange.scenes import of_moments, of_shots
        from whenabouts.interchange.timeline import Timeline

        check_outputs(outs, [video.path])
        for out in outs:
            if out.suffix.lower() == ".pdf":
                PDFText(self.font)  # said now, not after the work
            elif out.suffix.lower() not in PAGES:
                format_of(out)
        timeline = Timeline.of(video)
        if answers is None:
            found = shots(video, cache=self.cache, progress=stage(progress, "looking for cuts"))
            scenes = of_shots(timeline, found)
        else:
            answers, notes = answers_about(answers, video)
            scenes = of_moments(timeline, answers, self.only)
            scenes = replace(scenes, notes=(*notes, *scenes.notes))
        for out in outs:
            scenes = self._write(scenes, video, out, answers, progress)
        return scenes

    def _write(
        self,
        scenes: SceneList,
        video: Video,
        out: Path,
        answers: Sequence[Prediction] | None,
        progress: Progress | None,
    ) -> SceneList:
        """Write one file; the scenes, with what is to be known of the file among their notes."""
        from whenabouts.interchange.contact_sheet import write_page
        from whenabouts.interchange.contact_sheet_pdf import write_pdf
        from whenabouts.interchange.formats import write

        told = stage(progress, "taking pictures")
        if out.suffix.lower() == ".pdf":
            notes = write_pdf(scenes, video, out, font=self.font, progress=told)
            return replace(scenes, notes=tuple(dict.fromkeys((*scenes.notes, *notes))))
        if out.suffix.lower() in PAGES:
            write_page(scenes, video, out, progress=told)
        else:
            write([scenes.as_prediction()] if answers is None else answers, scenes.timeline, out, only=self.only)
        return scenes

    @classmethod
    def of(cls, **fields: object) -> Self:
        """As `Command.of`; a font may be a string."""
        if isinstance(font := fields.get("font"), str):
            fields["font"] = Path(font)
        return super().of(**fields)
