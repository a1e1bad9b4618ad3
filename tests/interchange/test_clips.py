"""Clips hold exactly the pictures of their moment, under names that nothing else can have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts import Moment, Prediction
from whenabouts.errors import InputError, StorageError
from whenabouts.interchange.clip_names import FIELDS, ClipFacts, clip_name, file_name, free_name
from whenabouts.interchange.clips import write_clips
from whenabouts.video import Video
from whenabouts.video.compose import Still, compose


@pytest.fixture(scope="module")
def video_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paint(tmp_path_factory.mktemp("video_path") / "video.mp4", (40, 120, 220))


def paint(path: Path, levels: tuple[int, ...]) -> Path:
    compose(path, [Still(np.full((90, 160, 3), level, np.uint8), 1.0) for level in levels], size=(160, 90))
    return path


def levels(clip: Path) -> list[int]:
    with Video(clip) as video:
        return [round(frame.image.mean()) for frame in video.sample(fps=24)]


def test_a_clip_begins_and_ends_with_its_moment(video_path: Path, tmp_path: Path) -> None:
    with Video(video_path) as video:
        prediction = Prediction("the grey part", (Moment(1.0, 2.0), Moment(2.0, 2.5)), video.duration)
        grey, light = write_clips([prediction], video, tmp_path / "clips")
    assert levels(grey) == pytest.approx([120] * 24, abs=6)
    assert levels(light) == pytest.approx([220] * 12, abs=6)


def test_what_is_probably_not_there_is_not_cut(video_path: Path, tmp_path: Path) -> None:
    with Video(video_path) as video:
        absent = Prediction("a helicopter", (Moment(1.0, 2.0, 0.1),), video.duration, presence=0.1)
        assert write_clips([absent], video, tmp_path) == []


def test_padding_goes_as_far_as_the_video(video_path: Path, tmp_path: Path) -> None:
    with Video(video_path) as video:
        prediction = Prediction("grey", (Moment(0.25, 1.0), Moment(2.0, 3.0)), video.duration)
        early, late = write_clips([prediction], video, tmp_path, pad=0.5)
    assert levels(early) == pytest.approx([40] * 24 + [120] * 12, abs=6)
    assert levels(late) == pytest.approx([120] * 12 + [220] * 24, abs=6)


def test_the_same_answer_is_written_again_and_another_beside_it(video_path: Path, tmp_path: Path) -> None:
    other = paint(tmp_path / "other.mp4", (10, 90, 200))
    with Video(video_path) as video, Video(other) as second:
        prediction = Prediction("grey", (Moment(1.0, 2.0),), video.duration)
        first = write_clips([prediction], video, tmp_path / "clips")
        assert write_clips([prediction], video, tmp_path / "clips") == first
        assert write_clips([prediction], second, tmp_path / "clips") != first
    assert len(list((tmp_path / "clips").iterdir())) == 2


def test_smart_clips_show_the_same(video_path: Path, tmp_path: Path) -> None:
    with Video(video_path) as video:
        prediction = Prediction("all but the edges", (Moment(0.25, 2.75),), video.duration)
        [plain] = write_clips([prediction], video, tmp_path / "plain")
        [smart] = write_clips([prediction], video, tmp_path / "smart", smart=True)
    assert plain.name == smart.name and levels(plain) == pytest.approx(levels(smart), abs=3)


@pytest.mark.parametrize("pad", [-1.0, float("nan")])
def test_senseless_padding_is_refused(video_path: Path, tmp_path: Path, pad: float) -> None:
    with Video(video_path) as video, pytest.raises(InputError, match="padding"):
        write_clips([], video, tmp_path, pad=pad)


def test_a_folder_that_cannot_be_made_is_one_sentence(video_path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        Video(video_path) as video,
        pytest.raises(StorageError, match="cannot be written: a part of its path is a file"),
    ):
        write_clips([], video, tmp_path / "file" / "clips")


@given(st.text(), st.integers(1, 9), st.floats(0, 1e5), st.floats(0, 1e5))
def test_no_query_can_name_a_file_elsewhere(query: str, rank: int, start: float, end: float) -> None:
    name = clip_name(query, rank, start, end, "ab12")
    assert Path(name).name == name and not name.startswith(("-", "."))


@given(st.text(alphabet="字ß𝔞é", min_size=100))
def test_no_query_is_too_long_for_a_file_system(query: str) -> None:
    assert len(clip_name(query, 1, 0.0, 1.0, "ab12").encode()) <= 255


def test_queries_that_read_alike_have_clips_of_their_own() -> None:
    assert clip_name("a cat!", 1, 0.0, 1.0, "ab12") != clip_name("a cat?", 1, 0.0, 1.0, "ab12")


@given(
    st.lists(st.sampled_from([f"{{{name}}}" for name in FIELDS] + ["_", " ", ".", "-", "é"]), max_size=6),
    st.text(),
    st.text(),
)
def test_no_template_and_no_words_leave_the_folder_or_break_a_file_system(
    parts: list[str], video: str, query: str
) -> None:
    name = file_name("".join(parts), ClipFacts(video, "ab12", query, 1, 0.0, 1.0))
    stem = name.removesuffix(".mp4")
    assert Path(name).name == name and len(name.encode()) <= 220
    assert not set(name) & set('<>:"/\\|?*\0\n\x1f') and not name.startswith((".", "-", " "))
    assert stem and not stem.endswith((".", " "))
    assert stem.partition(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}


@pytest.mark.parametrize("words", ["con", "AUX", "com1", "Lpt9.txt", "nul"])
def test_names_of_devices_are_not_names_of_clips(words: str) -> None:
    assert file_name("{video}", ClipFacts(words, "", "a", 1, 0.0, 1.0)) == f"_{words}.mp4"


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("{nummer}", "unknown field 'nummer'; choose from: video, number, query, rank"),
        ("{video.parent}", r"unknown field 'video\.parent'"),
        ("{}", "unknown field ''"),
        ("../{video}", "has '/'"),
        ("{video}:{rank}", "has ':'"),
        ("{video", "cannot be read"),
        ("{number:{rank}}", "in a form that is not known"),
        ("{query!r}", "in a form that is not known"),
        ("{query:03d}", "cannot be written"),
    ],
)
def test_a_wrong_template_is_one_sentence_before_anything_is_cut(
    video_path: Path, tmp_path: Path, template: str, sentence: str
) -> None:
    with Video(video_path) as video, pytest.raises(InputError, match=sentence):
        write_clips([Prediction("a", (Moment(0, 1),), 3.0)], video, tmp_path / "new", name=template)
    assert not (tmp_path / "new").exists()


def test_clips_are_named_as_asked_and_overwrite_nothing(video_path: Path, tmp_path: Path) -> None:
    prediction = Prediction("A cat?", (Moment(1.0, 2.0, 0.5), Moment(2.0, 2.5, 0.25)), 3.0)
    with Video(video_path) as video:
        first = write_clips([prediction], video, tmp_path, name="{video}_{number:03}_{query}_{start}_{timecode}")
        assert [path.name for path in first] == [
            "video_001_a-cat_1.00_00-00-01-00.mp4",
            "video_002_a-cat_2.00_00-00-02-00.mp4",
        ]
        same = write_clips([prediction], video, tmp_path, name="CLIP")
        again = write_clips([prediction], video, tmp_path, name="Clip")
    assert [path.name for path in same + again] == ["CLIP.mp4", "CLIP-2.mp4", "Clip-3.mp4", "Clip-4.mp4"]


def test_a_taken_name_is_the_same_in_any_form() -> None:
    assert free_name("\u00e9.mp4", ["E\u0301.mp4"]) == "\u00e9-2.mp4"
