from __future__ import annotations

import logging
from pathlib import Path

import media
import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from subtitled import video

from whenabouts import find
from whenabouts.errors import InputError
from whenabouts.evidence.subtitles import read_subtitle_file, sidecars, subtitles
from whenabouts.video import Video

SRT = """1
00:00:01,000 --> 00:00:02,500
<i>Where is</i> the {\\an8}café?

2
00:00:03,000 --> 00:00:04,000
Over there.
"""
VTT = """WEBVTT

00:01.000 --> 00:02.500 align:start
<v Ann>Where is the <c.loud>café?</c>

00:03.000 --> 00:04.000
Rock &amp; roll
"""
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,16

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,a note to the typesetter
Dialogue: 0,0:00:01.00,0:00:02.50,Default,Ann,0,0,0,,{\\pos(3,4)}Where is\\Nthe café?
Dialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}
"""


def times(lines):
    return [(line.start, line.end, line.text) for line in lines]


@pytest.mark.parametrize(("name", "text"), [("a.srt", SRT), ("a.vtt", VTT), ("a.ass", ASS)])
def test_every_dialect_gives_the_same_line_without_markup(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    first = read_subtitle_file(path).lines[0]
    assert (first.start, first.end, first.text) == (1.0, 2.5, "Where is the café?")
    assert (first.kind, first.source) == ("said", name)


def test_comments_and_drawings_are_not_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.ass"
    path.write_text(ASS, "utf-8")
    assert len(read_subtitle_file(path).lines) == 1


def test_entities_are_characters(tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_text(VTT, "utf-8")
    assert read_subtitle_file(path).lines[1].text == "Rock & roll"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings_are_told_apart(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(SRT.encode(encoding))
    assert read_subtitle_file(path).lines[0].text == "Where is the café?"


ROLLING = """WEBVTT

00:00.000 --> 00:02.000
hello<00:00:00.500><c> there</c>

00:02.000 --> 00:02.010
hello there

00:02.010 --> 00:04.000
hello there
my<00:00:03.000><c> friend</c>

