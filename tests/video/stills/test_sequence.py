"""Folders and patterns of still pictures as videos: order, times, gaps, kinds, identity, clips."""

from __future__ import annotations

import gc
import os
from fractions import Fraction
from itertools import product
from pathlib import Path

import av
import media
import numpy as np
import pytest

import whenabouts
from whenabouts.errors import InputError, VideoError
from whenabouts.video import Video
from whenabouts.video.samples import samples
from whenabouts.video.stills.sequence import sequence_of


def still(path: Path, number: int, size: tuple[int, int] = (144, 96)) -> Path:
    """A file that shows a number."""
    codec, pix_fmt = {".png": ("png", "rgb24"), ".jpg": ("mjpeg", "yuvj420p"), ".tiff": ("tiff", "rgb24")}[path.suffix]
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = *size, pix_fmt, 1
    frame = av.VideoFrame.from_ndarray(media.draw(number, *size), format="rgb24").reformat(format=pix_fmt)
    path.write_bytes(b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None))))
    return path


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(1, 13):
        still(folder / f"{number}.png", number)
    (folder / "notes.txt").write_text("not a picture")
    (folder / ".hidden.png").write_text("not a picture")
    return folder


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tiff"])
@pytest.mark.parametrize("name", ["frames", "frames/%d{}", "frames/*{}"])
def test_pictures_come_in_natural_order_at_the_rate(tmp_path: Path, name: str, suffix: str) -> None:
    (tmp_path / "frames").mkdir()
    for number in range(1, 13):
        still(tmp_path / "frames" / f"{number}{suffix}", number)
    with whenabouts.open(tmp_path / name.format(suffix), rate=5) as video:
        assert video.duration == pytest.approx(12 / 5)
        assert [media.read_number(frame.image) for frame in video.sample(5)] == list(range(1, 13))
        assert video.times == pytest.approx([k / 5 for k in range(12)])
        assert media.read_number(next(iter(video.at([1.3]))).image) == 7
        assert not list(samples(video))
        assert video.notes == ()


@pytest.mark.parametrize(("rate", "exact"), [(23.976, 24_000 / 1001), (29.97, 30_000 / 1001), (12.5, 12.5), (60, 60)])
def test_the_rates_of_ntsc_are_meant_exactly(frames: Path, rate: float, exact: float) -> None:
    with whenabouts.open(frames, rate=rate) as video:
        assert video.times[-1] == pytest.approx(11 / exact, abs=1e-9)


def test_the_name_alone_says_all(frames: Path, tmp_path: Path) -> None:
    video = whenabouts.open(frames, rate=5)
    assert str(video.path) == f"{frames}@5"
    again = Video(str(video.path))
    assert again.sha256 == video.sha256 != Video(f"{frames}@6").sha256
    clip = again.cut(0.4, 1.2, tmp_path / "clip.mp4")
    assert [media.read_number(frame.image) for frame in Video(clip).sample(5)] == [3, 4, 5, 6]


def test_another_picture_is_another_video(frames: Path) -> None:
    before = Video(f"{frames}@5").sha256
    still(frames / "5.png", 500)
    os.utime(frames / "5.png", ns=(1, 1))
    changed = Video(f"{frames}@5").sha256
    (frames / "5.png").rename(frames / "13.png")
    assert len({before, changed, Video(f"{frames}@5").sha256}) == 3


def test_missing_numbers_are_told(frames: Path) -> None:
    for number in (4, 7, 8):
        (frames / f"{number}.png").unlink()
    assert Video(f"{frames}@5").notes == (
        "number 4 is missing: time goes on without it",
        "numbers 7 to 8 are missing: time goes on without them",
    )


def test_every_tenth_number_is_no_gap(tmp_path: Path) -> None:
    for number in range(0, 100, 10):
        still(tmp_path / f"{number:04}.png", number)
    assert Video(tmp_path / "%04d.png@5").notes == ()


def test_pictures_of_several_sizes_are_shown_alike(frames: Path, tmp_path: Path) -> None:
    still(frames / "6.png", 6, (288, 192))
    video = Video(f"{frames}@5")
    assert [media.read_number(frame.image) for frame in video.sample(5)] == list(range(1, 13))
    clip = video.cut(0.0, 2.4, tmp_path / "clip.mp4")
    assert [media.read_number(frame.image) for frame in Video(clip).sample(5)] == list(range(1, 13))


def test_pictures_of_cameras_are_turned_by_their_exif(tmp_path: Path) -> None:
    tiff = b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"  # orientation 6: a quarter to the right
    exif = b"\xff\xe1" + (8 + len(tiff)).to_bytes(2) + b"Exif\0\0" + tiff
    for number in (1, 2):
        data = still(tmp_path / f"{number}.jpg", number).read_bytes()
        (tmp_path / f"{number}.jpg").write_bytes(data[:2] + exif + data[2:])
    video = Video(f"{tmp_path}@5")
    assert (video.probe.width, video.probe.height, video.probe.rotation) == (96, 144, 90)
    assert video.notes == ()
    video.cut(0, 0.2, tmp_path / "clip.mp4")
    assert video.cut(0, 0.2, tmp_path / "clip.mp4").exists()  # again, over the first


