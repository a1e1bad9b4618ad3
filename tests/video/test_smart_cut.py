"""A smart cut shows the video's pictures at the video's times; those in the middle are the same bit for bit."""

from __future__ import annotations

import base64
import logging
import subprocess
from fractions import Fraction
from pathlib import Path
from shutil import which
from typing import Any

import av
import media
import numpy as np
import pytest
from browser import new_page, open_browser, shown
from numpy.typing import NDArray

from whenabouts.video import Video
from whenabouts.video.avc import Record

GOP, FPS = 20, 25
FINE = {"preset": "veryfast", "bf": "3", "crf": "20"}  # CABAC, 8x8 transform, several references, B-pyramid


def luma(path: Path) -> list[tuple[Fraction, NDArray[np.uint8]]]:
    """Time and decoded luma of every picture, by PyAV alone."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        begin = stream.start_time or 0
        frames = sorted(container.decode(stream), key=lambda frame: frame.pts)
        return [((f.pts - begin) * stream.time_base, f.to_ndarray()[: f.height]) for f in frames]


def video_path(path: Path, **how: Any) -> Path:
    media.make_video(path, **{"seconds": 6, "gop": GOP, "fps": FPS, "options": FINE, **how})
    return path


SPANS = [(0.5, 4.7), (0.8, 4.0), (0.0, 6.0), (1.0, 6.0), (0.0, 3.12), (0.53, 5.99)]
CASES = [(".mp4", 3, *span) for span in SPANS] + [
    (".mkv", 3, *SPANS[0]),
    (".mov", 0, *SPANS[0]),
    (".mkv", 0, *SPANS[1]),
]


@pytest.mark.parametrize(("suffix", "bframes", "start", "end"), CASES)
def test_pictures_and_times_are_the_videos(
    tmp_path: Path, suffix: str, bframes: int, start: float, end: float, caplog: pytest.LogCaptureFixture
) -> None:
    source = video_path(tmp_path / f"a{suffix}", options={**FINE, "bf": str(bframes)})
    clip = Video(source).cut(start, end, tmp_path / "b.mp4", smart=True)
    assert not caplog.records
    ours, theirs = luma(clip), luma(source)
    first, last = int(start * FPS), -int(-end * FPS // 1)
    wanted = theirs[first:last]
    assert len(ours) == len(wanted)
    entry, leave = -(-first // GOP) * GOP, int(end * FPS) // GOP * GOP if end < 6 else last
    same = 0
    for number, (time, picture), (true, original) in zip(range(first, last), ours, wanted, strict=True):
        assert float(time) == pytest.approx(max(0.0, float(true) - start), abs=2e-3)
        if entry <= number < leave:
            assert np.array_equal(picture, original)
            same += 1
        else:
            noise = np.mean((picture.astype(float) - original) ** 2)
            assert 10 * np.log10(255**2 / max(noise, 1e-9)) > 35, number
    assert same == leave - entry > GOP
    assert Video(clip).duration == pytest.approx(end - start, abs=2e-3)


def test_sound_stays_in_step(tmp_path: Path) -> None:
    source = video_path(tmp_path / "a.mkv", audio=(2.5, 6))
    clip = Video(source).cut(0.5, 5.3, tmp_path / "b.mp4", smart=True)
    with av.open(str(clip)) as container:
        frames = list(container.decode(audio=0))
        loud = [frame for frame in frames if np.abs(frame.to_ndarray()).max() > 0.1]
        assert float(loud[0].time) == pytest.approx(2.0, abs=0.04)
        assert float(frames[-1].time) == pytest.approx(4.8, abs=0.1)


def test_variable_rates_keep_their_times(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    times = np.cumsum([0, *rng.choice([0.02, 0.04, 0.15], 120)]).round(3).tolist()
    source = video_path(tmp_path / "a.mp4", times=times)
    video = Video(source)
    clips = [
        Video(video.cut(1.01, 6.6, tmp_path / name, smart=smart)) for name, smart in [("b.mp4", True), ("c.mp4", False)]
    ]
    rows = [[(round(f.time, 3), media.read_number(f.image)) for f in clip.around(0, 99)] for clip in clips]
    assert rows[0] == rows[1] and len(rows[0]) > 50


@pytest.mark.skipif(which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_ffmpeg_decodes_every_picture_without_complaint(tmp_path: Path) -> None:
    clip = Video(video_path(tmp_path / "a.mp4", audio=(0, 6))).cut(0.5, 4.7, tmp_path / "b.mp4", smart=True)
    command = ["ffmpeg", "-nostdin", "-v", "warning", "-i", clip, "-f", "framemd5", "-map", "0:v", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert (
        sum(not line.startswith("#") for line in done.stdout.splitlines()) == 106
    )  # 12, which is on show at 0.5 s, to 117


PLAYER = "source => document.body.append(Object.assign(document.createElement('video'), {src: source, muted: true}))"
SEEK = "time => { document.querySelector('video').currentTime = time; }"


def test_a_browser_shows_the_right_picture_on_either_side_of_the_joins(tmp_path: Path) -> None:
    clip = Video(video_path(tmp_path / "a.mp4")).cut(0.48, 4.72, tmp_path / "b.mp4", smart=True)
    source = "data:video/mp4;base64," + base64.b64encode(clip.read_bytes()).decode()
    with open_browser() as browser:
        page = new_page(browser)
        page.goto("about:blank")
        page.evaluate(PLAYER, source)
        assert shown(page) == 12
        for number in (18, 19, 20, 21, 22, 59, 98, 99, 100, 101, 117, 19, 101, 20):  # groups begin at 20, 40, …
            page.evaluate(SEEK, (number - 12 + 0.5) / FPS)
            assert shown(page) == number


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"codec": "mpeg4", "options": {}}, "only H.264"),
        ({"options": {**FINE, "x264-params": "open-gop=1"}, "gop": 40}, "no complete group"),
        ({"gop": 250}, "no complete group"),
        ({"turn": "90"}, "stored turned"),
        ({"pix_fmt": "yuv444p"}, "not of the common kind"),
        ({"sar": Fraction(4, 3)}, "not of the common kind"),
        ({"muxer": "mpegts"}, "not of the common kind"),
    ],
)
def test_other_videos_are_encoded_as_a_whole_and_the_log_says_why(
    tmp_path: Path, how: dict[str, Any], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    source = video_path(tmp_path / "a.mp4", **how)
    with caplog.at_level(logging.WARNING):
        clip = Video(Video(source).cut(1.5, 4.7, tmp_path / "b.mp4", smart=True))
    assert reason in caplog.text
    numbers = [media.read_number(frame.image) for frame in clip.around(0, 9)]
    assert numbers == list(range(37, 118))


def test_the_record_holds_both_kinds_of_parameter_sets(tmp_path: Path) -> None:
    source = video_path(tmp_path / "a.mp4")
    clip = Video(source).cut(0.5, 4.7, tmp_path / "b.mp4", smart=True)
    with av.open(str(source)) as before, av.open(str(clip)) as after:
        old, new = (Record.parse(each.streams.video[0].codec_context.extradata) for each in (before, after))
    assert old is not None and new is not None
    assert bytes(old) == before_record(source) and len(new.sequences) == len(old.sequences) + 1
    assert new.sequences[0] == old.sequences[0] and old.free_id() == 31 and new.free_id() == 30


def before_record(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return bytes(container.streams.video[0].codec_context.extradata or b"")


@pytest.mark.parametrize("data", [None, b"", b"\0\0\0\1gd", b"\1d\0\x1f\xff\xe1\0\xff", b"\1" * 7])
def test_damaged_records_are_none(data: bytes | None) -> None:
    assert Record.parse(data) is None
