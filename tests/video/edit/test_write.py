"""Written edits: the file's pictures, sound and subtitles are those of the view."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from media import make_video, read_number

from whenabouts.errors import InputError, VideoError
from whenabouts.evidence.edited import write_with_subtitles
from whenabouts.evidence.subtitles import subtitles
from whenabouts.video import Video
from whenabouts.video.edit import Cut, Edited, Insert, Move, Retime, Reverse, Swap
from whenabouts.video.part import Part
from whenabouts.video.samples import RATE, samples

EDITS = {
    "cut": [Cut(1.0, 2.5)],
    "reverse": [Reverse(1.0, 3.0)],
    "retime": [Retime(1.0, 3.0, 2.0)],
    "several": [Swap((0.5, 1.5), (3.0, 3.6)), Move(1.0, 2.0, 4.0), Reverse(0.0, 1.0)],
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds of numbers; a tone from 2 s to 4 s, and two lines of subtitles."""
    folder = tmp_path_factory.mktemp("write")
    make_video(folder / "talk.mp4", seconds=5.0, audio=(2.0, 4.0), offset=0.0)
    (folder / "talk.srt").write_text(
        "1\n00:00:01,000 --> 00:00:02,000\nfirst line\n\n2\n00:00:03,000 --> 00:00:04,000\nsecond line\n", "utf-8"
    )
    return folder / "talk.mp4"


@pytest.mark.parametrize("name", EDITS)
def test_the_file_shows_what_the_view_shows(path: Path, name: str, tmp_path: Path) -> None:
    with Video(path) as video:
        edited = Edited(video, EDITS[name])
        written = write_with_subtitles(edited, tmp_path / "out.mp4")
        with Video(written[0]) as file:
            assert file.duration == pytest.approx(edited.duration, abs=0.05)
            assert file.times == pytest.approx(edited.times, abs=1e-4)
            ours, theirs = edited.at(edited.times.tolist()), file.at((file.times + 1e-4).tolist())
            assert [read_number(f.image) for f in ours] == [read_number(f.image) for f in theirs]
            assert file.probe.has_audio
            assert [(line.start, line.end, line.text) for line in subtitles(file)] == [
                (pytest.approx(line.start, abs=1e-3), pytest.approx(line.end, abs=1e-3), line.text)
                for line in subtitles(edited)
            ]


def loud(video: Video) -> list[tuple[float, float]]:
    """Where the sound is, to a hundredth of a second."""
    heard = np.concatenate([*samples(video), np.zeros(1, np.float32)])
    step = RATE // 100
    level = np.abs(heard[: len(heard) // step * step]).reshape(-1, step).max(1) > 0.02
    edges = np.flatnonzero(np.diff(np.concatenate([[0], level, [0]])))
    return [(start / 100, end / 100) for start, end in edges.reshape(-1, 2).tolist() if end - start > 10]


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([], [(2.0, 4.0)]),
        ([Cut(1.0, 2.5)], [(1.0, 2.5)]),
        ([Reverse(0.0, 5.0)], [(1.0, 3.0)]),
        ([Retime(2.0, 4.0, 2.0)], [(2.0, 3.0)]),
        ([Move(2.0, 3.0, 0.0)], [(0.0, 1.0), (3.0, 4.0)]),
    ],
)
def test_sound_moves_with_the_pictures(
    path: Path, edits: list[Cut], expected: list[tuple[float, float]], tmp_path: Path
) -> None:
    with Video(path) as video:
        edited = Edited(video, edits)
        assert np.array(loud(edited)) == pytest.approx(np.array(expected), abs=0.06)
        assert sum(map(len, samples(edited))) == pytest.approx(edited.duration * RATE, abs=RATE / 50)
        with Video(edited.cut(0, edited.duration, tmp_path / "out.mkv")) as file:
            assert np.array(loud(file)) == pytest.approx(np.array(expected), abs=0.06)


def test_a_part_of_a_view_has_its_sound(path: Path) -> None:
    with Video(path) as video:
        assert loud(Part(Edited(video, [Cut(0, 1)]), 0.5, 2.0)) == [pytest.approx((0.5, 1.5), abs=0.06)]


def test_lines_move_split_and_vanish(path: Path, tmp_path: Path) -> None:
    make_video(tmp_path / "silent.mp4", seconds=2.0)
    with Video(path) as video, Video(tmp_path / "silent.mp4") as silent:
        edited = Edited(video, [Cut(0.5, 2.5), Insert(1.5, silent)])
        assert [(line.start, line.end, line.text) for line in subtitles(edited)] == [
            (1.0, 1.5, "second line"),
            (3.5, 4.0, "second line"),
        ]
        assert loud(edited) == [pytest.approx(each, abs=0.06) for each in [(0.5, 1.5), (3.5, 4.0)]]


def test_a_clip_of_a_view(path: Path, tmp_path: Path) -> None:
    with Video(path) as video:
        edited = Edited(video, [Cut(1.0, 2.0)])
        with Video(edited.cut(0.5, 1.5, tmp_path / "clip.mp4")) as clip:
            assert clip.duration == pytest.approx(1.0, abs=0.03)
            numbers = [read_number(frame.image) for frame in clip.sample(5)]
        assert numbers == [read_number(frame.image) for frame in edited.sample(5, start=0.5, end=1.5)]


def test_what_would_overwrite_or_mislead_is_refused(path: Path, tmp_path: Path) -> None:
    with Video(path) as video:
        edited = Edited(video, [Cut(1.0, 2.0)])
        with pytest.raises(VideoError, match="itself"):
            edited.cut(0, 1, path)
        with pytest.raises(VideoError, match="end in"):
            edited.cut(0, 1, tmp_path / "out.avi")
        with pytest.raises(VideoError, match="cannot be written"):
            edited.cut(0, 1, tmp_path / "missing" / "out.mp4")
        with pytest.raises(InputError, match="within"):
            edited.cut(4.5, 5, tmp_path / "out.mp4")
        (tmp_path / "out.en.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nold\n", "utf-8")
        with pytest.raises(InputError, match="remove it"):
            write_with_subtitles(edited, tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()