00:09.000 --> 00:10.000
my friend
"""


def test_captions_that_roll_up_are_given_once(tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_text(ROLLING, "utf-8")
    lines = [(0.0, 2.01, "hello there"), (2.01, 4.0, "my friend"), (9.0, 10.0, "my friend")]
    assert times(read_subtitle_file(path).lines) == lines


CHANT = "".join(f"00:00:01,{k}00 --> 00:00:01,{k}80\nGo!\n\n" for k in range(5))
CHEERS = "".join(f"00:00:0{k},{half}00 --> 00:00:0{k},{half + 2}00\nGo!\n\n" for k in (1, 2) for half in (0, 5))


def test_words_that_are_said_again_keep_their_times(tmp_path: Path) -> None:
    path = video(tmp_path / "video.mp4", seconds=4)
    (tmp_path / "video.srt").write_text(CHANT, "utf-8")
    assert times(subtitles(Video(path))) == [(1.0, 1.48, "Go!")]
    (tmp_path / "video.srt").write_text(CHEERS, "utf-8")
    cheers = [(1.0, 1.2, "Go!"), (1.5, 1.7, "Go!"), (2.0, 2.2, "Go!"), (2.5, 2.7, "Go!")]
    assert times(subtitles(Video(path))) == cheers
    (tmp_path / "video.en.srt").write_text(CHEERS.replace(",0", ",1").replace(",5", ",6"), "utf-8")
    assert times(subtitles(Video(path))) == cheers


def test_inverted_lines_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text("1\n00:00:05,000 --> 00:00:04,000\nback\n\n2\n00:00:06,000 --> 00:00:07,000\nforth\n", "utf-8")
    assert times(read_subtitle_file(path).lines) == [(6.0, 7.0, "forth")]


@pytest.mark.parametrize("raw", [b"", b"garbage", b"\x00\x01\x02\xff" * 50, b"\xff\xfe\x00"])
def test_a_file_of_something_else_is_one_sentence(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "bad.srt"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=r"bad\.srt is not a readable subtitle file"):
        read_subtitle_file(path)


@given(
    st.lists(st.sampled_from([*SRT.splitlines(), *VTT.splitlines(), *ASS.splitlines(), "-->", "{\\p9", "&#x110000;"]))
)
def test_any_shuffle_of_subtitle_lines_is_read_or_refused(tmp_path_factory, rows: list[str]) -> None:
    path = tmp_path_factory.mktemp("subs") / "a.srt"
    path.write_text("\n".join(rows), "utf-8")
    try:
        lines = read_subtitle_file(path).lines
    except InputError:
        return
    assert all(line.start < line.end and line.text for line in lines)


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.srt"
    with path.open("wb") as file:
        file.truncate(33 * 2**20)
    with pytest.raises(InputError, match="larger than 32 MiB"):
        read_subtitle_file(path)


@given(
    spans=st.lists(st.tuples(st.integers(0, 350_000_000), st.integers(1, 60_000)), min_size=1, max_size=8),
    suffix=st.sampled_from(["srt", "vtt"]),
)
def test_written_times_are_read_back_to_the_millisecond(tmp_path_factory, spans, suffix) -> None:
    path = tmp_path_factory.mktemp("subs") / f"a.{suffix}"
    file = pysubs2.SSAFile()
    file.events = [pysubs2.SSAEvent(start, start + length, f"line {i}") for i, (start, length) in enumerate(spans)]
    file.save(str(path))
    read = {line.text: (round(line.start * 1000), round(line.end * 1000)) for line in read_subtitle_file(path).lines}
    assert read == {f"line {i}": (start, start + length) for i, (start, length) in enumerate(spans)}


@pytest.mark.parametrize("suffix", ["m2ts", "mkv", "wmv"])
def test_the_subtitles_of_another_video_of_any_suffix_are_not_ours(tmp_path: Path, suffix: str) -> None:
    for name in (f"talk.{suffix}", f"talk.en.{suffix}", "talk.en.srt", "talk.srt"):
        (tmp_path / name).write_text("x")
    assert [path.name for path in sidecars(tmp_path / f"talk.{suffix}")] == ["talk.srt"]


def test_files_that_belong_to_a_video(tmp_path: Path) -> None:
    names = [
        "video.srt",
        "Video.EN.vtt",
        "video.de.forced.ass",
        "video.part2.srt",
        "videonoir.srt",
        "other.srt",
        "video.txt",
    ]
    for name in [*names, "video.mp4", "video.part2.mp4"]:
        (tmp_path / name).write_text("x")
    (tmp_path / "Subs").mkdir()
    (tmp_path / "Subs" / "video.fr.srt").write_text("x")
    found = [path.name for path in sidecars(tmp_path / "video.mp4")]
    assert found == ["video.srt", "video.fr.srt", "Video.EN.vtt", "video.de.forced.ass"]


SAMI = "<SAMI><BODY><SYNC Start=0><P Class=KRCC>개가 뛰어간다<SYNC Start=1000><P Class=KRCC>&nbsp;</BODY></SAMI>"
TTML = """<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="ko"><body><div>
<p begin="00:00:00.000" end="1s">개가<br/>뛰어간다</p></div></body></tt>"""


@pytest.mark.parametrize(
    ("suffix", "content"),
    [("smi", SAMI.encode("cp949")), ("SAMI", SAMI.encode()), ("ttml", TTML.encode()), ("dfxp", TTML.encode())],
)
def test_what_players_and_broadcasters_lay_beside_a_video_is_read(tmp_path: Path, suffix: str, content: bytes) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=1)
    (tmp_path / f"a.{suffix}").write_bytes(content)
    [line] = subtitles(Video(tmp_path / "a.mp4"))
    assert (line.start, line.end, line.text) == (0.0, 1.0, "개가 뛰어간다")


def test_a_video_with_files_beside_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = video(tmp_path / "video.mp4", seconds=4)
    (tmp_path / "video.srt").write_text(SRT + "\n3\n00:00:03,500 --> 00:00:09,000\nbeyond the end\n", "utf-8")
    (tmp_path / "video.en.vtt").write_text(VTT, "utf-8")
    (tmp_path / "video.xx.srt").write_bytes(b"nonsense")
    with caplog.at_level(logging.WARNING):
        lines = subtitles(Video(path))
    assert [(line.text, line.source) for line in lines] == [
        ("Where is the café?", "video.srt"),
        ("Over there.", "video.srt"),
        ("Rock & roll", "video.en.vtt"),
        ("beyond the end", "video.srt"),
    ]
    assert lines[-1].end == 4.0
    assert "video.xx.srt is not a readable subtitle file" in caplog.text


def test_an_answer_tells_what_was_guessed_and_lost(tmp_path: Path) -> None:
    path = video(tmp_path / "video.mp4", seconds=4)
    cues = SRT.replace("Where is", "Пожалуйста, где").replace("Over there", "Вот там, за этой дверью")
    (tmp_path / "video.srt").write_bytes(f"{cues}\n3\n00:00:61,x --> 1\n".replace("é", "е").encode("cp1251"))
    (tmp_path / "video.en.srt").write_text("1\n01:00:01,000 --> 01:00:02,000\nan hour later\n", "utf-8")
    (tmp_path / "video.xx.srt").write_bytes(b"nonsense")
    [answer] = find(path, "за этой дверью", evidence="said")
    told = "\n".join(answer.notes)
    assert "video.srt was read as cp1251" in told and "video.xx.srt is not a readable subtitle file" in told
    assert "1 of 3 subtitles have no readable times, the first in line 10" in told
    assert "video.en.srt: 1 of 1 subtitles begin after the end of the video, the first subtitle at 3601.0 s" in told
    assert answer.moments[0].start == 3.0
