"""Frame vectors of a whole video and their cache."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from damaged import mutants
from media import make_video, read_number

from whenabouts.encoders import load_encoder
from whenabouts.encoders.features import Features, _read, video_features
from whenabouts.errors import InputError
from whenabouts.files.cache import cache_folder
from whenabouts.video import Video
from whenabouts.video.part import Part


class NumberReader:
    """An encoder whose vector is the number that a picture shows, so each can be checked; counts its work."""

    name = "numbers"
    size = 96
    dim = 2

    def __init__(self, sha256: str = "0" * 64) -> None:
        self.sha256 = sha256
        self.seen = 0

    def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        self.seen += len(images)
        return np.array([[read_number(image), 1] for image in images], dtype=np.float32)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        return np.zeros((len(texts), 2), dtype=np.float32)


@pytest.fixture
def video_path(tmp_path: Path) -> Video:
    make_video(tmp_path / "video.mp4", fps=10, seconds=8)
    return Video(tmp_path / "video.mp4")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "features"


def same(one: Features, other: Features) -> bool:
    return np.array_equal(one.times, other.times) and np.array_equal(one.vectors, other.vectors)


@pytest.mark.parametrize("fps", [0.5, 1, 2.5, 10])
def test_each_vector_is_of_the_picture_on_show_at_its_time(video_path: Video, fps: float) -> None:
    features = video_features(video_path, NumberReader(), fps=fps)
    np.testing.assert_allclose(features.times, np.arange(len(features.times)) / fps)
    np.testing.assert_array_equal(features.vectors[:, 0], np.floor(features.times * 10 + 1e-9))
    assert features.times[-1] < video_path.duration <= features.times[-1] + 1 / fps + 1e-6
    assert features.times.dtype == np.float64
    assert features.vectors.dtype == np.float32


def test_the_second_time_nothing_is_encoded(video_path: Video) -> None:
    first, second = NumberReader(), NumberReader()
    assert same(video_features(video_path, first), video_features(video_path, second))
    assert (first.seen, second.seen) == (8, 0)


def test_the_cache_knows_content_not_names(video_path: Video, tmp_path: Path) -> None:
    video_features(video_path, NumberReader())
    moved = video_path.path.rename(tmp_path / "other name.mp4")
    encoder = NumberReader()
    video_features(Video(moved), encoder)
    assert encoder.seen == 0


def test_another_rate_model_or_video_is_computed(video_path: Video, tmp_path: Path) -> None:
    video_features(video_path, NumberReader())
    make_video(tmp_path / "second.mp4", fps=10, seconds=8, numbers=range(100, 180))
    for video, encoder, fps in (
        (video_path, NumberReader(), 2.0),
        (video_path, NumberReader("1" * 64), 1.0),
        (Video(tmp_path / "second.mp4"), NumberReader(), 1.0),
    ):
        video_features(video, encoder, fps=fps)
        assert encoder.seen > 0


def test_vectors_are_mapped_and_are_those_that_were_computed(video_path: Video) -> None:
    first, second = (video_features(video_path, NumberReader()) for _ in range(2))
    assert isinstance(second.half, np.memmap) and not isinstance(first.half, np.memmap)
    assert second.half.dtype == first.half.dtype == np.float16
    assert same(first, second) and first.encoded == second.encoded == 8


@pytest.mark.parametrize("fps", [1.0, 0.5, 2.5])
def test_a_lower_rate_is_rows_of_a_multiple_of_it(video_path: Video, folder: Path, fps: float) -> None:
    video_features(video_path, NumberReader(), fps=5)
    encoder = NumberReader()
    rows = video_features(video_path, encoder, fps=fps)
    assert encoder.seen == 0 and same(rows, video_features(video_path, encoder, fps=fps, cache=False))
    assert len(list(folder.glob("*/*.npy"))) == 1


def test_a_rate_that_does_not_divide_the_cached_one_is_computed(video_path: Video) -> None:
    video_features(video_path, NumberReader(), fps=2)
    encoder = NumberReader()
    video_features(video_path, encoder, fps=1.5)
    assert encoder.seen == 12


@pytest.mark.parametrize(("start", "end", "fps"), [(2.0, 6.0, 2.0), (2.5, 8.0, 2.0), (3.0, 6.3, 1.0), (1.2, 4.0, 5.0)])
def test_a_part_on_the_grid_of_the_whole_is_rows_of_it(
    video_path: Video, folder: Path, start: float, end: float, fps: float
) -> None:
    video_features(video_path, NumberReader(), fps=2)
    video_features(video_path, NumberReader(), fps=5)
    encoder = NumberReader()
    part = Part(Part(video_path, 0.5, 8.0), start - 0.5, end - 0.5)
    rows = video_features(part, encoder, fps=fps)
    assert encoder.seen == 0 and same(rows, video_features(part, encoder, fps=fps, cache=False))
    assert len(list(folder.glob("*"))) == 1


@pytest.mark.parametrize(("start", "fps"), [(0.0, 1.0), (2.0, 2.0)])
def test_where_pictures_repeat_an_answer_does_not_depend_on_what_was_asked_before(
    tmp_path: Path, start: float, fps: float
) -> None:
    make_video(tmp_path / "still.mp4", fps=10, seconds=8, numbers=[number // 7 for number in range(80)])
    video = Video(tmp_path / "still.mp4")
    part = Part(video, start, 8.0) if start else video
    alone = video_features(part, NumberReader(), fps=fps, cache=False)
    whole = video_features(video, NumberReader(), fps=2)
    assert whole.encoded < len(whole.half)
    after, encoder = video_features(part, NumberReader(), fps=fps), NumberReader()
    assert same(after, alone) and after.encoded == alone.encoded
    assert same(video_features(part, encoder, fps=fps), alone) and encoder.seen == 0


def test_a_part_beside_the_grid_is_computed_and_kept(video_path: Video) -> None:
    video_features(video_path, NumberReader(), fps=2)
    first, second, part = NumberReader(), NumberReader(), Part(video_path, 2.2, 5.2)
    assert same(video_features(part, first, fps=2), video_features(part, second, fps=2))
    assert (first.seen, second.seen) == (6, 0)


@pytest.mark.parametrize("damage", ["empty", "cut", "garbage", "foreign", "vectors"])
def test_a_damaged_file_is_computed_again_and_replaced(video_path: Video, folder: Path, damage: str) -> None:
    whole = video_features(video_path, NumberReader())
    [path] = folder.glob("*/*.npy")
    content = path.read_bytes()
    if damage == "foreign":
        with path.open("wb") as file:
            np.savez(file, times=np.zeros(3), vectors=np.zeros((2, 2)))
    else:
        changed = content[:140] + bytes([content[140] ^ 64]) + content[141:]  # one number
        given = {"empty": b"", "cut": content[:-40], "garbage": b"x" * len(content), "vectors": changed}
        path.write_bytes(given[damage])
    encoder = NumberReader()
    assert same(video_features(video_path, encoder), whole)
    assert encoder.seen == 8
    assert path.read_bytes() == content


def test_no_damage_is_taken_for_vectors(video_path: Video, folder: Path) -> None:
    video_features(video_path, NumberReader())
    video_features(video_path, NumberReader("1" * 64))
    path, another = sorted(folder.glob("*/*.npy"))
    whole, other = path.read_bytes(), another.read_bytes()
    if whole == other:
        other = bytes(len(whole))
    for damage, content in mutants(whole, other, 300, seed=2):
        path.write_bytes(content)
        assert _read(path) is None, damage


def test_a_pickle_in_the_cache_is_never_run(video_path: Video, folder: Path, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "sprung",)

    video_features(video_path, NumberReader())
    [path] = folder.glob("*/*.npy")
    with path.open("wb") as file:
        np.save(file, np.array([[Trap()]], dtype=object), allow_pickle=True)
        np.save(file, np.array(Trap(), dtype=object), allow_pickle=True)
    video_features(video_path, NumberReader())
    assert not (tmp_path / "sprung").exists()


def test_an_interrupted_run_leaves_nothing(video_path: Video, folder: Path) -> None:
    class Interrupted(NumberReader):
        def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        video_features(video_path, Interrupted())
    assert not folder.exists() or not list(folder.iterdir())


def test_a_write_that_fails_costs_only_the_speed(video_path: Video, folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("a file where the folder should be")
    assert len(video_features(video_path, NumberReader()).times) == 8


def test_without_the_cache_nothing_is_written(video_path: Video, folder: Path) -> None:
    assert len(video_features(video_path, NumberReader(), cache=False).times) == 8
    assert not folder.exists()


def test_progress_rises_to_one(video_path: Video) -> None:
    for _ in range(2):
        seen: list[float] = []
        video_features(video_path, NumberReader(), fps=10, progress=seen.append)
        assert seen == sorted(seen)
        assert seen[-1] == 1
        assert 0 <= seen[0] <= 1


def test_an_impossible_rate_is_refused(video_path: Video) -> None:
    with pytest.raises(InputError):
        video_features(video_path, NumberReader(), fps=0)


def test_the_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("WHENABOUTS_CACHE")
    if os.name == "posix":
        monkeypatch.setattr("sys.platform", "linux")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        assert cache_folder() == tmp_path / "xdg" / "whenabouts"


def test_a_concert_video_is_found_where_it_happens() -> None:
    samples = pytest.importorskip("iscc_samples", reason="the concert video of iscc-samples is not installed")
    [path] = [path for path in samples.videos() if path.name == "demo.mp4"]
    encoder = load_encoder("builtin")
    features = video_features(Video(path), encoder)
    truth = {
        "a title card with a red background": [(0.5, 5)],
        "a drummer playing the drums": [(5, 8), (15, 17), (30, 31)],
        "a man playing electric guitar": [(17, 21), (23, 29), (32, 36)],
        "a man singing into a microphone": [(30, 31), (47, 56), (57, 59)],
    }
    scores = features.vectors @ encoder.encode_texts(list(truth)).T
    for query, column in zip(truth, scores.T, strict=True):
        best = features.times[column.argmax()]
        assert any(start <= best < end for start, end in truth[query]), (query, best)


def test_a_reading_that_stops_lies_all_over_the_video_and_is_not_kept(tmp_path: Path, folder: Path) -> None:
    make_video(tmp_path / "long.mp4", fps=10, seconds=40)
    video, enough = Video(tmp_path / "long.mp4"), iter([False, True])
    some = video_features(video, NumberReader(), fps=5, enough=lambda: next(enough))
    whole = video_features(video, NumberReader(), fps=5, cache=False)
    assert some.times.tolist() == [*whole.times[:32], *whole.times[128:160]]
    np.testing.assert_array_equal(some.vectors[:, 0], np.floor(some.times * 10 + 1e-9))
    assert not list(folder.glob("*/*.npy"))
    assert same(video_features(video, NumberReader(), fps=5, enough=lambda: False), whole)
    assert len(list(folder.glob("*/*.npy"))) == 1
