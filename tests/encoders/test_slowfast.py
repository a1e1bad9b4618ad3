"""SlowFast: the published size, the official names, and motion beside pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.encoders.clips import load_maker  # noqa: E402
from whenabouts.encoders.slowfast import SlowFast, SlowFastEncoder  # noqa: E402
from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.synthetic.rendered import Rendered  # noqa: E402
from whenabouts.video import Video  # noqa: E402


def test_size_and_names_are_the_published_ones() -> None:
    network = SlowFast()
    classifier = 2304 * 400 + 400  # Kinetics-400; together the 34.57 M of PyTorchVideo's model zoo
    assert sum(p.numel() for p in network.parameters()) + classifier == 34_566_488
    names = set(network.state_dict())
    assert {"s1.pathway1_stem.conv.weight", "s1_fuse.conv_f2s.weight", "s4_fuse.bn.running_mean"} <= names
    assert {"s2.pathway0_res0.branch1.weight", "s5.pathway1_res2.branch2.c_bn.weight"} <= names
    assert "s5_fuse.bn.weight" not in names


def test_both_pathways_see_motion() -> None:
    torch.manual_seed(0)
    network = SlowFast().eval()
    still = torch.randn(1, 3, 1, 32, 32).expand(-1, -1, 32, -1, -1)
    moving = torch.stack([still[:, :, 0].roll(t, -1) for t in range(32)], dim=2)
    with torch.no_grad():
        apart = (network(still) - network(moving)).abs()
    assert apart.shape == (1, 2304)
    assert apart[:, :2048].max() > 1e-3 < apart[:, 2048:].max()


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slowfast") / "SLOWFAST_8x8_R50.pyth"
    torch.manual_seed(0)
    state = SlowFast().state_dict() | {"head.projection.weight": torch.zeros(400, 2304)}
    torch.save({"model_state": state, "epoch": 196}, path)
    return path


@pytest.mark.slow
def test_features_of_motion_come_first(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [example, *_] = Rendered(1, seed=10, scenes=2).write(tmp_path)
    monkeypatch.setenv("WHENABOUTS_SLOWFAST", str(checkpoint))
    both, alone = load_maker("slowfast+builtin"), load_maker("builtin")
    with Video(tmp_path / f"{example.video}.mp4") as video:
        rows, seen = both.rows(video, 2.0, cache=False), alone.rows(video, 2.0, cache=False)
    assert rows.shape == (len(seen), 2304 + seen.shape[1]) and len(seen) == example.duration / 2
    assert np.array_equal(rows[:, 2304:], seen)
    assert np.allclose(np.linalg.norm(rows[:, :2304], axis=1), 1, atol=1e-3)
    assert both.name == "slowfast+builtin" and both.sha256 != alone.sha256


def test_a_missing_or_foreign_checkpoint_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHENABOUTS_SLOWFAST", raising=False)
    with pytest.raises(ModelError, match="set WHENABOUTS_SLOWFAST to its path"):
        load_maker("slowfast+builtin")
    torch.save({"model_state": {"a": torch.zeros(1)}}, tmp_path / "other.pyth")
    with pytest.raises(ModelError, match="is not a SLOWFAST_8x8_R50 checkpoint"):
        SlowFastEncoder(tmp_path / "other.pyth")
    (tmp_path / "broken.pyth").write_bytes(b"hello")
    with pytest.raises(ModelError, match="is damaged or not a checkpoint"):
        SlowFastEncoder(tmp_path / "broken.pyth")
