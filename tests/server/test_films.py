"""Ids tell nothing and open nothing but films of allowed folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from whenabouts.server.films import UPLOADS, Films


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for name in (
        "films/a.mp4",
        "films/2024/b.MKV",
        "films/.hidden/c.mp4",
        "films/.d.mp4",
        "films/notes.txt",
        "out.mp4",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"film")
    (tmp_path / "uploads").mkdir()
    return tmp_path


def look(house: Path, secret: bytes = b"key") -> Films:
    return Films([house / "films"], house / "uploads", secret)


def test_only_films_are_listed_and_none_that_are_hidden(house: Path) -> None:
    assert [(film.within, film.name) for film in look(house).all()] == [("", "a.mp4"), ("2024", "b.MKV")]


def test_an_id_is_the_same_after_a_restart_and_another_for_another_secret(house: Path) -> None:
    [first, second] = [{film.id for film in look(house, key).all()} for key in (b"key", b"other")]
    assert {film.id for film in look(house).all()} == first and not first & second
    [one, _] = look(house).all()
    assert look(house).get(one.id) == one, "a fresh server knows an id without a list"


def test_foreign_ids_are_unknown(house: Path) -> None:
    foreign = look(house, b"other").all()[0].id
    for id in (foreign, "", "..", "../../etc/passwd", str(house / "films" / "a.mp4"), "\0"):
        with pytest.raises(KeyError):
            look(house).get(id)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_out_of_the_folder_are_passed_over(house: Path) -> None:
    (house / "films" / "link.mp4").symlink_to(house / "out.mp4")
    (house / "films" / "away").symlink_to(house)
    (house / "films" / "loop.mp4").symlink_to(house / "films" / "loop.mp4")
    (house / "films" / "same.mp4").symlink_to(house / "films" / "a.mp4")
    films = look(house)
    assert [film.name for film in films.all()] == ["a.mp4", "b.MKV"]
    assert films.of(house / "films" / "link.mp4") is None
    assert films.of(house / "films" / ".." / "out.mp4") is None


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_film_that_becomes_a_link_is_gone(house: Path) -> None:
    films = look(house)
    film = films.all()[0]
    film.path.unlink()
    film.path.symlink_to(house / "out.mp4")
    with pytest.raises(KeyError):
        films.get(film.id)
    with pytest.raises(OSError, match=r".*"):
        films.open(film)


def test_a_film_that_changes_has_another_version(house: Path) -> None:
    films = look(house)
    film = films.all()[0]
    film.path.write_bytes(b"another film")
    assert films.get(film.id).version != film.version


def test_a_new_film_is_found_by_its_id_though_the_list_is_fresh_once_told(house: Path) -> None:
    films = look(house)
    films.all()
    (house / "films" / "new.mp4").write_bytes(b"film")
    films.look_again()
    assert "new.mp4" in {film.name for film in films.all()}


def test_an_upload_is_a_film_under_the_name_it_was_given(house: Path) -> None:
    (house / "uploads" / "3f").mkdir()
    (house / "uploads" / "3f" / "film.mp4").write_bytes(b"film")
    assert look(house).all(UPLOADS) == [], "an upload without a name is not whole"
    (house / "uploads" / "3f" / "name.txt").write_text("<b>talk</b>.mp4", "utf-8")
    assert [(film.name, film.within) for film in look(house).all(UPLOADS)] == [("<b>talk</b>.mp4", "")]
