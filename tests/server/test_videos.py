"""Ids tell nothing and open nothing but videos of allowed folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from whenabouts.server.users import User
from whenabouts.server.videos import UPLOADS, VideoFiles


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for name in (
        "videos/a.mp4",
        "videos/2024/b.MKV",
        "videos/.hidden/c.mp4",
        "videos/.d.mp4",
        "videos/notes.txt",
        "out.mp4",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"video")
    (tmp_path / "uploads").mkdir()
    return tmp_path


def look(house: Path, secret: bytes = b"key") -> VideoFiles:
    return VideoFiles([house / "videos"], house / "uploads", secret)


def test_only_videos_are_listed_and_none_that_are_hidden(house: Path) -> None:
    assert [(video.within, video.name) for video in look(house).all()] == [("", "a.mp4"), ("2024", "b.MKV")]


def test_an_id_is_the_same_after_a_restart_and_another_for_another_secret(house: Path) -> None:
    [first, second] = [{video.id for video in look(house, key).all()} for key in (b"key", b"other")]
    assert {video.id for video in look(house).all()} == first and not first & second
    [one, _] = look(house).all()
    assert look(house).get(one.id) == one, "a fresh server knows an id without a list"


def test_foreign_ids_are_unknown(house: Path) -> None:
    foreign = look(house, b"other").all()[0].id
    for id in (foreign, "", "..", "../../etc/passwd", str(house / "videos" / "a.mp4"), "\0"):
        with pytest.raises(KeyError):
            look(house).get(id)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_out_of_the_folder_are_passed_over(house: Path) -> None:
    (house / "videos" / "link.mp4").symlink_to(house / "out.mp4")
    (house / "videos" / "away").symlink_to(house)
    (house / "videos" / "loop.mp4").symlink_to(house / "videos" / "loop.mp4")
    (house / "videos" / "same.mp4").symlink_to(house / "videos" / "a.mp4")
    videos = look(house)
    assert [video.name for video in videos.all()] == ["a.mp4", "b.MKV"]
    assert videos.at(house / "videos" / "link.mp4") is None
    assert videos.at(house / "videos" / ".." / "out.mp4") is None


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_video_that_becomes_a_link_is_gone(house: Path) -> None:
    videos = look(house)
    video = videos.all()[0]
    video.path.unlink()
    video.path.symlink_to(house / "out.mp4")
    with pytest.raises(KeyError):
        videos.get(video.id)
    with pytest.raises(OSError, match=r".*"):
        videos.open(video)


def test_a_video_that_changes_has_another_version(house: Path) -> None:
    videos = look(house)
    video = videos.all()[0]
    video.path.write_bytes(b"another video")
    assert videos.get(video.id).version != video.version


def test_a_new_video_is_found_by_its_id_though_the_list_is_fresh_once_told(house: Path) -> None:
    videos = look(house)
    videos.all()
    (house / "videos" / "new.mp4").write_bytes(b"video")
    videos.rescan()
    assert "new.mp4" in {video.name for video in videos.all()}


def test_an_upload_is_a_video_under_the_name_it_was_given(house: Path) -> None:
    (house / "uploads" / "3f").mkdir()
    (house / "uploads" / "3f" / "video.mp4").write_bytes(b"video")
    assert look(house).all(UPLOADS) == [], "an upload without a name is not whole"
    (house / "uploads" / "3f" / "name.txt").write_text("<b>talk</b>.mp4", "utf-8")
    assert [(video.name, video.within) for video in look(house).all(UPLOADS)] == [("<b>talk</b>.mp4", "")]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("beside", ["b.srt", "b.en.srt", "subs/b.vtt", "Subs"])
def test_a_user_of_one_folder_does_not_see_a_video_with_words_of_another(house: Path, beside: str) -> None:
    granted, hidden = house / "videos" / "2024", house / "videos" / "hidden"
    hidden.mkdir()
    for name in ("a.srt", "b.vtt"):
        (hidden / name).write_text("1\n00:00:01,000 --> 00:00:02,000\nthe secret\n")
    (granted / "c.mp4").write_bytes(b"video")
    (granted / "c.srt").symlink_to(granted / "d.srt")
    (granted / "d.srt").write_text("")
    link = granted / beside
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(hidden if beside == "Subs" else hidden / "a.srt")
    everything = look(house)
    seen = everything.seen_by(User("bob", frozenset(["read"]), (granted.resolve(),)))
    assert [video.name for video in seen.all()] == ["c.mp4"]
    [foreign] = [video for video in everything.all() if video.name == "b.MKV"]
    assert not seen.has(foreign.id) and seen.at(foreign.path) is None


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("beside", ["a.srt", "a.en.vtt", "subs/a.srt", "Subtitles"])
def test_a_video_with_words_from_outside_is_shown_to_nobody(
    house: Path, beside: str, caplog: pytest.LogCaptureFixture
) -> None:
    (house / "a.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nthe secret\n")
    videos = look(house)
    [one, _] = videos.all()
    link = house / "videos" / beside
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(house if beside == "Subtitles" else house / "a.srt")
    assert [video.name for video in videos.all()] == ["b.MKV"]
    assert not videos.has(one.id) and videos.at(one.path) is None
    assert len([record for record in caplog.records if "a.mp4 is not shown" in record.getMessage()]) == 1
    link.unlink()
    assert videos.has(one.id)
