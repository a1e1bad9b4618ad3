"""Pictures by their own times: what a file says of them, without decoding, is what its pictures show."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from media import even_times, make_video, read_number

from whenabouts.errors import InputError
from whenabouts.video import Video
from whenabouts.video.part import Part


@pytest.mark.parametrize(
    ("name", "made", "first"),
    [
        ("plain.mp4", {"fps": Fraction(24000, 1001), "times": even_times(Fraction(24000, 1001), 3.0)}, 0.0),
        ("uneven.mp4", {"times": [Fraction(k * k, 90) for k in range(30)]}, 0.0),
        ("late.mp4", {"offset": 2.0, "audio": (0.0, 5.0), "seconds": 3.0}, 2.0),
        ("stamped.ts", {"offset": 7.0, "seconds": 2.0}, 0.0),
        ("old.avi", {"codec": "mpeg4", "bframes": 0, "seconds": 2.0}, 0.0),
        ("two.mp4", {"times": [0, Fraction(1, 25)]}, 0.0),
    ],
)
def test_every_picture_is_on_show_from_its_time(tmp_path: Path, name: str, made: dict[str, Any], first: float) -> None:
    truth = [float(time) + first for time in make_video(tmp_path / name, **made)]
    with Video(tmp_path / name) as video:
        assert video.times == pytest.approx(truth, abs=1e-3)
        wanted = [0, *range(0, len(truth), 3), len(truth) - 1]
        frames = list(video.at([float(video.times[k]) for k in wanted], size=(144, 96)))
        assert [read_number(frame.image) for frame in frames] == wanted
        assert [frame.time for frame in frames] == pytest.approx([truth[k] for k in wanted], abs=1e-3)


def test_a_part_counts_from_its_start_and_begins_with_what_is_on_show(tmp_path: Path) -> None:
    make_video(tmp_path / "slow.mp4", fps=1, times=[Fraction(k) for k in range(10)])
    with Video(tmp_path / "slow.mp4") as video:
        part = Part(video, 2.5, 6.0)
        assert part.times.tolist() == pytest.approx([0.0, 0.5, 1.5, 2.5])
        assert [read_number(frame.image) for frame in part.at(part.times.tolist())] == [2, 3, 4, 5]
        with pytest.raises(InputError, match="times must not decrease"):
            video.at([1.0, 0.5])
