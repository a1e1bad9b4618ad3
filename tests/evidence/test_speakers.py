from __future__ import annotations

from pathlib import Path

import pytest
from subtitled import video

from whenabouts.evidence.speakers import speakers
from whenabouts.evidence.subtitles import read_subtitle_file, read_subtitles
from whenabouts.evidence.timed_text import TimedText
from whenabouts.video import Video

VTT = """WEBVTT

00:01.000 --> 00:02.500
<v Ann Lee>Where is the <c.loud>café?</c></v>

00:03.000 --> 00:04.000
<v.loud Ben>Over there.</v>
<v Ann Lee>Where?</v>
"""
ASS = """[Script Info]
ScriptType: v4.00+

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.50,Default,Ann,0,0,0,,Where is the café?
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,Over there.
"""


def said(*texts: str) -> list[tuple[str, str]]:
    return speakers([TimedText(at, at + 1, text, "said", "a.srt") for at, text in enumerate(texts)])


def test_voice_tags_and_names_of_events_say_who_speaks(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_text(VTT)
    (tmp_path / "a.ass").write_text(ASS)
    voices = read_subtitle_file(tmp_path / "a.vtt").lines
    assert [(line.speaker, line.text) for line in voices] == [
        ("Ann Lee", "Where is the café?"),
        ("Ben, Ann Lee", "Over there. Where?"),
    ]
    assert [line.speaker for line in read_subtitle_file(tmp_path / "a.ass").lines] == ["Ann", ""]


def test_a_speaker_is_kept_for_the_lines_of_a_video(tmp_path: Path) -> None:
    path = video(tmp_path / "a.mp4", seconds=5)
    (tmp_path / "a.vtt").write_text(VTT)
    with Video(path) as opened:
        assert [line.speaker for line in read_subtitles(opened).lines] == ["Ann Lee", "Ben, Ann Lee"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("JOHN: We are late.", ("JOHN", "We are late.")),
        (">> DR. O'NEILL: We are late.", ("DR. O'NEILL", "We are late.")),
        ("- MAN 2: We are late.", ("MAN 2", "We are late.")),
        ("Remember: we are late.", ("", "Remember: we are late.")),  # one line alone
        ("We leave at 10:30 then.", ("", "We leave at 10:30 then.")),
        ("He said one thing: no.", ("", "He said one thing: no.")),
        ("JOHN:", ("", "JOHN:")),
        ("https://example.org is down.", ("", "https://example.org is down.")),
        ("- We are late.", ("", "- We are late.")),
    ],
)
def test_a_name_before_a_colon_speaks(text: str, expected: tuple[str, str]) -> None:
    assert said(text) == [expected]


def test_a_name_in_small_letters_stands_before_several_lines() -> None:
    assert said("Anna: Hello.", "민수: 안녕하세요.", "Anna: Bye.", "민수: 잘 가요.") == [
        ("Anna", "Hello."),
        ("민수", "안녕하세요."),
        ("Anna", "Bye."),
        ("민수", "잘 가요."),
    ]
