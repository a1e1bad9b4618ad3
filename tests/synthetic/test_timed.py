"""The video for trying a sense of time is as it says."""

from __future__ import annotations

from pathlib import Path

from whenabouts.synthetic.timed import EVENT, SECONDS, make_timed_video
from whenabouts.video import Video


def test_the_circle_is_seen_at_its_times_and_at_no_others(tmp_path: Path) -> None:
    made = make_timed_video(tmp_path / "timed.mp4")
    with Video(made.path) as video:
        assert abs(video.duration - SECONDS) < 0.01
        for frame in video.sample(8.0):
            red, _, blue = (int(value) for value in frame.image[120, 160])
            circle = EVENT[0] <= frame.time < EVENT[1]
            assert (red > 180 and blue < 80) == circle, frame.time
    assert made.questions[0].truth == (EVENT,)