# How the pixels are stored of which EXIF says that a camera was held so.
STORED = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.swapaxes(0, 1),
    6: np.rot90,
    7: lambda upright: upright[::-1, ::-1].swapaxes(0, 1),
    8: lambda upright: np.rot90(upright, -1),
}


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_each_picture_is_turned_and_mirrored_by_itself(tmp_path: Path, suffix: str) -> None:
    images = pytest.importorskip("PIL.Image")
    held = [orientation for pair in product(STORED, STORED) for orientation in pair]
    for number, orientation in enumerate(held):
        exif = images.Exif()
        exif[0x0112] = orientation
        stored = STORED[orientation](media.draw(number, 144, 144))
        images.fromarray(np.ascontiguousarray(stored)).save(tmp_path / f"{number}.{suffix}", exif=exif)
    video = Video(f"{tmp_path}@5")
    assert [media.read_number(frame.image) for frame in video.sample(5)] == list(range(len(held)))
    assert [media.read_number(frame.image) for frame in video.keyframes(size=64)] == list(range(len(held)))
    clip = video.cut(0, 4, tmp_path / "clip.mp4")
    assert [media.read_number(frame.image) for frame in Video(clip).sample(5)] == list(range(20))


@pytest.mark.parametrize("container", ["folder", "png", "mov"])
def test_colour_profiles_crash_nothing(tmp_path: Path, container: str) -> None:
    images, colours = pytest.importorskip("PIL.Image"), pytest.importorskip("PIL.ImageCms")
    profile = colours.ImageCmsProfile(colours.createProfile("sRGB")).tobytes()
    pictures = [images.fromarray(media.draw(number)) for number in range(6)]
    for number, picture in enumerate(pictures):
        picture.save(tmp_path / f"{number}.png", icc_profile=profile)
    path = tmp_path / f"a.{container}"
    if container == "folder":
        path = Path(f"{tmp_path}/%d.png@10")
    elif container == "png":
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100, icc_profile=profile)
    else:
        with av.open(str(path), "w") as out:
            stream = out.add_stream("png", rate=10)
            stream.width, stream.height, stream.pix_fmt = 144, 96, "rgb24"
            for number in range(6):
                packet = av.Packet((tmp_path / f"{number}.png").read_bytes())
                packet.stream, packet.pts, packet.dts = stream, number, number
                packet.time_base, packet.is_keyframe = Fraction(1, 10), True
                out.mux(packet)
    video = Video(path)
    assert [media.read_number(frame.image) for frame in video.sample(10)] == list(range(6))
    gc.collect()
    video.cut(0, 0.3, tmp_path / "clip.mp4")
    gc.collect()


def test_a_picture_that_is_damaged_is_told(frames: Path) -> None:
    (frames / "6.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    video = Video(f"{frames}@5")
    (frames / "8.png").write_bytes(b"")
    assert len(list(video.sample(5))) == 12
    assert [note.split()[0] for note in video.notes] == ["6.png", "8.png"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("frames", r"is a folder of 12 pictures; say how many are shown a second: --rate 25, or name it .*frames@25"),
        ("empty@5", "no pictures are found at"),
        ("frames/*.jpg@5", "no pictures are found at"),
        ("frames@0", "a rate is more than 0 and at most 1000"),
        ("mixed@5", r"several kinds \(\.jpg, \.png\); name one of them with a pattern"),
        ("absent@5", "does not exist"),
        ("webp@5", "is of PNG, JPEG or TIFF"),
    ],
)
def test_what_cannot_be_a_sequence_is_one_sentence(frames: Path, name: str, sentence: str) -> None:
    root = frames.parent
    for folder in ("empty", "mixed", "webp"):
        (root / folder).mkdir()
    still(root / "mixed" / "1.png", 1)
    still(root / "mixed" / "2.jpg", 2)
    (root / "webp" / "1.webp").write_bytes(b"RIFF")
    with pytest.raises(VideoError, match=sentence):
        Video(root / name)


def test_a_rate_is_not_for_files_nor_twice(frames: Path) -> None:
    media.make_video(frames.parent / "a.mp4", seconds=1)
    for path in (frames.parent / "a.mp4", Path(f"{frames}@5")):
        with pytest.raises(InputError, match="has its own"):
            whenabouts.open(path, rate=5)


def test_a_file_whose_name_ends_like_one_is_a_file(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a@25", seconds=1, muxer="mp4")
    assert sequence_of(tmp_path / "a@25") is None
    assert Video(tmp_path / "a@25").duration == pytest.approx(1)
