"""Files as strangers write them: every dialect gives the same two subtitles, or says what it lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from whenabouts.errors import InputError
from whenabouts.evidence.cues import read_cues
from whenabouts.evidence.subtitles import read_subtitle_file

TWO = [(1.0, 2.5, "Hello there"), (3.0, 4.0, "Bye now")]
SRT = "1\n00:00:01,000 --> 00:00:02,500\nHello there\n\n2\n00:00:03,000 --> 00:00:04,000\nBye now\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.500\nHello there\n\n00:03.000 --> 00:04.000\nBye now\n"
FORMAT = "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
ASS = (
    "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n\n"
    f"[Events]\n{FORMAT}"
    "Dialogue: 0,0:00:01.00,0:00:02.50,Default,Ann,0,0,0,,{\\pos(3,4)}Hello\\Nthere\n"
    "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,Bye now\n"
)
DIALECTS = {
    "line feeds": SRT,
    "carriage returns": SRT.replace("\n", "\r"),
    "both": SRT.replace("\n", "\r\n"),
    "mixed": SRT.replace("\n\n", "\r\r\n\n"),
    "points": SRT.replace(",", "."),
    "semicolons": SRT.replace(",", ";"),
    "colons": SRT.replace(",", ":"),
    "one digit": SRT.replace(",000", ",0").replace(",500", ",5"),
    "two digits": SRT.replace(",000", ",00").replace(",500", ",50"),
    "no blank lines": SRT.replace("\n\n", "\n"),
    "no numbers": SRT.replace("1\n00", "00").replace("2\n00:00:03", "00:00:03"),
    "neither": SRT.replace("1\n00", "00").replace("\n\n2\n00:00:03", "\n00:00:03"),
    "a blank line after each": SRT.replace("\n", "\n\n"),
    "coordinates": SRT.replace("500\n", "500  X1:100 X2:200 Y1:1 Y2:9\n"),
    "no spaces": SRT.replace(" --> ", "-->"),
    "short arrow": SRT.replace("-->", "->"),
    "typographic arrow": SRT.replace("-->", "→"),
    "spaces in times": SRT.replace("00:00:01,000", "00: 00: 01, 000"),
    "no hours": SRT.replace("00:00:", "00:"),
    "three digits of hours": SRT.replace("00:00:", "000:00:"),
    "NUL bytes": SRT.replace("Hello", "Hel\0lo"),
    "marks in the middle": SRT.replace("2\n00", "\ufeff2\n\ufeff00"),
    "wrong order": "2\n00:00:03,000 --> 00:00:04,000\nBye now\n\n" + SRT.split("\n\n", maxsplit=1)[0],
    "HTML": SRT.replace("Hello", '<font color="red"><b>Hello</b></font>'),
    "a tag left open": SRT.replace("Hello", "<i>Hello"),
    "tags of ASS": SRT.replace("Hello", "{\\an8}{\\i1}Hello{\\i0}"),
    "a blank line in a subtitle": SRT.replace("Hello there", "Hello\n\nthere"),
    "something before": f"made by somebody\nhttp://example.com\n\n{SRT}",
    "a subtitle without text": "1\n00:00:00,200 --> 00:00:00,500\n\n"
    + SRT.replace("2\n", "3\n").replace("1\n00", "2\n00"),
    "ends at its times": SRT + "\n3\n00:00:05,000 --> 00:00:06,000",
    "WebVTT": VTT,
    "WebVTT, carriage returns": VTT.replace("\n", "\r"),
    "WebVTT, lower case": VTT.replace("WEBVTT", "webvtt"),
    "WebVTT, commas": VTT.replace(".000", ",000").replace(".500", ",500"),
    "a note at the end": f"{VTT}\nNOTE this is\na comment\n",
    "a note in between": VTT.replace("00:03", "NOTE\nof many\nlines\n\n00:03"),
    "a style in between": VTT.replace("00:03", "STYLE\n::cue { color: red }\n\n00:03"),
    "a style at the end": f"{VTT}\nSTYLE\n::cue(b) {{ color: red }}\n",
    "a region": VTT.replace("00:01", "REGION\nid:fred\nwidth:40%\n\n00:01"),
    "settings": VTT.replace(".500\n", ".500 align:start position:0% line:-1\n"),
    "names of cues": VTT.replace("00:03", "intro - 2\n00:03"),
    "numbers of cues": VTT.replace("00:03", "2\n00:03"),
    "a header": VTT.replace(
        "WEBVTT", "WEBVTT - title\nKind: captions\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000"
    ),
    "a second header": VTT.replace("00:03", "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n00:03"),
    "no blank line after the header": VTT.replace("WEBVTT\n\n", "WEBVTT\n"),
    "voices": VTT.replace("Hello", "<v Ann>Hello</v>"),
    "times of words": VTT.replace("Hello there", "<c.loud>Hello</c> <00:00:01.500>there"),
    "two lines": VTT.replace("Hello there", "Hello\nthere"),
    "SBV": "0:00:01.000,0:00:02.500\nHello there\n\n0:00:03.000,0:00:04.000\nBye now\n",
    "ASS": ASS,
    "ASS, carriage returns": ASS.replace("\n", "\r"),
    "ASS, a comment": f"{ASS}Comment: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,a note\n",
    "ASS, a drawing": ASS + "Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\\p1}m 0 0 l 9 9\n",
    "ASS, no format": ASS.replace(FORMAT, ""),
    "ASS, events alone": ASS[ASS.index("[Events]") :],
    "ASS, other order": ASS.replace("Layer, Start, End", "Start, End, Layer")
    .replace("0,0:00:01.00,0:00:02.50,", "0:00:01.00,0:00:02.50,0,")
    .replace("0,0:00:03.00,0:00:04.00,", "0:00:03.00,0:00:04.00,0,"),
    "SSA": ASS.replace("v4.00+", "v4.00").replace("Layer,", "Marked,").replace("Dialogue: 0", "Dialogue: Marked=0"),
    "no arrow": SRT.replace(" --> ", " "),
    "a dash for an arrow": SRT.replace("-->", "-"),
    "an entity for an arrow": SRT.replace("-->", "--&gt;"),
    "written from the right": "".join(f"\u202b{line}\u202c\n" for line in SRT.splitlines()),
    "marks around the arrow": SRT.replace(" --> ", "\u200e --> \u200e"),
    "ends at a number": SRT + "\n3\n",
    "SAMI": "<SAMI><BODY><SYNC Start=1000><P>Hello there<SYNC Start=2500><P>&nbsp;<SYNC Start=3000><P>Bye now"
    "<SYNC Start=4000><P>&nbsp;</BODY></SAMI>",
    "MPL2": "[10][25]Hello|there\n[30][40]Bye now\n",
    "TTML": '<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="00:00:01.000" '
    'end="00:00:02.500">Hello<br/>there</p><p begin="3s" end="4s">Bye now</p></div></body></tt>',
}


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_says_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(DIALECTS[name].encode())
    read = read_subtitle_file(path)
    assert [(line.start, line.end, " ".join(line.text.split())) for line in read.lines] == TWO
    assert not [note for note in read.notes if "guess" not in note]


@pytest.mark.parametrize(
    "text", ["42", "2", "1 < 2 & 3 > 2", "he said --> this way", "at 10:30 --> 11:00", "10:30 --> 11:00 open"]
)
def test_what_looks_like_a_number_a_tag_or_an_arrow_is_speech(text: str) -> None:
    first, last = (read_cues(SRT.replace(old, text)).found for old in ("Hello there", "Bye now"))
    assert first[0].text == text and last[1].text == text


def test_numbers_that_are_said_stay_where_no_cue_is_numbered() -> None:
    bare = DIALECTS["no numbers"].replace("Hello there", "42")
    assert [cue.text for cue in read_cues(bare).found] == ["42", "Bye now"]


def test_seconds_without_milliseconds() -> None:
    cues = read_cues(SRT.replace(",000", "").replace(",500", "")).found
    assert [(cue.start, cue.end) for cue in cues] == [(1, 2), (3, 4)]


LOST = {
    "no times": (
        "2\n00:00:02,6xx --> 00:00:02,800\nlost\n\n",
        "1 of 3 subtitles have no readable times, the first in line",
    ),
    "frames": ("2\n00:00:02:12 --> 00:00:02:20\nlost\n\n", "1 of 3 subtitles have no readable times"),
    "backwards": ("2\n00:00:02,900 --> 00:00:02,800\nlost\n\n", "1 of 3 subtitles end before they begin, where"),
    "cut in the times": ("2\n00:00:02,\nlost\n\n", "1 of 3 subtitles have no readable times"),
    "before the video": (
        "2\n-00:00:04,000 --> -00:00:02,000\nlost\n\n",
        "1 of 3 subtitles end before they begin, where",
    ),
    "no length": ("2\n00:00:02,800 --> 00:00:02,800\nlost\n\n", "1 of 3 subtitles end before they begin, where"),
}


@pytest.mark.parametrize("name", LOST)
def test_what_is_lost_is_told_and_the_rest_is_read(tmp_path: Path, name: str) -> None:
    cue, note = LOST[name]
    path = tmp_path / "a.srt"
    path.write_text(SRT.replace("2\n00", f"{cue}3\n00"), "utf-8")
    read = read_subtitle_file(path)
    assert [(line.start, line.end, line.text) for line in read.lines] == TWO
    assert len(read.notes) == 1 and note in read.notes[0]


def test_a_line_of_ass_that_is_damaged_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.ass"
    path.write_text(ASS + "Dialogue: 0,x,y,Default,,0,0,0,,lost\nDialogue: 0,0:00:05.00\n", "utf-8")
    read = read_subtitle_file(path)
    assert len(read.lines) == 2 and "2 of 4 subtitles have no readable times, the first in line 12" in read.notes[0]


def test_speech_that_begins_like_a_line_of_ass(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text(SRT.replace("Bye", "Dialogue: bye"), "utf-8")
    read = read_subtitle_file(path)
    assert [line.text for line in read.lines] == ["Hello there", "Dialogue: bye now"] and not read.notes


def test_names_in_angle_brackets_are_speech_and_drawings_are_not(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text(SRT.replace("Bye", "<I>bye</I> <whispers> <I love you>"), "utf-8")
    assert read_subtitle_file(path).lines[1].text == "bye <whispers> <I love you> now"
    path.write_text(ASS.replace("Bye", "{hidden}bye{\\p1}m 0 0{\\p0}"), "utf-8")
    assert read_subtitle_file(path).lines[1].text == "bye now"


def test_a_long_subtitle_is_cut_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text(SRT.replace("Bye", "word " * 500), "utf-8")
    assert "1 of 2 subtitles have more than 2,000 characters" in read_subtitle_file(path).notes[0]


def test_broken_bytes_in_utf8_are_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(SRT.replace("Bye", "Grüße, señor, öäü").encode().replace(b"Hello", b"Hel\xfflo"))
    read = read_subtitle_file(path)
    assert read.lines[0].text == "Hel\ufffdlo there" and "in UTF-8 but for some bytes" in read.notes[0]


def test_a_header_alone_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_text("WEBVTT\n\n", "utf-8")
    assert read_subtitle_file(path).lines == [] and "has no subtitles" in read_subtitle_file(path).notes[0]


@pytest.mark.parametrize(
    "unit", ["<", "{\\", "<a", "1:", "-->", "00:00:01,0", " ", "\n", "\r", "&", "{1}{2}", "[1]", "<p "]
)
@pytest.mark.parametrize("head", ["", SRT, VTT, ASS, "<SAMI>"])
def test_a_giant_of_one_piece_takes_no_more_than_its_length(tmp_path: Path, head: str, unit: str) -> None:
    """A quarter of a megabyte: what takes its square would take minutes."""
    path = tmp_path / "a.srt"
    path.write_text(head + unit * (250_000 // len(unit)), "utf-8")
    try:
        assert len(read_subtitle_file(path).lines) <= 250_000
    except InputError as error:
        assert "not a readable subtitle file" in str(error)
