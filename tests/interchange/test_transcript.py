"""Transcripts in text, Word and PDF, read by programs that did not write them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from whenabouts import Moment, Prediction
from whenabouts.errors import InputError
from whenabouts.evidence import TimedText
from whenabouts.interchange.only import chosen
from whenabouts.interchange.timecode import RATES, FrameRate
from whenabouts.interchange.timeline import Timeline
from whenabouts.interchange.transcript import Mark, Paragraph, Transcript, transcript
from whenabouts.interchange.transcript_files import write_document

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
RATE = FrameRate(RATES["29.97"], drop=True)
TIMELINE = Timeline(Path("/videos/talk & more.mp4"), 600.0, RATE, RATE.parse("10:00:00;00"))


def line(start: float, end: float, text: str, kind: str = "said") -> TimedText:
    return TimedText(start, end, text, kind, "talk.srt")


LINES = [
    line(1.0, 2.0, "ANNA: Good morning."),
    line(2.2, 3.0, "The <b>budget</b> & more."),
    line(3.1, 4.0, "BEN: Nobody reads it."),
    line(9.0, 10.0, "After a pause."),
]
ANSWERS = [
    Prediction("the budget", (Moment(2.1, 3.2, 0.93),), 600.0),
    Prediction("a helicopter", (Moment(5.0, 6.0, 0.1),), 600.0, presence=0.1),
]


@pytest.fixture
def made() -> Transcript:
    return transcript(TIMELINE, LINES, chosen(ANSWERS, "likely"))


def test_paragraphs_end_with_the_speaker_and_in_a_pause(made: Transcript) -> None:
    said = [part for part in made.parts if isinstance(part, Paragraph)]
    assert [(part.speaker, [run.text for run in part.runs]) for part in said] == [
        ("ANNA", ["Good morning.", "The <b>budget</b> & more."]),
        ("BEN", ["Nobody reads it."]),
        ("", ["After a pause."]),
    ]
    assert [run.marked for run in said[0].runs] == [False, True]
    assert said[0].timecode == "10:00:01;00"
    assert [part.query for part in made.parts if isinstance(part, Mark)] == ["the budget"]


def test_a_long_speech_gets_a_timecode_every_minute() -> None:
    lines = [line(3.0 * k, 3.0 * k + 2.5, f"ANNA: {k}" if k == 0 else f"{k}") for k in range(60)]
    said = transcript(TIMELINE, lines).parts
    assert [part.start for part in said] == [0.0, 63.0, 126.0]
    assert all(isinstance(part, Paragraph) and part.speaker == "ANNA" for part in said)


@pytest.mark.parametrize(
    ("start", "end", "marked", "place"),
    [
        (12.5, 15.0, ["B"], 1),  # within one long line
        (19.5, 20.4, ["B"], 1),  # its end, and a little of the next
        (5.0, 25.0, ["B", "C"], 1),  # several lines
        (11.0, 11.5, [], 1),  # nobody speaks
        (21.5, 21.9, ["C"], 1),  # the paragraph began before
        (40.0, 41.0, [], 3),
    ],
)
def test_a_moment_marks_its_words_and_stands_before_them(
    start: float, end: float, marked: list[str], place: int
) -> None:
    lines = [line(0.0, 8.0, "A"), line(12.0, 20.0, "B"), line(20.0, 22.0, "C"), line(30.0, 31.0, "D")]
    parts = transcript(TIMELINE, lines, [Prediction("x", (Moment(start, end),), 600.0)]).parts
    runs = [run for part in parts if isinstance(part, Paragraph) for run in part.runs]
    assert [run.text for run in runs if run.marked] == marked
    assert [isinstance(part, Mark) for part in parts].index(True) == place


def test_text_marks_the_words_of_a_moment(made: Transcript, tmp_path: Path) -> None:
    out = tmp_path / "a.txt"
    assert write_document(made, out) == ()
    assert out.read_text("utf-8").splitlines()[3:] == [
        "* the budget: 10:00:02;03 – 10:00:03;06 (0.93)",
        "",
        "[10:00:01;00] ANNA",
        "Good morning. »The <b>budget</b> & more.«",
        "",
        "[10:00:03;03] BEN",
        "Nobody reads it.",
        "",
        "[10:00:09;00]",
        "After a pause.",
    ]


def test_word_has_speakers_in_bold_and_moments_in_colour(made: Transcript, tmp_path: Path) -> None:
    pytest.importorskip("docx", reason="python-docx is not installed")
    write_document(made, tmp_path / "a.docx")
    with zipfile.ZipFile(tmp_path / "a.docx") as parts:
        root = ElementTree.fromstring(parts.read("word/document.xml"))
    paragraphs = ["".join(text.text or "" for text in each.iter(f"{WORD}t")) for each in root.iter(f"{WORD}p")]
    assert paragraphs[2:5] == [
        "the budget: 10:00:02;03 – 10:00:03;06 (0.93)",
        "10:00:01;00 ANNA: Good morning. The <b>budget</b> & more.",
        "10:00:03;03 BEN: Nobody reads it.",
    ]
    runs = [run for run in root.iter(f"{WORD}r") if run.find(f"{WORD}rPr/{WORD}highlight") is not None]
    assert ["".join(text.text or "" for text in run.iter(f"{WORD}t")) for run in runs] == [" The <b>budget</b> & more."]


SCRIPTS = ["한국어 자막", "日本語の字幕", "简体中文字幕", "Ελληνικά, русский, čeština, Türkçe"]


def test_pdf_shows_scripts_and_says_what_it_does_not(tmp_path: Path) -> None:
    pytest.importorskip("reportlab", reason="reportlab is not installed")
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    lines = [line(4.0 * k, 4.0 * k + 1, text) for k, text in enumerate([*SCRIPTS, "שלום", "a 😀 face", "<b>&amp;"])]
    out = tmp_path / "a.pdf"
    notes = " ".join(write_document(transcript(TIMELINE, lines, ANSWERS), out))
    shown = " ".join(page.extract_text() for page in pypdf.PdfReader(out).pages)
    for text in (*SCRIPTS[:3], "10:00:04;00", "a ? face", "<b>&amp;", "the budget: 10:00:02;03"):
        assert text in shown
    assert "from right to left" in notes and "😀" in notes
    assert "שלום" not in shown


def test_a_pdf_of_plain_letters_needs_no_note(made: Transcript, tmp_path: Path) -> None:
    pytest.importorskip("reportlab", reason="reportlab is not installed")
    assert write_document(made, tmp_path / "a.pdf") == ()
    again = tmp_path / "b.pdf"
    write_document(made, again)
    assert again.read_bytes() == (tmp_path / "a.pdf").read_bytes()


def test_another_suffix_or_font_is_one_sentence(made: Transcript, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.odt is no transcript: name it \.txt, \.docx, \.pdf"):
        write_document(made, tmp_path / "a.odt")
    pytest.importorskip("reportlab", reason="reportlab is not installed")
    (tmp_path / "font.ttf").write_bytes(b"no font")
    with pytest.raises(InputError, match=r"font\.ttf is not a TrueType font"):
        write_document(made, tmp_path / "a.pdf", font=tmp_path / "font.ttf")
    with pytest.raises(InputError, match=r"gone\.ttf is not a TrueType font"):
        write_document(made, tmp_path / "a.pdf", font=tmp_path / "gone.ttf")
