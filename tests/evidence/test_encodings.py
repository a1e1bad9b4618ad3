"""Subtitles of before UTF-8: what people say in 32 languages, in the encodings of their countries."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
import subtitled
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import whenabouts
from whenabouts.cli.app import app
from whenabouts.commands import Find
from whenabouts.commands.transcript import Transcribe
from whenabouts.errors import InputError
from whenabouts.evidence.encodings import checked_encoding, decoded
from whenabouts.evidence.subtitles import read_subtitle_file, read_subtitles
from whenabouts.video.isolated import isolated

sys.path.append(str(Path(__file__).parents[2] / "bench"))
from subtitle_encodings import files

KOREAN = "그 사람은 어제 서울역에서 친구를 만났다고 했어요.\n뭐라고? 난 그런 말 한 적 없어!"
FILES = {(encoding, text): raw for encoding, _, raw, text in files((6,))}


@pytest.mark.parametrize("encoding", dict.fromkeys(encoding for encoding, _ in FILES))
def test_six_subtitles_tell_their_encoding(encoding: str) -> None:
    for (name, text), raw in FILES.items():
        if name == encoding:
            assert decoded(raw)[0] == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp949", "감사합니다"),
        ("gb18030", "我昨天在火车站看见他了，你知道他去哪里了吗？"),
        ("big5", "謝謝你們的幫助。"),
        ("cp932", "コーヒーを飲みながら、テレビを見ていた。"),
        ("cp1251", "Я не знаю, куда он ушёл."),
        ("cp1252", "It’s what “they” said… don’t you think?"),
        ("cp1252", "Où étais-tu, Noël, à l'âge où l'on naît créée ?"),
    ],
)
def test_a_single_sentence_tells_its_encoding(encoding: str, text: str) -> None:
    """Each but the first three is read otherwise by chardet alone, with a capital or another alphabet in a word."""
    assert decoded(text.encode(encoding))[0] == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-8"])
def test_what_the_file_says_itself_is_no_guess(encoding: str) -> None:
    assert decoded(KOREAN.encode(encoding)) == (KOREAN, None)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "iso2022_kr"])
def test_what_would_pass_as_ascii_is_not_taken_for_it(encoding: str) -> None:
    text, guessed = decoded(KOREAN.encode(encoding))
    assert text == KOREAN and guessed is not None


def test_one_broken_byte_does_not_make_a_text_another() -> None:
    assert decoded(KOREAN.encode() + b"\xea\xb0\n") == (KOREAN + "\ufffd\n", "utf-8"), "UTF-8 that was cut off"
    assert decoded(KOREAN.encode("cp949") + b"\xff\n")[0].startswith(KOREAN)


def test_a_syllable_outside_the_old_standard_is_read() -> None:
    text = "그 사람은 똠얌꿍을 먹고 햏햏 웃었다고 해요."
    assert decoded(text.encode("cp949"))[0] == text


def test_letters_late_in_a_long_file_decide() -> None:
    text = "12345\n" * 40_000 + "Пожалуйста, садись и слушай меня внимательно.\n" * 500
    assert decoded(text.encode("cp1251")) == (text, "cp1251")


def test_a_guess_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes("1\n00:00:01,000 --> 00:00:02,000\nПожалуйста, садись и слушай.\n".encode("cp1251"))
    read = read_subtitle_file(path)
    assert [line.text for line in read.lines] == ["Пожалуйста, садись и слушай."]
    assert any("was read as cp1251, which is a guess" in note for note in read.notes)


RUSSIAN = "Пожалуйста, садись и слушай."


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("inside", [False, True])
def test_who_knows_the_encoding_says_it(tmp_path: Path, inside: bool, apart: bool) -> None:
    path, told = tmp_path / "a.mkv", "koi8_r"
    stored = RUSSIAN.encode("cp1251").decode("latin-1")  # what a muxer took for Latin letters
    subtitled.video(path, codec="srt" if inside else None, lines=[(1, 2, "XXXX")] if inside else ())
    if inside:
        letters = RUSSIAN[:4].encode("cp1251")
        path.write_bytes(path.read_bytes().replace(b"XXXX", letters))
        stored = letters.decode("latin-1")
    else:
        (tmp_path / "a.srt").write_bytes(b"1\n00:00:01,000 --> 00:00:02,000\n" + RUSSIAN.encode("cp1251"))
    with isolated() if apart else nullcontext(), Transcribe(subtitles_encoding=told).open(path) as video:
        read = read_subtitles(video)
    assert [line.text for line in read.lines] == [stored.encode("latin-1").decode(told)]
    assert read.notes == ()


def test_what_says_its_encoding_itself_is_read_so(tmp_path: Path) -> None:
    for raw in (RUSSIAN.encode(), RUSSIAN.encode("utf-8-sig"), RUSSIAN.encode("utf-16")):
        assert decoded(raw, "cp1251") == (RUSSIAN, None)
    assert decoded("こんにちは".encode("iso2022_jp"), "iso2022_jp") == ("こんにちは", None)


@pytest.mark.parametrize("wrong", ["ascii", "utf8"])
def test_letters_that_are_not_in_the_encoding_that_was_said_are_told(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "a.srt").write_bytes(b"1\n00:00:01,000 --> 00:00:02,000\n" + RUSSIAN.encode("cp1251"))
    [note] = read_subtitle_file(tmp_path / "a.srt", wrong).notes
    assert "1 of 1 subtitles have letters that could not be read" in note


@pytest.mark.parametrize("name", ["nonsense", "rot13", "base64", "a\0b", ""])
def test_an_unknown_encoding_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="unknown encoding"):
        checked_encoding(name)
    if name:
        with pytest.raises(InputError, match="unknown encoding"):
            Find.of(queries=["a dog"], subtitles_encoding=name).open("a.mp4")


def test_every_door_takes_the_encoding(tmp_path: Path) -> None:
    path = subtitled.video(tmp_path / "a.mp4", encoder="libx264")
    (tmp_path / "a.srt").write_bytes(b"1\n00:00:01,000 --> 00:00:04,000\n" + RUSSIAN.encode("cp1251"))
    options = {"evidence": ["said"], "cache": False, "subtitles_encoding": "cp1251"}
    [prediction] = whenabouts.find(path, "Пожалуйста, садись", **options)
    assert not [note for note in prediction.notes if "guess" in note]
    assert prediction.moments[0].start == pytest.approx(1, abs=0.3)
    asked = ["find", str(path), "Пожалуйста, садись", "--evidence", "said", "--no-cache", "--json"]
    done = CliRunner().invoke(app, [*asked, "--subtitles-encoding", "cp1251"])
    assert done.exit_code == 0 and "guess" not in done.stdout
    assert CliRunner().invoke(app, [*asked, "--subtitles-encoding", "nonsense"]).exit_code != 0


@given(st.binary(max_size=200))
def test_any_bytes_become_a_text(raw: bytes) -> None:
    assert isinstance(decoded(raw)[0], str)
