"""R2-Tuning equals the official code: outputs, losses, and windows of a file as its training saves it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from drawn import drawn, normal  # noqa: E402

from whenabouts.benchmarks.example import Example  # noqa: E402
from whenabouts.benchmarks.features import FeatureExample  # noqa: E402
from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders.learned.checkpoint import from_checkpoint, read_checkpoint  # noqa: E402
from whenabouts.grounders.learned.detr.criterion import weighted_sum  # noqa: E402
from whenabouts.grounders.learned.detr.pyramid import nowhere_padded  # noqa: E402
from whenabouts.grounders.learned.r2_tuning.head import R2TuningHead  # noqa: E402
from whenabouts.grounders.learned.r2_tuning.losses import LOSS_WEIGHTS, r2_tuning_losses  # noqa: E402
from whenabouts.grounders.learned.r2_tuning.model import R2Tuning, R2TuningConfig  # noqa: E402

# values of yeliudev/R2-Tuning 03fbcf6: models/model.py:R2Tuning and models/loss.py:BundleLoss with nncore 0.4.7, and
# datasets/grounding.py:Grounding.evaluate; parameters and inputs as `drawn` here, without dropout

MOMENTS = R2TuningConfig(
    video_dim=2 * 3 * 12, text_dim=2 * 10, layers=2, tokens=3, hidden=16, heads=4, feedforward=32, dropout=0.0
)
HIGHLIGHTS = R2TuningConfig(
    video_dim=3 * 4 * 12, text_dim=3 * 10, layers=3, tokens=4, hidden=16, feedforward=64, levels=1, ends=False,
    moments=False, dropout=0.0,
)  # fmt: skip
CLIPS, WORDS = (33, 21, 27), (6, 3, 8)


def rows(config: R2TuningConfig, item: int) -> tuple[np.ndarray, np.ndarray]:
    video = normal(f"video {item}", 3, (CLIPS[item], config.video_dim)).astype(np.float32)
    return video, normal(f"text {item}", 3, (WORDS[item], config.text_dim)).astype(np.float32)


def example(config: R2TuningConfig, item: int = 1, duration: float = 41.3, **more: object) -> FeatureExample:
    windows = more.pop("windows", np.zeros((0, 2)))
    return FeatureExample(Example(item, "v", "q", windows, duration, **more), *rows(config, item))  # type: ignore[arg-type]


def head(config: R2TuningConfig, **options: object) -> R2TuningHead:
    made = R2TuningHead(config, **{"clip_seconds": 2.0, **options}).eval()  # type: ignore[arg-type]
    made.model.load_state_dict(drawn(made.model.state_dict(), 3))
    return made


def outcome(config: R2TuningConfig) -> tuple[object, dict[str, float], float]:
    made = head(config, strict_official=True)
    saliency = torch.zeros(3, 33)
    saliency[0, 4:9], saliency[0, 20:24], saliency[1, :5], saliency[2, 10:27] = 0.5, 0.25, 0.75, 1
    saliency[0, 5] = 0.6
    windows = [np.array(w) / 2 for w in ([[8.0, 18.0], [40.0, 48.0]], [[0.0, 10.0], [8.25, 10.25]], [[20.0, 54.0]])]
    with torch.no_grad():
        output = made.model(*made.inputs([example(config, item) for item in range(3)]))
        losses = r2_tuning_losses(output, nowhere_padded(windows), saliency, torch.tensor([5, 2, 12]))
    return output, {name: value.item() for name, value in losses.items()}, weighted_sum(losses, LOSS_WEIGHTS).item()


def test_outputs_and_losses_are_the_official_ones() -> None:
    output, losses, total = outcome(MOMENTS)
    assert output.logits.shape == (3, 61)
    assert output.logits[1, :3].tolist() == pytest.approx([0.0464652, 0.1462276, 0.5682322], abs=1e-5)
    assert output.logits[1, -2:].tolist() == pytest.approx([0.1550684, 0.0085261], abs=1e-5)
    assert output.ends[0, :2].flatten().tolist() == pytest.approx(
        [0.2528072, 0.1319002, 0.2270759, 0.2500297], abs=1e-5
    )
    assert output.ends[2, -1].tolist() == pytest.approx([0.1499687, 0.3182951], abs=1e-5)
    assert {name: LOSS_WEIGHTS[name] * value for name, value in losses.items()} == pytest.approx(
        {
            "loss_reg": 0.1974874, "loss_cls": 0.2836381, "loss_sal": 1.1754525, "loss_video_cal": 0.3119617,
            "loss_layer_cal": 0.1833806,
        },
        rel=1e-5,
    )  # fmt: skip
    assert total == pytest.approx(2.1519203, rel=1e-5)


def test_of_highlights_alone_too() -> None:
    output, losses, total = outcome(HIGHLIGHTS)
    assert output.ends is None and output.logits.shape == (3, 33)
    assert output.logits[1, :3].tolist() == pytest.approx([0.0943043, 0.3251886, 0.5849653], abs=1e-5)
    assert "loss_reg" not in losses and total == pytest.approx(2.1106631, rel=1e-5)
    with torch.no_grad():
        [answer] = head(HIGHLIGHTS).answer([example(HIGHLIGHTS)])
    assert answer.windows == []
    assert answer.saliency is not None
    assert answer.saliency[:3] == pytest.approx([0.5082372, 0.6020958, 0.6315382], abs=1e-5)


@pytest.mark.parametrize(
    ("nms", "grid", "first", "last"),
    [
        ("normal", None, [35.337391, 36.123226, 0.682925], [31.594919, 32.358406, 0.452402]),
        ("normal", 2.0, [36.0, 36.0, 0.682925], [32.0, 32.0, 0.452402]),
        ("linear", None, [35.337391, 36.123226, 0.682925], [13.028556, 21.08522, 0.37166]),
    ],
)
def test_windows_are_those_of_the_official_evaluation(
    nms: str, grid: float | None, first: list[float], last: list[float]
) -> None:
    with torch.no_grad():
        [answer] = head(MOMENTS, nms=nms, grid=grid).answer([example(MOMENTS)])
    assert len(answer.windows) == 38
    assert answer.windows[0] == pytest.approx(first, abs=1e-4) and answer.windows[-1] == pytest.approx(last, abs=1e-4)
    assert answer.saliency is not None and len(answer.saliency) == 21
    assert answer.saliency[:3] == pytest.approx([-0.0576023, -0.1481291, -0.1942279], abs=1e-5)


def test_an_item_is_told_the_same_of_its_points_whatever_its_batch() -> None:
    """But where a point of a higher level reaches beyond the video, which alone has none there."""
    made = head(MOMENTS)
    with torch.no_grad():
        both = made.model(*made.inputs([example(MOMENTS, 0), example(MOMENTS, 1)]))
        alone = made.model(*made.inputs([example(MOMENTS, 1)]))
        official = head(MOMENTS, strict_official=True)
        leaks = official.model(*official.inputs([example(MOMENTS, 0), example(MOMENTS, 1)]))
    assert torch.allclose(both.logits[1, :21], alone.logits[0, :21], atol=1e-6)
    assert not torch.allclose(leaks.logits[1, :21], alone.logits[0, :21], atol=1e-3)


def test_parameters_are_the_official_ones() -> None:
    assert sum(value.numel() for value in R2Tuning().parameters()) == 2_836_242
    with torch.device("meta"):
        assert sum(value.numel() for value in R2TuningHead.published("tvsum").parameters()) == 1_846_281


def test_training_sees_moments_as_officially() -> None:
    """Grounding.bind_boundary and bind_saliency: in order, inside, a row long at least; rows from the first on."""
    made = R2TuningHead(MOMENTS, clip_seconds=2.0)
    asked = example(MOMENTS, windows=np.array([[10.0, 0.0], [9.0, 9.5], [50.0, 60.0], [30.1, 35.9]]))
    assert (2 * made._windows(asked)).tolist() == [[0, 10], [8.25, 10.25], [40, 42], [30.1, 35.9]]
    inside = made._saliency(example(MOMENTS, windows=np.array([[30.1, 35.9]])))
    assert np.flatnonzero(inside).tolist() == [16, 17]  # ceil(15.05) to ceil(17.95), without the last


def test_without_a_length_of_rows_they_divide_the_video() -> None:
    e = example(MOMENTS, duration=42.0)
    with torch.no_grad():
        assert head(MOMENTS, clip_seconds=None).answer([e]) == head(MOMENTS).answer([e])
    assert R2TuningHead.recipe("my.jsonl").options["clip_seconds"] is None


def test_highlights_are_rated_as_officially() -> None:
    """TVSum.bind_saliency: (sum - 20) / 80, and one above the median is drawn."""
    made = R2TuningHead(HIGHLIGHTS)
    ratings = np.tile(np.arange(21)[:, None] % 5 + 1, (1, 20))
    e = example(HIGHLIGHTS, duration=42.0, saliency=ratings, clip_ids=np.arange(21))
    saliency = made._saliency(e)
    assert saliency[:5].tolist() == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert set(made._standing_out(e, saliency)) == {i for i in range(21) if i % 5 in (3, 4)}
    losses = made(made.prepare([e], np.random.default_rng(0)))
    assert torch.isfinite(losses["total"]) and set(losses) == {
        "loss_cls", "loss_sal", "loss_video_cal", "loss_layer_cal", "total",
    }  # fmt: skip


def official(path: Path, benchmark: str = "charades-sta", **more: torch.Tensor) -> Path:
    """A file as nncore's save_checkpoint writes it: the losses' constant too, and no word of the configuration."""
    made = R2TuningHead.published(benchmark)
    state = {f"{key}": value for key, value in made.model.state_dict().items()}
    state["loss._loss_sal.scale"] = torch.tensor([np.log(1 / 0.07)])
    meta = {"epoch": 3, "iter": 9, "nncore_version": "0.4.7", "create_time": "2024-06-15 00:00:00"}
    path.parent.mkdir(exist_ok=True)
    torch.save({"meta": meta, "state_dict": {**state, **more}, "optimizer": {"state": {}, "param_groups": []}}, path)
    return path


@pytest.mark.parametrize("name", ["r2_tuning_charades-1de88b3e.pth", "r2_tuning_charades/epoch_50.pth"])
def test_the_name_of_an_official_file_tells_its_benchmark(tmp_path: Path, name: str) -> None:
    read = read_checkpoint(official(tmp_path / name, **{"clip.visual.proj": torch.zeros(2, 2)}))
    assert read.facts == {"benchmark": "charades-sta", "features": "clip-layers", "clip_seconds": 1.0}
    assert isinstance(read.head, R2TuningHead) and (read.head.nms, read.head.clip_seconds) == ("linear", 1.0)
    assert read.head.config == R2TuningConfig()


def test_without_such_a_name_it_is_refused_or_told(tmp_path: Path) -> None:
    path = official(tmp_path / "epoch_50.pth")
    with pytest.raises(ModelError, match=r"epoch_50\.pth does not say how long a row is; name it as its authors do"):
        from_checkpoint(path)
    assert from_checkpoint(path, head=R2TuningHead.published("charades-sta")).options["clip_seconds"] == 1.0
    highlights = from_checkpoint(official(tmp_path / "r2_tuning_tvsum_bk.pth", "tvsum"))
    assert (highlights.config.levels, highlights.config.ends, highlights.config.moments) == (1, False, False)


def test_features_of_other_widths_are_refused() -> None:
    with pytest.raises(ModelError, match="takes rows of 4 layers of 50 tokens"):
        R2TuningHead.sized(512, 512)
    with pytest.raises(ModelError, match="takes 72 numbers of pictures a clip, and the features have 144"):
        head(MOMENTS).answer([example(HIGHLIGHTS)])
