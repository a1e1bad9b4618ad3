"""The composed benchmark: the recipe is fixed, its halves share nothing, its truth is what the video shows."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from whenabouts.errors import InputError
from whenabouts.synthetic.composed import ABSENT, SCENES, make_video
from whenabouts.video import Video


def test_the_halves_share_no_picture_and_no_query() -> None:
    tuning, held_out = SCENES["tuning"], SCENES["held-out"]
    assert not {(s.file, s.part) for s in tuning} & {(s.file, s.part) for s in held_out}
    sentences = [query for scene in (*tuning, *held_out) for query, _ in scene.queries]
    sentences += [query for half in ABSENT.values() for query in half]
    assert len(sentences) == len(set(sentences))
    assert sum(len(scene.queries) for scene in (*tuning, *held_out)) >= 60


def test_the_same_number_is_the_same_video_and_its_windows_fill_it(tmp_path: Path) -> None:
    for package in ("skimage", "sklearn", "skvideo", "iscc_samples", "PIL"):
        pytest.importorskip(package, reason=f"{package} is not installed")
    video, again = (make_video(tmp_path / f"{name}.mp4", "tuning", 3, scenes=4) for name in ("video", "again"))
    assert video.questions == again.questions
    assert Video(video.path).sha256 == Video(again.path).sha256
    windows = sorted({window for question in video.questions for window in question.truth})
    assert windows[0][0] == 0 and windows[-1][1] == pytest.approx(Video(video.path).duration)
    assert all(before[1] == after[0] for before, after in pairwise(windows))
    assert max(len(question.truth) for question in video.questions) == 2
    assert any(not question.truth for question in video.questions)


def test_too_few_scenes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least 3 scenes, got 2"):
        make_video(tmp_path / "video.mp4", "tuning", 0, scenes=2)
