"""`Transcribe`: what is said in a video, as a document with timecodes, speakers and moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import Field

from whenabouts.commands.choices import ONLY, EvidenceName, Font
from whenabouts.commands.opening import Reading
from whenabouts.interchange.only import Only, chosen
from whenabouts.progress import Progress, stage

if TYPE_CHECKING:
    from whenabouts.interchange.transcript import Transcript
    from whenabouts.prediction import Prediction
    from whenabouts.video import Video

__all__ = ["Transcribe", "Written"]


@dataclass(frozen=True, slots=True)
class Written:
    """A transcript, and what readers of its files should know."""

    transcript: Transcript
    notes: tuple[str, ...]


class Transcribe(Reading):
    """What is said or written in a video, from its subtitles or by listening."""

    evidence: tuple[EvidenceName, ...] = Field(
        ("said",), min_length=1, description="Kinds of words: said, written. Repeatable."
    )
    speech_model: str | None = Field(None, description="Recogniser of speech: a name or a folder of a Whisper model.")
    cache: bool = Field(True, description="Keep recognised words for the next time, by the content of the file.")
    only: Only = Field("likely", description=f"Of answers. {ONLY}")
    font: Font = None

    def run(
        self,
        video: Video,
        outs: Sequence[Path] = (),
        *,
        answers: Sequence[Prediction] = (),
        progress: Progress | None = None,
    ) -> Written:
        """The transcript, and a file of it for each of `outs`: .txt, .docx or .pdf.

        answers: whose moments are marked; those about other videos are left out, with a note

        Raises VideoError, InputError, ModelError, MissingExtra.
        """
        from whenabouts.evidence import gather
        from whenabouts.files.outputs import check_outputs
        from whenabouts.interchange.belonging import answers_about
        from whenabouts.interchange.timeline import Timeline
        from whenabouts.interchange.transcript import transcript
        from whenabouts.interchange.transcript_files import check_document, write_document

        check_outputs(outs, [video.path])
        for out in outs:
            check_document(out, self.font)
        answers, notes = answers_about(answers, video)
        told, kinds = stage(progress, "reading and listening"), self.evidence
        lines = gather(video, kinds, required=kinds, speech_model=self.speech_model, cache=self.cache, progress=told)
        made = transcript(Timeline.of(video), lines, chosen(answers, self.only))
        if not lines:
            notes.append("no words were found in this video: there are no subtitles, and no speech was heard")
        for out in outs:
            notes += write_document(made, out, font=self.font)
        return Written(made, tuple(dict.fromkeys(notes)))

    @classmethod
    def of(cls, **fields: object) -> Self:
        """As `Command.of`; a font may be a string."""
        if isinstance(font := fields.get("font"), str):
            fields["font"] = Path(font)
        return super().of(**fields)
