"""Pictures as queries: upright, on white, within bounds, and never a crash."""

from __future__ import annotations

import gc
import hashlib
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from whenabouts.errors import VideoError
from whenabouts.isolation import ChildLimits
from whenabouts.video.isolated import isolated
from whenabouts.video.stills.picture import read_picture

images = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


def corners(size: tuple[int, int] = (64, 48)) -> np.ndarray:
    """Dark, but for a white upper left corner."""
    image = np.full((size[1], size[0], 3), 20, np.uint8)
    image[: size[1] // 2, : size[0] // 2] = 255
    return image


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif", "bmp", "gif"])
@pytest.mark.parametrize("apart", [False, True])
def test_every_kind_is_read_here_and_in_a_child(tmp_path: Path, suffix: str, apart: bool) -> None:
    path = tmp_path / f"a.{suffix}"
    images.fromarray(corners()).save(path)
    if apart:
        with isolated():
            picture = read_picture(path, 32)
    else:
        picture = read_picture(path, 32)
    assert picture.image.shape == (32, 32, 3)
    assert picture.image[4, 4].min() > 200 and picture.image[28, 28].max() < 80
    assert picture.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif"])
def test_a_picture_is_turned_and_mirrored_as_its_camera_says(tmp_path: Path, suffix: str, orientation: int) -> None:
    path, exif = tmp_path / f"a.{suffix}", images.Exif()
    exif[0x0112] = orientation
    images.fromarray(corners()).save(path, exif=exif)
    upright = pytest.importorskip("PIL.ImageOps").exif_transpose(images.open(path)).convert("RGB")
    image = read_picture(path).image
    assert image.shape == np.asarray(upright).shape
    assert np.abs(image.astype(int) - np.asarray(upright)).mean() < 3


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    rgba = np.dstack([corners(), np.zeros((48, 64), np.uint8)])
    images.fromarray(rgba).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png", 32).image.min() == 255


def test_a_colour_profile_crashes_nothing(tmp_path: Path) -> None:
    profile = pytest.importorskip("PIL.ImageCms").createProfile("sRGB")
    data = pytest.importorskip("PIL.ImageCms").ImageCmsProfile(profile).tobytes()
    images.fromarray(corners()).save(tmp_path / "a.png", icc_profile=data)
    for _ in range(3):
        assert read_picture(tmp_path / "a.png", 32).image[4, 4].min() > 200
        gc.collect()


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "bmp", "gif"])
def test_a_picture_that_ends_early_is_refused(tmp_path: Path, suffix: str, progressive: bool) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    path = tmp_path / f"a.{suffix}"
    images.fromarray(noise).save(path, progressive=progressive)
    data = path.read_bytes()
    read_picture(path, 32)
    for share in (0.3, 0.6, 0.97):
        path.write_bytes(data[: int(share * len(data))])
        with pytest.raises(VideoError, match="damaged or ends early"):
            read_picture(path, 32)


def test_what_the_decoder_complains_about_is_refused_and_what_follows_a_picture_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    images.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)).save(path)
    data = path.read_bytes()
    path.write_bytes(data + b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 9)  # as of a "motion photo"
    read_picture(path, 32)
    path.write_bytes(data[:-900] + bytes(300) + data[-600:])
    with pytest.raises(VideoError, match="damaged"):
        read_picture(path, 32)


def test_a_tiff_with_jpeg_inside_is_refused(tmp_path: Path) -> None:
    images.fromarray(corners()).save(tmp_path / "a.tif", compression="jpeg")
    images.fromarray(corners()).convert("YCbCr").save(tmp_path / "b.tif")
    for name in ("a.tif", "b.tif"):
        with pytest.raises(VideoError, match="TIFF with JPEG inside"):
            read_picture(tmp_path / name, 32)


@pytest.mark.parametrize("suffix", ["webp", "gif", "png"])
def test_of_an_animation_the_first_picture_is_read(tmp_path: Path, suffix: str) -> None:
    first, second = (images.fromarray(image) for image in (corners(), corners()[::-1, ::-1]))
    first.save(tmp_path / f"a.{suffix}", save_all=True, append_images=[second], duration=100)
    image = read_picture(tmp_path / f"a.{suffix}", 32).image
    assert image[4, 4].min() > 200 and image[28, 28].max() < 80


def chunk(name: bytes, data: bytes) -> bytes:
    """Of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(path: Path, side: int) -> Path:
    """A PNG of a few kilobytes that claims `side` × `side` pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1 << 20))))
    return path


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x89PNG\r\n\x1a\nnonsense", "cannot be decoded"),
        (b"#EXTM3U\nhttp://localhost/", "is not a picture of a kind that is read"),
        (b"", "is not a picture of a kind that is read"),
    ],
)
def test_what_is_no_picture_is_one_sentence(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(VideoError, match=told):
        read_picture(tmp_path / "a.png", 32)


def test_a_picture_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="more than 50 million pixels"):
        read_picture(bomb(tmp_path / "a.png", 60_000), 32)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not say how much memory is used")
@pytest.mark.parametrize(("name", "head"), [(b"zTXt", b"Comment\0\0"), (b"iTXt", b"Comment\0\1\0\0\0")])
def test_a_text_that_unpacks_to_gigabytes_is_left_packed(tmp_path: Path, name: bytes, head: bytes) -> None:
    images.fromarray(corners()).save(tmp_path / "a.png")
    plain = (tmp_path / "a.png").read_bytes()
    text = chunk(name, head + zlib.compress(bytes(300 << 20), 1))
    (tmp_path / "a.png").write_bytes(plain[:33] + text + plain[33:])  # behind the header
    with isolated(ChildLimits(memory=100 << 20)):
        assert read_picture(tmp_path / "a.png", 32).image[4, 4].min() > 200
