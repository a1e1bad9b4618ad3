"""The small head: what it is told, what its labels are, and its file as a selector."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.errors import InputError, ModelError  # noqa: E402
from whenabouts.selection import load_selector  # noqa: E402
from whenabouts.selection.videoitg.drawn import Drawn, FrameExample, different  # noqa: E402
from whenabouts.selection.videoitg.head import FrameHead, HeadConfig, cosines, facts  # noqa: E402
from whenabouts.selection.videoitg.small import read_head, save_head  # noqa: E402
from whenabouts.training.frame_head import train_frame_head  # noqa: E402
from whenabouts.video.frame import Frame  # noqa: E402
from whenabouts.video.in_memory import InMemoryVideo  # noqa: E402

COLOURS = np.random.RandomState(3).randint(0, 256, (12, 3))
VIDEO = InMemoryVideo(
    [Frame(k + 0.25 * (k % 3), np.full((32, 32, 3), COLOURS[k % 12], np.uint8)) for k in range(30)], 0.0, 31.0
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("head") / "frames.pt"
    losses = train_frame_head(path, steps=60, config=HeadConfig(hidden=16, layers=1))
    assert np.mean(losses[-10:]) < np.mean(losses[:10]) / 3
    return path


def test_facts_about_frames() -> None:
    """Scores 0, 1, 3, 3, 1: mean 1.6, deviation 1.2. Frames 1, 2, 3 show the same; 4 shows something else."""
    angles = torch.deg2rad(torch.tensor([90.0, 0.0, 10.0, 20.0, 200.0]))
    known = facts(cosines(torch.stack([angles.cos(), angles.sin()], -1)), torch.tensor([0.0, 1.0, 3.0, 3.0, 1.0]))
    assert known[:, 0].tolist() == pytest.approx([-1.6 / 1.2, -0.5, 1.4 / 1.2, 1.4 / 1.2, -0.5], abs=1e-5)
    assert known[:, 1].tolist() == pytest.approx([-2.5, -2 / 1.2, 0, 0, -2 / 1.2], abs=1e-5)
    assert known[1, 2:4].tolist() == pytest.approx([2 / 1.2, -1 / 1.2], abs=1e-5)
    cosine = float(np.cos(np.deg2rad(10)))  # 0.985, beyond every meaning of the same; of 20 degrees it is 0.94
    assert known[1, 4] == pytest.approx(1 - cosine, abs=1e-5)
    assert known[1, 6:].tolist() == pytest.approx([1, 2 / 1.2] * 5, abs=1e-5)
    assert known[2, 6:].tolist() == [0] * 10, "of equals the first is better"
    assert known[3, 6:].tolist() == [1, 0] * 5
    assert known[0, 6:].tolist() == known[4, 6:].tolist() == [0] * 10


def test_labels_are_different_frames_of_what_is_relevant() -> None:
    vectors = np.array([[1, 0], [1, 0.1], [0, 1], [0, 1], [1, 0]], np.float32)
    fits = np.array([0.5, 0.9, 0.1, 0.1, 1.0], np.float32)
    assert different(vectors, fits, [0, 1, 2, 3]) == [1, 2]
    assert FrameExample.of(vectors, fits, np.array([1, 1, 1, 1, 0], bool)).labels.tolist() == [0, 1, 1, 0, 0]
    one = Drawn(5).example(3)
    assert np.array_equal(one.vectors, Drawn(5).example(3).vectors)
    assert 0 < one.labels.sum() < len(one.labels)


def test_a_trained_head_shows_more_of_what_is_relevant_than_similarity(trained: Path) -> None:
    """Of 24 drawn videos that it was not trained with, the different frames of the relevant shots among the best 8."""
    head = read_head(trained).head
    found = {"head": 0.0, "similarity": 0.0}
    for number in range(24):
        example = Drawn(99).example(number)
        with torch.inference_mode():
            scores = head(cosines(torch.from_numpy(example.vectors)), torch.from_numpy(example.fits)).numpy()
        for name, ranked in (("head", scores), ("similarity", example.fits)):
            best = np.argsort(-ranked, kind="stable")[:8]
            found[name] += float(example.labels[best].sum() / example.labels.sum())
    assert found["head"] > found["similarity"] + 1


def test_the_same_arguments_give_the_same_head(tmp_path: Path) -> None:
    for name in ("a.pt", "b.pt"):
        train_frame_head(tmp_path / name, steps=2, config=HeadConfig(hidden=8, layers=1))
    first, second = (read_head(tmp_path / name).head.state_dict() for name in ("a.pt", "b.pt"))
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_file_is_a_selector(trained: Path) -> None:
    selector = load_selector(f"videoitg:{trained}")
    made = selector.select(VIDEO, "a red wall", 4)
    begun = set(VIDEO.times.tolist())
    assert len(made.times) == 4 and set(made.times) <= begun and list(made.times) == sorted(made.times)
    seen = len({max(t for t in begun if t <= k) for k in range(31)})
    assert made.looked == seen and set(made.models) == {str(trained), "builtin"}
    assert made == load_selector(f"videoitg:{trained}").select(VIDEO, "a red wall", 4)
    assert len(selector.select(VIDEO, "a red wall", 99).times) == seen
    assert load_selector(f"videoitg:{trained}", frames=6).select(VIDEO, "a red wall", 99).looked <= 7


def test_a_still_picture_and_a_single_one_have_scores(trained: Path) -> None:
    for frames in (1, 5):
        still = InMemoryVideo([Frame(float(k), np.zeros((8, 8, 3), np.uint8)) for k in range(frames)], 0.0, 9.0)
        made = load_selector(f"videoitg:{trained}").select(still, "a dog", 3)
        assert len(made.times) == min(3, frames) and np.isfinite(made.scores).all()


def test_what_is_no_head_is_refused(tmp_path: Path) -> None:
    torch.save({"model": {}}, tmp_path / "other.pt")
    (tmp_path / "damaged.pt").write_bytes(b"PK")
    save_head(FrameHead(HeadConfig(hidden=8, layers=1)), tmp_path / "small.pt", {})
    content = torch.load(tmp_path / "small.pt", weights_only=True)
    content["whenabouts"]["options"]["hidden"] = 16
    torch.save(content, tmp_path / "changed.pt")
    for name, sentence in (
        ("other.pt", "holds no small head of VideoITG"),
        ("damaged.pt", "is not loaded"),
        ("changed.pt", "whose head had other parameters"),
    ):
        with pytest.raises(ModelError, match=sentence):
            load_selector(f"videoitg:{tmp_path / name}").select(VIDEO, "a dog", 2)
    bad = FrameExample(np.full((4, 2), np.nan, np.float32), np.zeros(4, np.float32), np.zeros(4, np.float32))
    with pytest.raises(InputError, match="loss of step 1 is not a finite number"):
        train_frame_head(tmp_path / "new.pt", [bad], steps=2)
    with pytest.raises(InputError, match="needs examples"):
        train_frame_head(tmp_path / "new.pt", [])
    assert not (tmp_path / "new.pt").exists()
