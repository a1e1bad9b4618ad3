"""A transcript as a file to read, print and write on: plain text, Word, PDF."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from whenabouts.errors import InputError, MissingExtra
from whenabouts.files.atomic import replacing
from whenabouts.interchange.pdf_text import PDFText, reportlab, wrapping
from whenabouts.interchange.transcript import Mark, Paragraph, Transcript
from whenabouts.video.source import shown

__all__ = ["DOCUMENTS", "text", "write_document"]

OPEN, CLOSE = "»", "«"  # around the words of a moment, in plain text
MARKED = "#ffe58a"  # the colour behind them
MARGIN = 56  # points


def write_document(transcript: Transcript, out: Path, *, font: Path | None = None) -> tuple[str, ...]:
    """Write the transcript at `out` in the format of its suffix; returns what a reader of it should know.

    Raises InputError for another suffix or a file that cannot be written, MissingExtra.
    """
    check_document(out, font)
    with replacing(out, folders=True) as part:
        return DOCUMENTS[out.suffix.lower()](transcript, part, font)


def check_document(out: Path, font: Path | None = None) -> None:
    """Refuse what could not be written, before the work. Raises InputError, MissingExtra."""
    suffix = out.suffix.lower()
    if suffix not in DOCUMENTS:
        raise InputError(f"{shown(out)} is no transcript: name it {', '.join(DOCUMENTS)}")
    if suffix == ".docx":
        _docx()
    elif suffix == ".pdf":
        PDFText(font)


def text(transcript: Transcript) -> str:
    """Plain text: a line with timecode and speaker, then what is said; moments in lines with a star."""
    lines = [transcript.title, transcript.facts, ""]
    for part in transcript.parts:
        if isinstance(part, Mark):
            lines += [f"* {part.text}", ""]
        else:
            lines += [f"[{part.timecode}] {part.speaker}".rstrip(), _plain(part), ""]
    return "\n".join(lines).rstrip() + "\n"


def _plain(paragraph: Paragraph) -> str:
    stretches = _stretches(paragraph)
    return " ".join(f"{OPEN}{words}{CLOSE}" if marked else words for marked, words in stretches)


def _stretches(paragraph: Paragraph) -> list[tuple[bool, str]]:
    """The words of a paragraph, parted only where a moment begins or ends."""
    grouped = groupby(paragraph.runs, key=lambda run: run.marked)
    return [(marked, " ".join(run.text for run in runs)) for marked, runs in grouped]


def _write_text(transcript: Transcript, out: Path, _font: Path | None) -> tuple[str, ...]:
    out.write_bytes(text(transcript).encode("utf-8", "backslashreplace"))
    return ()


def _write_word(transcript: Transcript, out: Path, _font: Path | None) -> tuple[str, ...]:
    docx = _docx()
    document = docx.Document()
    document.core_properties.title = transcript.title
    document.core_properties.author = ""
    document.add_heading(transcript.title, 1)
    document.add_paragraph(transcript.facts)
    for part in transcript.parts:
        if isinstance(part, Mark):
            document.add_paragraph(part.text, style="List Bullet")
            continue
        written = document.add_paragraph()
        written.add_run(f"{part.timecode} ").bold = True
        if part.speaker:
            written.add_run(f"{part.speaker}: ").bold = True
        for number, (marked, words) in enumerate(_stretches(part)):
            run = written.add_run(f" {words}" if number else words)
            if marked:
                run.font.highlight_color = docx.enum.text.WD_COLOR_INDEX.YELLOW
    document.save(str(out))
    return ()


def _docx() -> Any:
    try:
        import docx
        import docx.enum.text
    except ImportError as error:
        raise MissingExtra("documents", "writing a Word document") from error
    return docx


def _write_pdf(transcript: Transcript, out: Path, font: Path | None) -> tuple[str, ...]:
    words, platypus, styles = PDFText(font), reportlab("platypus"), reportlab("lib.styles")
    body = styles.ParagraphStyle("body", fontName=words.face, fontSize=10, leading=14, spaceAfter=8)
    title = body.clone("title", fontSize=16, leading=22)
    mark = body.clone("mark", leftIndent=14, borderPadding=2, textColor="#8a2d00")

    def paragraph(markup: str, style: Any) -> Any:
        return platypus.Paragraph(markup, style.clone(style.name, wordWrap=wrapping(markup)))

    story = [paragraph(words.markup(transcript.title), title), paragraph(words.markup(transcript.facts), body)]
    for part in transcript.parts:
        if isinstance(part, Mark):
            story.append(paragraph(words.markup(f"• {part.text}"), mark))
            continue
        who = f"{part.timecode} {part.speaker}".rstrip()
        said = " ".join(
            f'<font backColor="{MARKED}">{words.markup(each)}</font>' if marked else words.markup(each)
            for marked, each in _stretches(part)
        )
        story.append(paragraph(f'<font color="#5b5f66">{words.markup(who)}</font><br/>{said}', body))
    paper = reportlab("lib.pagesizes").A4
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), MARGIN)
    file = platypus.SimpleDocTemplate(str(out), pagesize=paper, title=transcript.title, invariant=1, **margins)
    file.build(story, onFirstPage=_number(words), onLaterPages=_number(words))
    return tuple(words.notes())


def _number(words: PDFText) -> Callable[[Any, Any], None]:
    def draw(canvas: Any, file: Any) -> None:
        canvas.setFont(words.face, 8)
        canvas.drawCentredString(file.pagesize[0] / 2, MARGIN / 2, str(file.page))

    return draw


DOCUMENTS: Mapping[str, Callable[[Transcript, Path, Path | None], tuple[str, ...]]] = {
    ".txt": _write_text,
    ".docx": _write_word,
    ".pdf": _write_pdf,
}
