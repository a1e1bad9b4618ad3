"""A video's own timecode and rate are found in real files, whatever the container, and survive an export."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import media
import pytest

from whenabouts import Moment, Prediction
from whenabouts.errors import InputError
from whenabouts.interchange.formats import read, write
from whenabouts.interchange.timecode import RATES
from whenabouts.interchange.timeline import Timeline
from whenabouts.video import Video


def stamped(path: Path, rate: Fraction, timecode: str) -> Path:
    """A video of two seconds whose first picture is called `timecode`."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 144, 96, "yuv420p"
        stream.metadata["timecode"] = timecode
        for number in range(round(2 * rate)):
            frame = av.VideoFrame.from_ndarray(media.draw(number)).reformat(format="yuv420p")
            frame.pts, frame.time_base = number, 1 / rate
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize(
    ("name", "timecode"),
    [("23.976", "01:00:00:00"), ("25", "23:59:58:24"), ("29.97", "09:59:59;28"), ("59.94", "10:00:00;59")],
)
def test_source_timecode_is_kept(tmp_path: Path, suffix: str, name: str, timecode: str) -> None:
    video = Video(stamped(tmp_path / f"a{suffix}", RATES[name], timecode))
    timeline = Timeline.of(video)
    assert timeline.rate.rate == RATES[name]
    assert timeline.rate.drop == (";" in timecode)
    assert timeline.rate.name(timeline.head) == timecode
    answers = [Prediction("a dog", (Moment(0.5, 1.25),), video.duration)]
    path = write(answers, timeline, tmp_path / "out.edl")
    [mark] = read(path, timeline)
    assert (mark.moments[0].start, mark.moments[0].end) == pytest.approx((0.5, 1.25), abs=0.5 / RATES[name] + 1e-9)


def test_a_video_without_timecode_begins_at_one_hour(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mp4", fps=25)
    timeline = Timeline.of(Video(tmp_path / "a.mp4"))
    assert timeline.start is None and timeline.rate.name(timeline.head) == "01:00:00:00"
    assert not timeline.sound and (timeline.width, timeline.height) == (144, 96)


def test_a_named_timecode_wins_and_chooses_drop_frame(tmp_path: Path) -> None:
    video = Video(stamped(tmp_path / "a.mp4", RATES["29.97"], "02:00:00:00"))
    timeline = Timeline.of(video, timecode="01:00:00;00")
    assert timeline.rate.drop and timeline.head == 107_892
    assert not Timeline.of(video).rate.drop
    with pytest.raises(InputError, match="not a timecode"):
        Timeline.of(video, timecode="one o'clock")


def test_videos_of_variable_rate_go_by_their_seconds(tmp_path: Path) -> None:
    """Three pictures in the first two seconds, many later: a count of pictures would be far off."""
    times = [0, 0.9, 1.7, *(2 + k / 30 for k in range(60))]
    media.make_video(tmp_path / "a.mp4", times=times)
    timeline = Timeline.of(Video(tmp_path / "a.mp4"))
    assert timeline.rate.rate in RATES.values()
    first, end = timeline.span(Moment(2.0, 3.0))
    assert timeline.rate.seconds(first) == pytest.approx(2.0, abs=0.5 / timeline.rate.rate)
    assert timeline.rate.seconds(end) == pytest.approx(3.0, abs=0.5 / timeline.rate.rate)
