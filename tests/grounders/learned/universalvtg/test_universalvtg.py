"""UniversalVTG against the official code (jbistanbul/universalvtg), with the same weights.

Its kernel for GPUs was replaced there by the recurrence that it computes, step by step in float64, and its norm by
`mamba_ssm/ops/triton/layernorm_gated.py: rms_norm_ref`; the rest is the official code as it is.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from whenabouts.benchmarks.example import Example  # noqa: E402
from whenabouts.benchmarks.features import FeatureExample  # noqa: E402
from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders.learned.checkpoint import read_checkpoint, save_head  # noqa: E402
from whenabouts.grounders.learned.universalvtg.decode import ranked, targets  # noqa: E402
from whenabouts.grounders.learned.universalvtg.head import UniversalVTGHead, focal, overlap_loss  # noqa: E402
from whenabouts.grounders.learned.universalvtg.model import UniversalVTG, UniversalVTGConfig  # noqa: E402
from whenabouts.grounders.learned.universalvtg.scan import STRETCH, scan  # noqa: E402

TINY = UniversalVTGConfig(video_dim=24, text_dim=20, hidden=32, levels=7, positions=128, states=6, head=8)
# per level: rows, sum of the scores' sizes, first and last score, sum of the offsets
SHORT = [
    (50, 28.00769, 0.074046, 0.268367, 16.93837),
    (25, 13.15791, -0.102687, -0.074398, 11.97824),
    (13, 7.86564, 0.815054, 0.325627, 5.86507),
    (7, 3.79334, 0.567577, -0.590503, 1.60985),
    (4, 0.85859, 0.549852, 0.063057, 0.44928),
    (2, 0.30875, 0.239939, 0.06881, 0.68797),
    (1, 0.27903, -0.279028, -0.279028, 0.73171),
]
LONG = [  # longer than the places that are told apart, and than what is scanned at once
    (200, 103.82215, -0.151211, 0.209606, 87.00567),
    (100, 56.13222, 0.417888, -0.094485, 33.16068),
    (50, 19.8502, 0.19082, -0.623924, 19.5581),
    (25, 10.84889, 0.633818, -0.288227, 10.17343),
    (13, 5.5058, 0.495073, -0.598603, 1.77258),
    (7, 3.24464, 0.323684, -0.674436, 3.25171),
    (4, 2.09147, 0.36845, -0.453556, 1.2201),
]


def values(of: UniversalVTG, seed: int = 0) -> dict[str, torch.Tensor]:
    """Parameters by name, drawn in the order of their names."""
    drawn = np.random.RandomState(seed)  # whose numbers never change
    state = of.state_dict()
    for name in sorted(state):
        plain = drawn.standard_normal(tuple(state[name].shape)).astype("float32")
        if name.endswith(".scale"):
            plain = 0.5 + 0.1 * plain if "drop_path" in name else 1 + 0.1 * plain
        elif name.endswith(("A_log", ".D")) or (("norm" in name or ".ln_" in name) and name.endswith("weight")):
            plain = 1 + 0.1 * plain
        elif name.endswith("dt_bias"):
            plain = -2 + 0.5 * plain
        else:
            plain *= 0.1 if name.endswith("bias") else 1.5 / np.sqrt(np.prod(plain.shape[1:]))
        state[name] = torch.from_numpy(np.asarray(plain, "float32"))
    return state


def made() -> UniversalVTG:
    net = UniversalVTG(TINY)
    net.load_state_dict(values(net))
    return net.eval()


def example(rows: int, words: int, seed: int = 5, window: tuple[float, float] = (3.0, 9.0)) -> FeatureExample:
    drawn = np.random.RandomState(seed)
    video = drawn.standard_normal((1, 24, rows)).astype("float32")[0].T.copy()
    text = drawn.standard_normal((1, 20, words)).astype("float32")[0].T.copy()
    about = Example(seed, "v", "a query", np.array([window]), rows / 2)
    return FeatureExample(about, video, text)


def head(**options: object) -> UniversalVTGHead:
    found = UniversalVTGHead(TINY, **options)
    found.model.load_state_dict(values(found.model))
    return found.eval()


@pytest.mark.parametrize(("rows", "words", "official"), [(50, 7, SHORT), (200, 5, LONG)])
def test_scores_and_offsets_of_every_level(rows: int, words: int, official: list[tuple[float, ...]]) -> None:
    found = head()
    with torch.no_grad():
        levels = found.model(*found.inputs([example(rows, words)]))
    for level, (count, total, first, last, reach) in zip(levels, official, strict=True):
        inside = level.mask[0]
        logits, offsets = level.logits[0, inside].double(), level.offsets[0, inside].double()
        assert len(logits) == count
        assert float(logits.abs().sum()) == pytest.approx(total, abs=1e-4 * count**0.5 + 1e-4)
        assert (float(logits[0]), float(logits[-1])) == pytest.approx((first, last), abs=1e-4)
        assert float(offsets.sum()) == pytest.approx(reach, abs=1e-4 * count**0.5 + 1e-4)


def test_an_answer_does_not_depend_on_its_batch() -> None:
    found, several = head(clip_seconds=0.5), [example(50, 7), example(33, 4, 6), example(200, 5, 7)]
    with torch.no_grad():
        together, alone = found.answer(several), [found.answer([one])[0] for one in several]
    for a, b in zip(together, alone, strict=True):
        assert np.allclose(a.windows, b.windows, atol=1e-3) and 0 < len(a.windows) <= 5


@given(st.integers(1, 2 * STRETCH + 3), st.integers(0, 99))
def test_a_scan_is_its_recurrence(length: int, seed: int) -> None:
    rng = torch.Generator().manual_seed(seed)
    x, read, write = (torch.randn(2, length, *shape, generator=rng) for shape in ((3, 4), (5,), (5,)))
    steps, decay = torch.rand(2, length, 3, generator=rng), -torch.rand(3, generator=rng) * 4
    state, expected = torch.zeros(2, 3, 4, 5, dtype=torch.float64), []
    for t in range(length):
        kept = (steps[:, t] * decay).double().exp()[..., None, None]
        given_ = torch.einsum("bh,bhp,bn->bhpn", steps[:, t], x[:, t], write[:, t]).double()
        state = state * kept + given_
        expected.append(torch.einsum("bhpn,bn->bhp", state, read[:, t].double()))
    found = scan(x, steps, decay, write, read)
    assert torch.allclose(found.double(), torch.stack(expected, 1), atol=1e-4)


def test_ranking() -> None:
    """`libs/nms/nms.py: batched_nms` with the published settings."""
    drawn, count = np.random.RandomState(7), 60
    start, length = drawn.uniform(0, 100, count), drawn.uniform(0.2, 30, count)
    start[:20] = 50 + drawn.standard_normal(20) * 0.2
    length[:20] = 10 + drawn.standard_normal(20) * 0.1
    windows = np.stack([start, start + length], 1).astype("float32")
    found = ranked(windows, drawn.uniform(0.001, 1, count).astype("float32"))
    official = [
        [49.0766, 77.2621, 0.9886],
        [75.041, 98.4317, 0.9533],
        [45.2843, 47.548, 0.8957],
        [9.2262, 13.245, 0.8471],
        [49.9194, 59.8749, 0.8217],
    ]
    assert np.allclose(found, official, atol=1e-3)
    assert ranked(np.zeros((0, 2), "float32"), np.zeros(0, "float32")) == []


def test_places_that_should_answer() -> None:
    """`libs/worker.py: _annotate_points_per_video`, by hand: step 2, distances from 2 to 8."""
    where = torch.tensor([[at, 2.0, 8.0, 2.0] for at in range(0, 20, 2)])
    positive, offsets = targets(where, torch.tensor([[5.0, 12.0]]))
    assert positive.nonzero().flatten().tolist() == [3, 4, 5]  # 6, 8 and 10 lie within 3 of the middle
    assert offsets[positive].tolist() == [[0.5, 3.0], [1.5, 2.0], [2.5, 1.0]]
    assert not targets(where, torch.zeros(0, 2))[0].any()
    both, _ = targets(where, torch.tensor([[5.0, 12.0], [13.0, 17.0]]))
    assert both.nonzero().flatten().tolist() == [3, 4, 5, 7, 8]


def test_losses() -> None:
    """`libs/modeling/loss.py: sigmoid_focal_loss` of labels smoothed by 0.2, `ctr_giou_loss`, summed."""
    assert float(focal(torch.tensor([0.0]), torch.tensor([1.0]))) == pytest.approx(0.5 * np.log(2) / 4, abs=1e-6)
    near = overlap_loss(torch.tensor([[1.0, 1.0], [2.0, 0.0]]), torch.tensor([[1.0, 3.0], [2.0, 0.0]]))
    assert float(near) == pytest.approx(0.5)


def test_a_step_of_training_moves_every_part() -> None:
    torch.manual_seed(0)
    found = UniversalVTGHead(TINY).train()
    before = {name: value.clone() for name, value in found.model.state_dict().items()}
    several = [example(64, 5), example(40, 4, 6, (1.0, 17.0)), example(64, 3, 7, (0.2, 1.2))]
    loss = found(found.prepare(several, np.random.default_rng(0)))
    assert set(loss) == {"cls", "reg", "total"} and torch.equal(loss["total"], loss["cls"] + loss["reg"])
    loss["total"].backward()
    torch.optim.AdamW(found.parameters(), 1e-2, weight_decay=0.0).step()
    same = {name for name, value in found.model.state_dict().items() if torch.equal(value, before[name])}
    # a softmax does not see the bias of keys, and a level without a place to answer keeps its scale
    assert not {name for name in same if not name.endswith("key.bias") and "scales" not in name}


def test_learns_where_a_pattern_is() -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    sizes = UniversalVTGConfig(
        video_dim=8, text_dim=8, hidden=32, heads=2, levels=4, positions=64, states=8, head=16, dropout=0.0
    )
    found = UniversalVTGHead(sizes, clip_seconds=0.5).train()

    def shown() -> FeatureExample:
        kind, start, length = rng.integers(4), rng.integers(0, 20), rng.integers(4, 12)
        video = rng.normal(0, 0.3, (32, 8)).astype("float32")
        video[start : start + length, kind] += 2
        text = np.eye(8, dtype="float32")[[kind, kind]]
        window = np.array([[start / 2, min(start + length, 32) / 2]])
        return FeatureExample(Example(0, "v", "q", window, 16.0), video, text)

    adam = torch.optim.AdamW(found.parameters(), 3e-3)
    for _ in range(60):
        adam.zero_grad()
        found(found.prepare([shown() for _ in range(16)], rng))["total"].backward()
        adam.step()
    several = [shown() for _ in range(40)]
    with torch.no_grad():
        answers = found.eval().answer(several)
    hits = [iou(answer.windows[0], one.windows[0]) >= 0.5 for answer, one in zip(answers, several, strict=True)]
    assert np.mean(hits) > 0.8


def iou(a: list[float], b: np.ndarray) -> float:
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0])) / (max(a[1], b[1]) - min(a[0], b[0]))


def test_an_official_file_is_recognised_and_its_mean_of_training_answers(tmp_path: Path) -> None:
    mean = values(UniversalVTG(TINY))
    torch.save({"model": {k: v + 1 for k, v in mean.items()}, "model_ema": mean}, tmp_path / "best.pth")
    loaded = read_checkpoint(tmp_path / "best.pth")
    assert isinstance(loaded.head, UniversalVTGHead) and loaded.facts == {"clip_seconds": 0.5}
    assert vars(loaded.head.config) == {**vars(TINY), "positions": 4608}
    with torch.no_grad():
        [answer] = loaded.head.answer([example(50, 7)])
    assert answer.windows and all(0 <= start < end <= 25 for start, end, _ in answer.windows)


def test_a_file_that_lacks_a_part_is_refused(tmp_path: Path) -> None:
    state = values(UniversalVTG(TINY))
    del state["cls_head.cls_head.conv.bias"]
    torch.save({"model": state}, tmp_path / "best.pth")
    with pytest.raises(ModelError, match=r"best\.pth does not fit universalvtg: .*cls_head\.cls_head\.conv\.bias"):
        read_checkpoint(tmp_path / "best.pth")


def test_is_saved_and_read_back(tmp_path: Path) -> None:
    found = head(clip_seconds=0.5)
    save_head(found, tmp_path / "own.ckpt", {"clip_seconds": 0.5})
    again = read_checkpoint(tmp_path / "own.ckpt").head
    one = example(50, 7)
    with torch.no_grad():
        assert again.answer([one]) == found.answer([one])
