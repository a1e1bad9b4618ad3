"""ActionFormer beside its official code (happyharrycn/actionformer_release 61ea7eb), on drawn parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from drawn import normal  # noqa: E402

from whenabouts.benchmarks.example import Example  # noqa: E402
from whenabouts.benchmarks.features import FeatureExample  # noqa: E402
from whenabouts.commands import Predict, Train  # noqa: E402
from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders.learned.actionformer.decode import Decoding, points, soft_nms  # noqa: E402
from whenabouts.grounders.learned.actionformer.head import ActionFormerHead  # noqa: E402
from whenabouts.grounders.learned.actionformer.layers import Attention  # noqa: E402
from whenabouts.grounders.learned.actionformer.losses import Truth, losses, stacked_targets  # noqa: E402
from whenabouts.grounders.learned.actionformer.model import ActionFormerConfig, Found  # noqa: E402
from whenabouts.grounders.learned.checkpoint import read_checkpoint  # noqa: E402
from whenabouts.grounders.learned.detection import detect  # noqa: E402

SMALL = """
dataset: {num_classes: 3, input_dim: 16, feat_stride: 4, num_frames: 16, default_fps: 30, max_seq_len: 64}
model: {backbone_arch: [2, 1, 3], regression_range: [[0, 4], [4, 8], [8, 16], [16, 10000]], n_head: 2,
  n_mha_win_size: [5, 5, 5, -1], embd_dim: 32, fpn_dim: 32, head_dim: 24, use_abs_pe: true}
