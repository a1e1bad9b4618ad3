"""OnVTG against the official code (minghangz/OnVTG at 1f6309c), with the same weights.

Official numbers are of `libs/modeling/model.py: OnVTG`, `libs/trainer.py: _microbatch_forward_backward` and
`libs/evaluator.py: predict`, run as they are on the CPU in a small size of each published configuration.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from tiny_onvtg import SIZES, TACOS, example, head, values  # noqa: E402

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders.learned.checkpoint import read_checkpoint, save_head  # noqa: E402
from whenabouts.grounders.learned.onvtg.crop import cropped  # noqa: E402
from whenabouts.grounders.learned.onvtg.head import OnVTGHead  # noqa: E402
from whenabouts.grounders.learned.onvtg.losses import overlap_and_middle  # noqa: E402
from whenabouts.grounders.learned.onvtg.memory import EventMemory  # noqa: E402
from whenabouts.grounders.learned.onvtg.model import OnVTG  # noqa: E402

# per level: events, sum of the scores' sizes, first and last score, sum of the offsets; at last the same of starts
LEVELS = {
    "tacos": [
        (100, 88.90767, -0.243922, 0.519280, 151.02154),
        (50, 28.02650, -0.629718, -0.188502, 66.01847),
        (25, 14.06293, 0.046636, -0.062655, 36.21310),
        (13, 8.01583, -0.526374, 0.072432, 25.01784),
        (100, 130.47148, -2.184219, -0.806410, -79.09171),
    ],
    "anet": [
        (50, 25.32946, -0.181729, -0.408221, 74.86737),
        (25, 17.80365, 0.454706, -0.299396, 46.31161),
        (13, 8.60868, -0.919282, -0.247993, 20.68624),
        (7, 3.68107, -0.364784, -1.104311, 13.65784),
        (50, 34.06756, -0.224058, -0.471597, -33.50552),
    ],
    "mad": [
        (50, 41.55817, -0.818239, 0.130883, 84.21587),
        (25, 14.14731, -0.686940, 0.929864, 29.75168),
        (13, 8.06692, 0.477361, -0.533754, 14.03179),
        (7, 6.69867, 0.987401, -0.024529, 4.98690),
        (50, 44.00534, 1.693705, 0.506387, -44.07553),
    ],
}
LOSSES = {  # of scores, of ends, of predicted starts, of their distances, and the total where ends weigh 2
    "tacos": (0.417495, 0.025612, 0.039845, 0.116674, 0.625238),
    "anet": (0.150638, 0.025509, 0.035981, 0.139851, 0.377489),
    "mad": (0.195908, 0.039575, 0.095274, 0.128417, 0.498749),
}
COUNTS = {"tacos": (3, 8), "anet": (5, 8), "mad": (5, 8)}
PROPOSALS = {  # the first two without, and with predicted starts
    "tacos": [
        [[8.0917, 9.0203, 9.25, 9.25, 0.9063], [45.4198, 46.25, 46.75, 46.75, 0.8998]],
        [[40.6277, 46.25, 41.25, 46.75, 0.6776], [12.2634, 46.25, 12.75, 46.75, 0.6702]],
    ],
    "anet": [
        [[25.5083, 29.4267, 30.5, 30.5, 0.9269], [13.4852, 20.5, 18.5, 18.5, 0.8742]],
        [[15.2532, 29.4267, 15.5, 30.5, 0.7627], [15.2532, 20.5, 15.5, 18.5, 0.7193]],
    ],
    "mad": [
        [[11.4799, 16.25, 24.25, 24.25, 0.92], [10.9607, 13.4767, 14.25, 14.25, 0.8655]],
        [[0.1958, 16.25, 1.25, 24.25, 0.7771], [20.8979, 41.6904, 20.25, 42.25, 0.7665]],
    ],
}


@pytest.mark.parametrize("kind", SIZES)
def test_what_is_said_of_every_level(kind: str) -> None:
    found = head(kind)
    with torch.no_grad():
        levels, starts = found.model(*found.inputs([example()]))
    said = [(level.logits[0, level.mask[0]], level.offsets[0, level.mask[0]]) for level in levels]
    assert starts is not None
    said.append((starts.logits[0, levels[0].mask[0]], starts.offsets[0, levels[0].mask[0]]))
    for (logits, offsets), (count, total, first, last, reach) in zip(said, LEVELS[kind], strict=True):
        assert len(logits) == count
        assert float(logits.double().abs().sum()) == pytest.approx(total, abs=1e-5 * count)
        assert (float(logits[0]), float(logits[-1])) == pytest.approx((first, last), abs=1e-5)
        assert float(offsets.double().sum()) == pytest.approx(reach, abs=2e-5 * count)


@pytest.mark.parametrize("kind", SIZES)
def test_losses_and_running_counts(kind: str) -> None:
    found = head(kind).train()
    losses = found(found.prepare([example()], np.random.default_rng(0)))
    names = ("cls", "reg", "future_cls", "future_reg", "total")
    assert [losses[name].item() for name in names] == pytest.approx(LOSSES[kind], abs=2e-6)
    first, second = COUNTS[kind]
    assert found.norms.tolist() == pytest.approx([90 + 0.1 * first, 0.9 * 128 + 0.1 * second])


@pytest.mark.parametrize("kind", SIZES)
def test_proposals_and_when_they_are_told(kind: str) -> None:
    found = head(kind)
    for predicted, official in zip((False, True), PROPOSALS[kind], strict=True):
        [rows] = found.proposals([example()], predicted=predicted)
        assert np.allclose(rows[:2], official, atol=2e-4) and len(rows) == 5
    with torch.no_grad():
        [answer] = found.answer([example()])
    assert np.allclose(answer.windows[:2], [[*row[:2], row[4]] for row in PROPOSALS[kind][0]], atol=2e-4)


def test_true_times_are_later_than_the_official_ones() -> None:
    [official], [true] = (head("tacos").proposals([example()], official_times=t) for t in (True, False))
    told = {tuple(row[:2]): row[2:4] for row in official}
    for start, end, first, last, _ in true:
        assert first >= told[start, end][0] + 2.5 - 1e-6 and last >= told[start, end][1]  # five rows and more
        assert last <= 50.0


def test_an_answer_does_not_depend_on_its_batch() -> None:
    several = [example(100), example(37, 6, (1.0, 5.0)), example(64, 7, (2.0, 20.0))]
    for strict in (True, False):
        found = head("tacos", strict_official=strict)
        together, alone = found.proposals(several), [found.proposals([one])[0] for one in several]
        for a, b in zip(together, alone, strict=True):
            assert np.allclose(a, b, atol=1e-3)


def test_long_videos_are_squeezed_into_the_places_that_were_trained() -> None:
    """By hand: 160 rows on 128 places."""
    tree = head("tacos").model.vid_net
    spread = torch.nn.functional.interpolate(tree.table[None], size=160, mode="linear", align_corners=True)[0]
    rows, mask = torch.zeros(1, 32, 160), torch.ones(1, 1, 160, dtype=torch.bool)
    assert torch.allclose(tree.placed(rows, mask)[0], spread)


def test_training_cuts_what_has_more_rows_than_places() -> None:
    tree = head("mad").model.vid_net.train()
    rows = torch.randn(2, 24, 512)
    mask = torch.ones(2, 1, 512, dtype=torch.bool)
    with torch.no_grad():
        whole = tree(rows, mask)
        parts = [tree(rows[..., i : i + 256], mask[..., i : i + 256]) for i in (0, 256)]
    for level, (events, _) in enumerate(whole):
        assert torch.allclose(events, torch.cat([part[level][0] for part in parts], -1), atol=1e-5)


def test_memory_forgets_the_oldest_and_merges_what_is_alike() -> None:
    def remembered(memory: EventMemory, values: list[list[float]]) -> list[list[float]]:
        for value in values:
            memory.write(0, torch.tensor(value)[None, :, None], torch.ones(1, 1, 1, dtype=torch.bool))
        assert memory.events[0] is not None
        return memory.events[0][0][0].T.tolist()

    apart = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]]
    assert remembered(EventMemory([3], merge=0.95), apart) == apart[1:]
    alike = [[1.0, 0.0], [0.0, 1.0], [0.0, 3.0], [0.0, -1.0]]
    assert remembered(EventMemory([3], merge=0.95), alike) == [[1.0, 0.0], [0.0, 2.0], [0.0, -1.0]]
    assert remembered(EventMemory([3], merge=None), alike) == alike[1:]


@given(st.lists(st.integers(1, 8), min_size=1, max_size=12), st.booleans(), st.integers(0, 99))
def test_memory_is_bounded_unless_it_grows_as_officially(added: list[int], grows: bool, seed: int) -> None:
    """`EventMemory.update`: one is forgotten each time, however many are added."""
    rng = torch.Generator().manual_seed(seed)
    memory, official = EventMemory([4], merge=0.5, grows=grows), 0
    for count in added:
        memory.write(0, torch.randn(2, 3, count, generator=rng), torch.ones(2, 1, count, dtype=torch.bool))
        official = official + count - (official + count > 4)
        assert memory.events[0] is not None and memory.last[0] is not None
        kept = memory.events[0][0].shape[-1]
        assert kept == official if grows else kept <= 4
        assert memory.last[0][0].shape[-1] == 1


def test_overlap_and_middle() -> None:
    """`libs/modeling/loss.py: ctr_diou_loss`, by hand: IoU 2/4, middles 1 apart of 4 covered; and equal windows."""
    found = overlap_and_middle(torch.tensor([[1.0, 1.0], [2.0, 0.5]]), torch.tensor([[1.0, 3.0], [2.0, 0.5]]))
    assert float(found) == pytest.approx(0.5 + (1 / 4) ** 2)


@given(st.integers(1, 60), st.integers(1, 40), st.floats(0.0, 1.0), st.integers(0, 99))
def test_a_crop_is_a_part_of_the_rows_with_their_moments(rows: int, longest: int, where: float, seed: int) -> None:
    one = example(rows, window=(where * rows / 2 * 0.9, where * rows / 2 * 0.9 + 0.05 * rows))
    cut = cropped(one, np.random.default_rng(seed), longest=longest, least=0.5)
    assert 1 <= len(cut.video) <= min(rows, longest) and cut.duration == pytest.approx(len(cut.video) / 2)
    first = next(i for i in range(rows) if np.array_equal(one.video[i : i + len(cut.video)], cut.video))
    for start, end in cut.windows:
        inside = np.clip(one.windows - first / 2, 0, cut.duration)
        assert [start, end] == pytest.approx(inside[0].tolist())


def test_a_few_updates_lower_the_loss_and_reach_every_part() -> None:
    torch.manual_seed(0)
    found = OnVTGHead(TACOS, crop=1.0, norms=(12.0, 24.0)).train()
    several = [example(64, 5, (4.0, 12.0)), example(40, 6, (1.0, 17.0)), example(64, 7, (20.0, 24.0))]
    rng, before = np.random.default_rng(0), {k: v.clone() for k, v in found.model.state_dict().items()}
    adam = torch.optim.AdamW(found.groups(), 2e-3, weight_decay=0.0)
    totals = []
    for _ in range(12):
        adam.zero_grad()
        losses = found(found.prepare(several, rng))
        losses["total"].backward()
        assert all(torch.isfinite(p.grad).all() for p in found.parameters() if p.grad is not None)
        adam.step()
        totals.append(losses["total"].item())
    assert np.mean(totals[-2:]) < 0.9 * np.mean(totals[:2])
    same = {name for name, value in found.model.state_dict().items() if torch.equal(value, before[name])}
    # a softmax does not see the bias of keys, and a level without a place to answer keeps its scale
    assert not {name for name in same if not name.endswith("key.bias") and "scales" not in name}


def test_weights_decay_and_words_learn_as_published() -> None:
    recipe = OnVTGHead.recipe("activitynet-captions")
    found = OnVTGHead.sized(500, 300, benchmark="activitynet-captions")
    decayed = {id(p) for group in found.groups() if "weight_decay" not in group for p in group["params"]}
    slower = {id(p) for group in found.groups() if group["share"] == 0.1 for p in group["params"]}
    for name, value in found.model.named_parameters():
        assert (id(value) in slower) == name.startswith("text_net.")
        assert (id(value) in decayed) == (value.ndim == 3 and "scale" not in name)
    assert [recipe.rate * recipe.factor(epoch) for epoch in (0, 2.5, 5, 16)] == pytest.approx([0, 1e-3, 2e-3, 2e-3])


def test_official_files_are_recognised(tmp_path: Path) -> None:
    mean = values(OnVTG(TACOS))
    model = {
        "vid_net": {"n_heads": 4, "use_abs_pe": True, "max_seq_len": 128, "memory_size": [2, 3, 4, 5]},
        "text_net": {"max_seq_len": 48},
    }
    torch.save({"model": mean, "model_ema": mean, "opt": {"model": model}}, tmp_path / "best.pth")
    loaded = read_checkpoint(tmp_path / "best.pth").head
    assert isinstance(loaded, OnVTGHead) and loaded.options["strict_official"]
    assert vars(loaded.config) == {**vars(TACOS), "merge": None, "dropout": 0.1}
    [rows] = loaded.proposals([example()], predicted=False)
    assert np.allclose(rows[:2], PROPOSALS["tacos"][0], atol=2e-4)


@pytest.mark.parametrize("benchmark", OnVTGHead.recipes)
def test_a_bare_file_of_a_published_size_is_read_as_that(benchmark: str) -> None:
    with torch.device("meta"):
        published = OnVTGHead.published(benchmark)
        found = OnVTGHead.from_official(published.model.state_dict(), {})
    assert found.config == published.config
    assert found.options == {**published.options, "strict_official": True}


def test_a_bare_file_of_another_size_is_refused(tmp_path: Path) -> None:
    torch.save({"model": values(OnVTG(TACOS))}, tmp_path / "best.pth")
    with pytest.raises(ModelError, match=r"best\.pth does not state how much each level remembers"):
        read_checkpoint(tmp_path / "best.pth")
    assert read_checkpoint(tmp_path / "best.pth", head=OnVTGHead(TACOS)).head.config == TACOS


def test_is_saved_and_read_back(tmp_path: Path) -> None:
    found = head("tacos", clip_seconds=0.5)
    save_head(found, tmp_path / "own.ckpt", {"clip_seconds": 0.5})
    again = read_checkpoint(tmp_path / "own.ckpt").head
    assert isinstance(again, OnVTGHead) and again.options == found.options
    assert again.proposals([example()]) == found.proposals([example()])
