"""A sentence is translated by the message it was made from, and by no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.language import Catalogue
from whenabouts.language.catalogue import Message, read, translations

TEXTS = {
    "no moment found": "kein Moment gefunden",
    "note: {1}": "Hinweis: {1}",
    "{1} is empty": "{1} ist leer",
    "{1} is not a directory": "{1} ist kein Verzeichnis",
    "{1} is not a directory; give the folders that hold videos": "{1} ist kein Verzeichnis; nenne die Ordner",
    "{1} of {2} videos": "von {2} Videos {1}",
    "{1}, line {2}": "{1}, Zeile {2}",
    "{1} cannot be read: {2}": "{1} ist nicht lesbar: {2}",
    "permission denied": "kein Zugriff",
    "the query is empty": "die Anfrage ist leer",
    "video {1}": "Film {1}",
}
GERMAN = Catalogue("Deutsch", TEXTS)


@pytest.mark.parametrize(
    ("sentence", "translation"),
    [
        ("no moment found", "kein Moment gefunden"),
        ("3 of 7 videos", "von 7 Videos 3"),
        ("a b is not a directory", "a b ist kein Verzeichnis"),
        ("a is not a directory; give the folders that hold videos", "a ist kein Verzeichnis; nenne die Ordner"),
        ("a.srt cannot be read: permission denied", "a.srt ist nicht lesbar: kein Zugriff"),
        ("note: 3 of 7", "Hinweis: 3 of 7"),
        ("a.jsonl, line 3: the query is empty", "a.jsonl, Zeile 3: die Anfrage ist leer"),
        ("Permission denied", "kein Zugriff"),
        ("said by nobody", "said by nobody"),
        ("", ""),
    ],
)
def test_a_sentence_is_made_from_a_message(sentence: str, translation: str) -> None:
    assert GERMAN.translate(sentence) == translation


@pytest.mark.parametrize("name", ["video of a dog.mp4", "note: a.mp4", "half of three videos", "permission"])
def test_the_name_of_a_file_is_left_as_it_is(name: str) -> None:
    assert GERMAN.translate(f"{name} is not a directory") == f"{name} ist kein Verzeichnis"


def test_two_translations_alike_in_fit_leave_the_sentence_in_english() -> None:
    doubtful = Catalogue("Deutsch", {"{1} is on fire": "{1} brennt", "the {1}on fire": "{1} in Flammen"})
    assert doubtful.translate("the house is on fire") == "the house is on fire"


VALUE = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.sampled_from([" of ", ": ", "; ", "a", "line "]), min_size=2, max_size=4), st.data())
def test_values_put_in_come_out_where_they_fit(pieces: list[str], data: st.DataObject) -> None:
    values = [data.draw(VALUE) for _ in range(len(pieces) - 1)]
    sentence = "".join(piece + value for piece, value in zip(pieces, [*values, ""], strict=True))
    found = Message(tuple(pieces)).values(sentence)
    assert found is not None
    assert "".join(piece + value for piece, value in zip(pieces, [*found, ""], strict=True)) == sentence


@given(VALUE)
def test_any_text_can_be_translated(text: str) -> None:
    korean = translations("ko")
    assert korean is not None
    assert isinstance(korean.translate(text), str)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"language": "한국어"}',
        '{"language": 1, "texts": {}}',
        '{"language": "x", "texts": []}',
        '{"language": "x", "texts": {"a": 1}}',
        "[" * 100_000,
        '"\\ud800"',
    ],
)
def test_a_broken_catalogue_is_no_catalogue(content: str, tmp_path: Path) -> None:
    file = tmp_path / "xx.json"
    file.write_text(content, "utf-8")
    assert read(file) is None


def test_a_catalogue_that_is_no_text_or_not_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "xx.json").write_bytes(b"\xff\xfe\x00")
    assert read(tmp_path / "xx.json") is None
    assert read(tmp_path / "yy.json") is None


def test_what_is_not_translated_or_has_other_places_stays_english(tmp_path: Path) -> None:
    file = tmp_path / "xx.json"
    texts = {"{1} is empty": "{2} ist leer", "no moment found": "", "{1} is late": "{1} ist spät"}
    file.write_text(json.dumps({"language": "Deutsch", "texts": texts}), "utf-8")
    catalogue = read(file)
    assert catalogue is not None
    assert [catalogue.translate(text) for text in ("x is empty", "no moment found", "x is late")] == [
        "x is empty",
        "no moment found",
        "x ist spät",
    ]
