"""A video as the package sees it: real videos, refusals in one sentence, broken and odd files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import media
import pytest

from whenabouts.errors import InputError, VideoError
from whenabouts.video import Limits, Video

try:
    import iscc_samples

    VIDEOS = [Path(path) for path in iscc_samples.videos()]
except ImportError:  # pragma: no cover
    VIDEOS = []


@pytest.mark.parametrize("video_path", VIDEOS, ids=lambda video_path: video_path.suffix[1:])
def test_a_real_video_in_twenty_containers(video_path: Path) -> None:
    video = Video(video_path)
    lasts = 5.0 if video_path.suffix == ".gif" else 60.14
    assert video.duration == pytest.approx(lasts, abs=0.11)
    frames = list(video.sample(0.2, size=64))
    assert len(frames) == (1 if video_path.suffix == ".gif" else 13)
    for k, frame in enumerate(frames):
        # The Theora stream is damaged: most of its packets cannot be decoded.
        slack = 1.0 if video_path.suffix in (".ogg", ".ogv", ".gif") else 0.06
        assert 5 * k - slack <= frame.time <= 5 * k + 0.06
        assert frame.image.shape == (64, 64, 3)


@pytest.mark.parametrize("name", ["3MSZA.mp4", "univtg_charades.mp4"])
def test_plan_and_full_decoding_agree_on_real_video(data: Path, name: str) -> None:
    video = Video(data / "videos" / name)
    everything = {frame.time: frame.image for frame in video.around(0, 1e6, size=48)}
    for frame in video.sample(0.7, start=0.3, size=48):
        assert (everything[frame.time] == frame.image).all()


SENTENCES = {
    "empty.mp4": "is empty",
    "no-moov.mp4": "no index",
    "half.mp4": "no index",
    "text.mp4": "not a media file",
    "playlist.mp4": "is a playlist",
    "concat.mp4": "is a playlist",
    "session.mp4": "is a playlist",
    "dash.mp4": "is a playlist",
    "sound.m4a": "no video stream",
    "front-no-data.mp4": "no picture",
    "folder.mp4": "is a directory",
    "absent.mp4": "does not exist",
    "pipe.mp4": "a pipe",
    "still.png": "is a still picture",
}
DECODABLE = {
    "front-half.mp4",
    "garbled-data.mp4",
    "half.ts",
    "torn-start.ts",
    "half.mkv",
    "half.flv",
    "huge-duration.mp4",
    "zero-duration.mp4",
    "renamed-ts.mp4",
    "trailing-junk.mp4",
    "-leading-dash.mp4",
    "file:colon.mp4",
    "frame%03d.mp4",
}


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {path.name: path for path in media.malformed(tmp_path_factory.mktemp("zoo"))}


def test_broken_and_odd_files_give_pictures_or_one_sentence(zoo: dict[str, Path]) -> None:
    assert len(zoo) >= 25
    for name, path in zoo.items():
        try:
            video = Video(path)
            frames = [*video.sample(2, size=16), *video.keyframes(size=16), *video.around(0.5, size=16)]
        except VideoError as error:
            sentence = str(error)
            assert SENTENCES.get(name, "") in sentence, name
            assert "\n" not in sentence and not sentence.endswith("."), sentence
            assert name not in DECODABLE, sentence
        else:
            assert name not in SENTENCES, name
            assert (frames and 0 < video.duration < 4) or name == "doubled.ts", name


def test_a_recording_that_was_joined_to_itself_lasts_twice_as_long(zoo: dict[str, Path]) -> None:
    assert Video(zoo["doubled.ts"]).duration == pytest.approx(4)


@pytest.mark.parametrize("name", ["huge-duration.mp4", "zero-duration.mp4", "trailing-junk.mp4"])
def test_a_false_declaration_of_length_is_measured_over(zoo: dict[str, Path], name: str) -> None:
    assert Video(zoo[name]).duration == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("name", ["half.mkv", "half.ts", "front-half.mp4"])
def test_a_truncated_file_lasts_as_long_as_its_pictures(zoo: dict[str, Path], name: str) -> None:
    video = Video(zoo[name])
    assert 0.3 < video.duration < 1.8
    last = list(video.sample(25))[-1]
    assert media.read_number(last.image) == pytest.approx(video.duration * 25 - 1, abs=4)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/a.mp4", "rtsp://x/y", "concat:a.mp4|b.mp4", "data:,x", "pipe:0"]
)
def test_an_address_is_never_opened(address: str) -> None:
    with pytest.raises(VideoError, match=r"does not exist|looks like an address"):
        Video(address)


def test_nothing_outside_the_file_is_opened(tmp_path: Path, zoo: dict[str, Path]) -> None:
    (tmp_path / "good.mp4").write_bytes(zoo["trailing-junk.mp4"].read_bytes())
    (tmp_path / "a.mp4").write_text(f"#EXTM3U\n#EXTINF:2,\n{tmp_path / 'good.mp4'}\n#EXT-X-ENDLIST\n")
    with pytest.raises(VideoError, match="is a playlist"):
        Video(tmp_path / "a.mp4")


@pytest.mark.parametrize("box", [b"styp", b"sidx", b"moof"])
def test_a_segment_without_its_header_says_what_to_do(tmp_path: Path, box: bytes) -> None:
    (tmp_path / "chunk-00002.m4s").write_bytes(b"\0\0\0\x18" + box + bytes(16) + b"\0\0\0\x10mdat" + bytes(8))
    with pytest.raises(VideoError, match=r"segment of a stream .* join them"):
        Video(tmp_path / "chunk-00002.m4s")


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (Limits(max_pixels=1000), "over the limit"),
        (Limits(max_side=100), "over the limit"),
        (Limits(max_duration=1), "longer than the limit"),
        (Limits(max_streams=1), "more than the limit"),
    ],
)
def test_limits_hold(tmp_path: Path, limits: Limits, sentence: str) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=2, audio=(0, 2))
    with pytest.raises(VideoError, match=sentence):
        Video(tmp_path / "a.mp4", limits=limits)


def test_a_picture_of_65_thousand_pixels_a_side_is_refused(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mkv", seconds=0.1, size=(40_000, 16), codec="mjpeg", pix_fmt="yuvj420p")
    with pytest.raises(VideoError, match="40000×16 pixels"):
        Video(tmp_path / "a.mkv")


def test_the_real_video_is_chosen_before_a_cover_and_smaller_streams(tmp_path: Path) -> None:
    media.make_video(tmp_path / "cover.mp4", seconds=1, cover=True)
    media.make_video(tmp_path / "several.mkv", seconds=1, extra_videos=2)
    for name, index in (("cover.mp4", None), ("several.mkv", 2)):
        video = Video(tmp_path / name)
        assert index is None or video.probe.video_index == index
        assert media.read_number(next(video.sample(1, start=0.4)).image) == 10


def test_a_growing_file_gives_what_is_there(tmp_path: Path) -> None:
    media.make_video(tmp_path / "whole.ts", seconds=6)
    content = (tmp_path / "whole.ts").read_bytes()
    growing = tmp_path / "growing.ts"
    growing.write_bytes(content[: len(content) // 2])
    early = Video(growing).duration
    with growing.open("ab") as file:
        file.write(content[len(content) // 2 :])
    assert 1 < early < 5 < Video(growing).duration
    assert media.read_number(list(Video(growing).sample(1))[5].image) == 125


def test_the_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=0.2)
    video = Video(tmp_path / "a.mp4")
    assert video.sha256 == hashlib.sha256((tmp_path / "a.mp4").read_bytes()).hexdigest()


def test_no_file_stays_open(tmp_path: Path) -> None:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("needs /proc to count open files")
    media.make_video(tmp_path / "a.mp4", seconds=2, audio=(0, 2))
    before = len(list(Path("/proc/self/fd").iterdir()))
    with Video(tmp_path / "a.mp4") as video:
        list(video.sample(1))
        next(video.sample(1))
        video.cut(0.5, 1, tmp_path / "b.mp4")
        with pytest.raises(VideoError):
            Video(tmp_path / "absent.mp4")
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_a_negative_radius_is_refused(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=0.2)
    with pytest.raises(InputError, match="radius"):
        Video(tmp_path / "a.mp4").around(1, -1)
