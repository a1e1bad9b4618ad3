"""A contact sheet as a PDF of A4 pages: rows of pictures, each with number, timecode and length below it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from whenabouts.files.atomic import replacing
from whenabouts.interchange.contact_sheet import heading, pictured, summary
from whenabouts.interchange.pdf_text import PDFText, reportlab, wrapping
from whenabouts.interchange.scenes import Scene, SceneList
from whenabouts.progress import Fraction
from whenabouts.video import Video

__all__ = ["write_pdf"]

MARGIN, GAP = 36, 10  # points
COLUMNS = 4
SMALL, TITLE = 8, 15  # points, of type
LINES = 3  # of words below a picture
RATIO = 9 / 16  # of the box of a picture


def write_pdf(
    scenes: SceneList, video: Video, out: Path, *, font: Path | None = None, progress: Fraction | None = None
) -> tuple[str, ...]:
    """Write the sheet at `out`, completely or not at all; returns what a reader of it should know.

    Raises MissingExtra, InputError, VideoError.
    """
    words = PDFText(font)
    paper = reportlab("lib.pagesizes").landscape(reportlab("lib.pagesizes").A4)
    with replacing(out, folders=True) as part:
        sheet = _Sheet(reportlab("pdfgen.canvas").Canvas(str(part), pagesize=paper, invariant=1), paper, words)
        sheet.canvas.setTitle(heading(scenes))
        sheet.head(heading(scenes), summary(scenes))
        for scene, jpeg in pictured(scenes, video, progress):
            sheet.place(scene, jpeg)
        sheet.canvas.save()
    return (*scenes.notes, *words.notes())


class _Sheet:
    """A canvas that is filled from the left to the right and from the top to the bottom."""

    def __init__(self, canvas: Any, paper: tuple[float, float], words: PDFText) -> None:
        self.canvas, self.words = canvas, words
        self.width, self.height = paper
        self.box = (self.width - 2 * MARGIN - (COLUMNS - 1) * GAP) / COLUMNS
        self.tall = self.box * RATIO
        self.column, self.top = 0, self.height - MARGIN
        self.style = reportlab("lib.styles").ParagraphStyle(
            "words", fontName=words.face, fontSize=SMALL, leading=SMALL * 1.25
        )

    def head(self, title: str, facts: str) -> None:
        """The title of the sheet and a line below it."""
        big = self.style.clone("title", fontSize=TITLE, leading=TITLE * 1.3)
        for style, text in ((big, title), (self.style, facts)):
            self.top -= self._write(style, self.words.markup(text), MARGIN, self.top, self.width - 2 * MARGIN)
        self.top -= GAP

    def place(self, scene: Scene, jpeg: bytes | None) -> None:
        """A scene in the next free place."""
        below = LINES * self.style.leading + GAP
        if self.top - self.tall - below < MARGIN:
            self.canvas.showPage()
            self.top = self.height - MARGIN
        left = MARGIN + self.column * (self.box + GAP)
        self.canvas.setFillGray(0)
        self.canvas.rect(left, self.top - self.tall, self.box, self.tall, stroke=0, fill=1)
        if jpeg:
            picture = reportlab("lib.utils").ImageReader(BytesIO(jpeg))
            place = left, self.top - self.tall, self.box, self.tall
            self.canvas.drawImage(picture, *place, preserveAspectRatio=True, anchor="c")
        name = self.words.markup(f"{scene.number}. {scene.name}" if scene.name else str(scene.number))
        facts = self.words.markup(", ".join(filter(None, (scene.length, scene.note))))
        text = f"{self.words.markup(' – '.join(scene.timecode))}<br/>{facts}<br/>{name}"
        self._write(self.style, text, left, self.top - self.tall - 2, self.box, LINES)
        self.column = (self.column + 1) % COLUMNS
        if not self.column:
            self.top -= self.tall + below

    def _write(self, style: Any, markup: str, left: float, top: float, width: float, lines: int | None = None) -> float:
        """Write a paragraph below `top`, cut after some lines; returns its height."""
        style.wordWrap = wrapping(markup)
        paragraph = reportlab("platypus").Paragraph(markup, style)
        _, tall = paragraph.wrap(width, self.height)
        if lines is not None and tall > lines * style.leading:
            paragraph = paragraph.split(width, lines * style.leading)[0]
            _, tall = paragraph.wrap(width, self.height)
        paragraph.drawOn(self.canvas, left, top - tall)
        return float(tall)
