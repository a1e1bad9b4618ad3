"""A video's own timecode and rate are found in real files, whatever the container, and survive an export."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import media
import pytest
from PIL import Image

from whenabouts import Moment, Prediction
from whenabouts.errors import InputError
from whenabouts.interchange.exchange import timeline_of
from whenabouts.interchange.formats import FORMATS, read, write
from whenabouts.interchange.timecode import RATES, FrameRate
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
    [
        ("23.976", "01:00:00:00"),
        ("25", "23:59:58:24"),
        ("29.97", "09:59:59;28"),
        ("30", "16:37:10;02"),
        ("48", "10:00:00:47"),
        ("59.94", "23:59:59;59"),
    ],
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


def test_a_true_thirty_counts_with_labels_left_out(tmp_path: Path) -> None:
    timeline = Timeline.of(Video(stamped(tmp_path / "a.mov", Fraction(30), "16:37:10;02")))
    answers = [Prediction("a dog", (Moment(0.5, 1.25),), 2.0)]
    edl, fcpxml = (write(answers, timeline, tmp_path / f"a.{suffix}").read_text() for suffix in ("edl", "fcpxml"))
    assert "FCM: DROP FRAME" in edl and "16:37:10;17" in edl
    assert 'tcStart="1793106/30s" tcFormat="DF"' in fcpxml


def test_a_semicolon_means_nothing_where_no_label_is_left_out(tmp_path: Path) -> None:
    path = stamped(tmp_path / "a.mkv", Fraction(25), "01:00:00;10")
    assert Timeline.of(Video(path)).rate.name(90_010) == "01:00:00:10"


def test_the_timecode_of_a_group_of_pictures_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.mpg"
    with av.open(str(path), "w") as out:
        options = {"gop_timecode": "01:00:00;10"}
        stream = out.add_stream("mpeg2video", rate=RATES["29.97"], options=options)
        stream.width, stream.height, stream.pix_fmt = 144, 96, "yuv420p"
        for number in range(30):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(media.draw(number)).reformat(format="yuv420p")))
        out.mux(stream.encode(None))
    assert Video(path).probe.timecode == "01:00:00;10"


def test_an_edl_is_read_by_its_own_counting(tmp_path: Path) -> None:
    """A video without timecode; the editor counted drop-frame from the hour on."""
    timeline = Timeline(tmp_path / "a.mp4", 600.0, FrameRate(RATES["29.97"]))
    path = tmp_path / "a.edl"
    path.write_text(
        "TITLE: a\nFCM: DROP FRAME\n\n001  001      V     C        01:01:00;02 01:01:00;03 01:01:00;02 01:01:00;03\n"
        " |C:ResolveColorBlue |M:a dog |D:30\n"
    )
    [mark] = read(path, timeline)
    assert mark.moments[0].start == pytest.approx(1800 / RATES["29.97"])


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


def test_a_sequence_of_pictures_is_named_by_its_first_file(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    for number in range(3):
        Image.fromarray(media.draw(number)).save(folder / f"{number}.png")
    video = Video(tmp_path / "plain@25")
    timeline = Timeline.of(video)
    answers = [Prediction("a dog", (Moment(0.0, 0.04),), video.duration)]
    assert timeline.uri == (folder / "0.png").as_uri()
    assert timeline.uri in write(answers, timeline, tmp_path / "a.xml").read_text()
    with pytest.raises(InputError, match="opens no sequence of pictures such as plain@25"):
        write(answers, timeline, tmp_path / "a.fcpxml")
    for _ in range(2):
        assert video.cut(0.0, 0.08, tmp_path / "clip.mp4").exists()


def test_a_video_with_pauses_has_the_rate_of_its_grid_and_its_channels(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    times = [Fraction(k, 25) for k in range(50) if k not in (7, 23)]
    media.make_video(path, times=times, audio=(0.0, 2.0))
    video = Video(path)
    timeline = Timeline.of(video)
    assert timeline.rate.rate == 25
    fcpxml = write([Prediction("a dog", (), video.duration)], timeline, tmp_path / "a.fcpxml").read_text()
    assert f'audioChannels="{video.probe.audio[0].channels}"' in fcpxml and timeline.channels == 1


def test_a_clock_that_was_taken_for_granted_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "raw.h264"
    media.make_video(path, seconds=1, muxer="h264")
    timeline_of([Prediction("a dog", (Moment(0.0, 0.5),), 1.0)], path)
    assert "has no time stamps" in caplog.text and "an editor may count otherwise" in caplog.text


@pytest.mark.parametrize(
    ("rate", "counted"), [(Fraction(240), "120"), (Fraction(25, 2), "23.976"), (Fraction(15), None)]
)
def test_a_rate_that_editing_programs_conform_is_told(tmp_path: Path, rate: Fraction, counted: str | None) -> None:
    media.make_video(tmp_path / "a.mp4", fps=rate, seconds=1.6)
    with Video(tmp_path / "a.mp4") as video:
        timeline = Timeline.of(video)
    told = (
        None if counted is None else f"a.mp4 has {float(rate):g} frames per second: its frames are counted at {counted}"
    )
    assert (timeline.conformed or "").startswith(told or "") and bool(timeline.conformed) is bool(told)
    notes = FORMATS["edl"].told([Prediction("a dog", (Moment(0.5, 1.0),), 1.6)], timeline)
    assert any("frames per second" in note for note in notes) is bool(told)