train_cfg: {init_loss_norm: 100, label_smoothing: 0.1, loss_weight: 2.0}
test_cfg: {pre_nms_topk: 200, max_seg_num: 20, min_score: 0.001, voting_thresh: 0.7, multiclass_nms: MULTI}
"""


def parameters(state: dict[str, Any], seed: int) -> dict[str, Any]:
    """As `drawn`, but normalisations and scales stand around 1, and classes are rare."""
    from drawn import drawn

    made = drawn(state, seed)
    for key, value in made.items():
        if value.ndim == 0 or (value.ndim == 3 and value.shape[0] == value.shape[2] == 1 and not key.endswith("bias")):
            made[key] = 1 + value
    made["cls_head.cls_head.conv.bias"] -= 3
    made["reg_head.offset_head.conv.bias"] += 2
    return made


def checkpoint(folder: Path, *, multiclass: bool = True) -> Path:
    """As official `train.py` saves it, with its configuration beside it."""
    config = ActionFormerConfig(
        16, classes=3, hidden=32, head_hidden=24, heads=2, layers=(2, 1, 3), windows=(5, 5, 5, -1), rows=64,
        ranges=((0, 4), (4, 8), (8, 16), (16, 10000)), places=True,
    )  # fmt: skip
    state = parameters(ActionFormerHead(config).model.state_dict(), 7)
    mean = {f"module.{key}": value for key, value in state.items()}
    path = folder / "epoch_035.pth.tar"
    torch.save({"epoch": 35, "state_dict": {k: v * 0 for k, v in mean.items()}, "state_dict_ema": mean}, path)
    (folder / "small.yaml").write_text(SMALL.replace("MULTI", str(multiclass).lower()))
    return path


def rows(count: int) -> np.ndarray:
    return normal("rows", count, (count, 16)).astype(np.float32)


OFFICIAL = {  # libs/modeling/meta_archs.py:PtTransformer.forward, with csrc/nms_cpu.cpp's softnms in Python: rows,
    # whether classes are suppressed apart -> three best windows in seconds, their scores, six best labels
    (40, True): (
        [4.987664, 5.651827, 3.967228, 4.539174, 4.89929, 5.394217],
        [0.122382, 0.106071, 0.10454], [2, 0, 0, 0, 0, 2]),
    (64, True): (
        [5.819469, 6.337726, 0.390359, 0.949397, 1.574888, 2.111121],
        [0.131901, 0.130143, 0.126026], [0, 0, 2, 0, 2, 0]),
    (90, True): (
        [10.968604, 11.398983, 9.908865, 10.548825, 6.994284, 7.440034],
        [0.152885, 0.135362, 0.133165], [0, 2, 2, 0, 0, 2]),
    (40, False): (
        [4.987663, 5.651827, 4.011905, 4.542247, 3.201748, 3.797661],
        [0.122382, 0.106071, 0.101841], [2, 0, 0, 0, 2, 0]),
    (64, False): (
        [5.819469, 6.337726, 0.400002, 0.976125, 1.574888, 2.111121],
        [0.131901, 0.130143, 0.126026], [0, 0, 2, 0, 2, 0]),
    (90, False): (
        [10.995481, 11.412724, 9.926987, 10.554936, 6.994283, 7.440034],
        [0.152885, 0.135362, 0.133165], [0, 2, 2, 0, 2, 0]),
}  # fmt: skip


@pytest.mark.parametrize(("count", "multiclass"), OFFICIAL)
def test_official_checkpoints_answer_as_officially(tmp_path: Path, count: int, multiclass: bool) -> None:
    head = read_checkpoint(checkpoint(tmp_path, multiclass=multiclass)).head
    assert isinstance(head, ActionFormerHead)
    with torch.no_grad():
        found = head.detections(rows(count), (count - 1) * 4 / 30 + 16 / 30)
    windows, scores, labels = OFFICIAL[count, multiclass]
    assert len(found.scores) == 20
    assert found.windows[:3].ravel() == pytest.approx(windows, abs=1e-5)
    assert found.scores[:3] == pytest.approx(scores, abs=2e-6)
    assert found.label[:6].tolist() == labels


def framed(folder: Path, *, rate: float = 30.0, extra: float = 0.0, **about: Any) -> Predict:
    """Answers of a checkpoint that knows its stride alone, on 40 rows and annotations that say `about`."""
    path = checkpoint(folder)
    (folder / "small.yaml").write_text(
        SMALL.replace("MULTI", "true").replace("default_fps: 30", "default_fps: null") + "dataset_name: thumos\n"
    )
    (folder / "features").mkdir()
    np.save(folder / "features" / "v.npy", rows(40))
    actions = [{"segment": [1, 2], "label": "Diving"}]
    video = {"subset": "Test", "duration": (39 * 4 + 16) / rate + extra, "annotations": actions} | about
    (folder / "thumos14.json").write_text(
        json.dumps({"database": {"v": {k: v for k, v in video.items() if v is not None}}})
    )
    return Predict.of(
        benchmark="thumos14", data=folder, model=str(path), features=(folder / "features",), out=folder / "found.json",
        device="cpu",
    )  # fmt: skip


@pytest.mark.parametrize("about", [{"fps": 30}, {"frame": 181.5, "duration": 6.05}])
def test_rows_are_frames_of_a_video_whose_length_does_not_divide(tmp_path: Path, about: dict[str, Any]) -> None:
    done = framed(tmp_path, extra=0.3, **about).run()
    found = json.loads(done.path.read_text())["results"]["v"]
    assert done.notes == () and done.failures == {}
    windows, scores, labels = OFFICIAL[40, True]
    assert [t for row in found[:3] for t in row["segment"]] == pytest.approx(windows, abs=1e-5)
    assert [row["score"] for row in found[:3]] == pytest.approx(scores, abs=2e-6)
    assert [int(row["label"]) for row in found[:6]] == labels


def test_what_is_not_known_of_frames_is_told(tmp_path: Path) -> None:
    for name in ("divided", "neither", "far"):
        (tmp_path / name).mkdir()
    [note] = framed(tmp_path / "divided").run().notes
    assert note.startswith("the annotations do not say the fps of 1 videos, such as v: their length was divided")
    done = framed(tmp_path / "neither", duration=None).run()
    assert done.failures == {"v": "the annotations say neither the length of the video nor its fps; add one of them"}
    [note] = framed(tmp_path / "far", fps=30, extra=20.0).run().notes
    assert note.startswith("1 videos have rows of another length than the 0.1333 s of training, such as v with 0.64 s")


def test_losses_are_the_official_ones(tmp_path: Path) -> None:
    # meta_archs.py:PtTransformer.losses and label_points_single_video, without dropping paths
    head = read_checkpoint(checkpoint(tmp_path)).head
    assert isinstance(head, ActionFormerHead)
    truths = [
        Truth(torch.tensor([[3.0, 9.0], [10.0, 31.0]]), torch.tensor([0, 2])),
        Truth(torch.tensor([[20.0, 26.0], [20.0, 26.0005], [0.5, 60.0]]), torch.tensor([1, 2, 0])),
    ]
    found = head.model(*head._batch([rows(40), rows(64)]))
    places = points(64, head.config.ranges, head.device)
    parts, norm = losses(found, *stacked_targets(places, truths, 3, head.radius), head.norm, smoothing=head.smoothing)
    assert parts["cls_loss"].item() == pytest.approx(0.136056, abs=2e-6)
    assert parts["reg_loss"].item() == pytest.approx(0.108216, abs=2e-6)
    assert float(norm) == pytest.approx(91.7) and head.regression == 2.0


def test_without_a_configuration_only_published_models_are_read(tmp_path: Path) -> None:
    path = checkpoint(tmp_path)
    (tmp_path / "small.yaml").unlink()
    with pytest.raises(ModelError, match=r"no published ActionFormer has 3 classes .* put its YAML file beside it"):
        read_checkpoint(path)
    (tmp_path / "config.txt").write_text("{'dataset': {")
    with pytest.raises(ModelError, match=r"cannot be read: config\.txt"):
        read_checkpoint(path)


def test_attention_near_is_attention_to_all_within_the_window() -> None:
    torch.manual_seed(0)
    near, everything = Attention(8, 2, 5, 1, 0.0, relative=False), Attention(8, 2, -1, 1, 0.0, relative=False)
    everything.load_state_dict(near.state_dict())
    x, mask = torch.randn(2, 8, 19), torch.arange(19) < torch.tensor([[19], [13]])
    query, key, value = (torch.randn(2, 2, 19, 4) for _ in range(3))
    local = near._near(query, key, value, mask[:, None])
    apart = (torch.arange(19)[:, None] - torch.arange(19)).abs() > 2
    scores = (query @ key.transpose(2, 3)).masked_fill(apart | ~mask[:, None, None, :], float("-inf"))
    expected = scores.softmax(-1) @ value
    assert torch.allclose(local[0], expected[0], atol=1e-6)
    assert torch.allclose(local[1, :, :13], expected[1, :, :13], atol=1e-6)
    whole = mask[:1].new_ones(2, 1, 5)
    assert torch.allclose(near(x[..., :3], whole[..., :3])[0], everything(x[..., :3], whole[..., :3])[0], atol=1e-6)


def test_more_filling_than_two_strides_changes_nothing(tmp_path: Path) -> None:
    head = read_checkpoint(checkpoint(tmp_path)).head
    short, there = head.inputs([FeatureExample(Example("v", "v", "", np.zeros((0, 2)), 4.0), rows(21), rows(0))])
    assert short.shape[1] == 40 < 64
    filled = torch.nn.functional.pad(short, (0, 0, 0, 24)), torch.nn.functional.pad(there, (0, 24))
    with torch.no_grad():
        one, other = head.model(short, there), head.model(*filled)
    for a, b in zip(one[:2], other[:2], strict=True):
        assert torch.allclose(a[one.mask], b[other.mask], atol=1e-6)


def test_soft_suppression_by_hand() -> None:
    windows = np.array([[0, 10], [0, 10], [20, 30]], np.float32)
    kept, scores = soft_nms(windows, np.array([0.5, 0.9, 0.4], np.float32), Decoding(sigma=0.5))
    assert kept.tolist() == [1, 2, 0]
    assert scores == pytest.approx([0.9, 0.4, 0.5 * np.exp(-2)], rel=1e-5)
    assert soft_nms(windows, np.array([0.5, 0.9, 0.4], np.float32), Decoding(most=1))[0].tolist() == [1]
    assert len(soft_nms(windows[:0], np.zeros(0, np.float32), Decoding())[0]) == 0


def test_it_answers_with_the_class_that_is_asked_for() -> None:
    torch.manual_seed(0)
    head = ActionFormerHead.sized(8, 0, small=True, classes=("LongJump", "Shotput"))
    head.eval().model.cls_head.cls_head.conv.bias.data += 3
    video = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
    found = detect(head, video, {}, 2.0)
    assert {row["label"] for row in found} == {"LongJump", "Shotput"}
    assert all(0 <= row["segment"][0] < row["segment"][1] <= 100 for row in found)

    def ask(query: str) -> list[list[float]]:
        with torch.no_grad():
            return head.answer([FeatureExample(Example("q", "v", query, np.zeros((0, 2)), 100.0), video, video[:0])])[
                0
            ].windows

    jumps = [[*row["segment"], row["score"]] for row in found if row["label"] == "LongJump"]
    assert ask("longjump") == pytest.approx(np.array(jumps))
    with pytest.raises(ModelError, match="knows no class 'a dog'; ask for one of: LongJump, Shotput"):
        ask("a dog")


def test_a_video_without_actions_and_odd_ones_train() -> None:
    head = ActionFormerHead.sized(8, 0, small=True, classes=("a", "b"))
    video = np.random.default_rng(0).normal(size=(400, 8)).astype(np.float32)  # longer than training sees at once

    def example(windows: list[list[float]], labels: tuple[str, ...]) -> FeatureExample:
        return FeatureExample(
            Example("v", "v", "", np.array(windows).reshape(-1, 2), 400.0), video, video[:0], labels=labels
        )

    several = [example([], ()), example([[5, 5], [1, 390], [399, 420]], ("a", "b", "a")), example([[0, 4]], ("b",))]
    found = head.train()(head.prepare(several, np.random.default_rng(0)))
    found["total"].backward()
    assert all(torch.isfinite(value) for value in found.values())
    assert float(head.norm) < 100


def test_names_must_be_as_many_as_classes() -> None:
    with pytest.raises(ModelError, match="has 2 classes, and 1 different names were given"):
        ActionFormerHead(ActionFormerConfig(8, classes=2, hidden=16, head_hidden=16), classes=("a", "a"))


def test_nothing_is_found_in_silence() -> None:
    empty = Found(torch.full((1, 8, 2), -20.0), torch.ones(1, 8, 2), torch.ones(1, 8, dtype=torch.bool))
    from whenabouts.grounders.learned.actionformer.decode import detections

    for by_class in (True, False):
        found = detections(
            empty.logits[0], empty.offsets[0], empty.mask[0], points(8, ((0, 9),), torch.device("cpu")),
            Decoding(by_class=by_class),
        )  # fmt: skip
        assert len(found.scores) == 0 and found.windows.shape == (0, 2)


def test_training_tells_of_rows_that_are_other_frames_than_the_recipe_says(tmp_path: Path) -> None:
    videos = {
        f"v{i}": {
            "subset": subset,
            "duration": 40.0,
            "fps": 30,
            "annotations": [{"segment": [5, 9], "label": "Diving"}],
        }
        for i, subset in enumerate(("Validation", "Test"))
    }
    (tmp_path / "thumos14.json").write_text(json.dumps({"database": videos}))
    (tmp_path / "rows").mkdir()
    for name in videos:
        np.save(tmp_path / "rows" / f"{name}.npy", rows(40))
    sizes = ["hidden=16", "head_hidden=16", "heads=2", "head_layers=1", "rows=608"]
    told: dict[str, Any] = {
        "head": "actionformer", "benchmark": "thumos14", "data": tmp_path, "features": [tmp_path / "rows"],
        "epochs": 1, "device": "cpu",
    }  # fmt: skip
    notes = Train.of(**told, settings=sizes, out=tmp_path / "run").run().notes
    assert any(
        "is about 30 frames of its video, where the recipe has 4; say so with --set stride=30" in n for n in notes
    )
    notes = Train.of(**told, settings=[*sizes, "stride=none"], out=tmp_path / "even").run().notes
    assert not any("frames" in note for note in notes)
    assert Train.of(**told, size="small", out=tmp_path / "small").run().notes == ()
