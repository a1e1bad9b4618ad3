"""VideoMind's head: the official names, spans and losses, and one step of its training."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
from tiny_videomind import filled  # noqa: E402

from whenabouts.grounders.llm.systems.videomind.head import Head, pooled, ranked  # noqa: E402
from whenabouts.grounders.llm.systems.videomind.losses import losses, truth  # noqa: E402

# yeliudev/VideoMind model/model.py: forward, without the chance of leaving out a branch, on the weights and states of
# `head` and `states`: the first three of `self.reg[0]` and the sums of all its columns.
RANKED = {
    3: (4, [[-0.054135, 0.075243, 0.47221], [0.635458, 1.567289, 0.183797], [-0.023872, 0.098295, 0.076888]],
        [0.87313, 33.65887, 0.78267]),
    20: (37, [[-0.017083, 0.020178, 0.519168], [0.089913, 0.117254, 0.514698], [0.376577, 0.415454, 0.509907]],
         [15.96897, 19.94065, 9.27652]),
    75: (100, [[0.001715, 0.025076, 0.71585], [0.935356, 0.961416, 0.630419], [0.911218, 0.934483, 0.606944]],
         [48.43607, 49.62116, 41.26849]),
}  # fmt: skip
LOSSES = {  # spans in seconds, duration, chosen step: loss_cls, loss_reg, loss_sal
    5: ([(1.0, 6.0)], 10.0, 2, (6.417171001434326, 77.50669860839844, 0.44189929962158203)),
    20: ([(3.0, 4.5), (20.0, 38.0)], 40.0, 12, (2.8302605152130127, 2.3850300312042236, 0.744757354259491)),
    75: ([(0.0, 149.0)], 150.0, 0, (3.7223315238952637, 13.834407806396484, 0.50326007604599)),
}


def head() -> Head:
    made = Head(16)
    made.load_state_dict(filled({name: tuple(value.shape) for name, value in made.state_dict().items()}, 1, 0.1))
    return made.eval()


def states(steps: int) -> tuple[torch.Tensor, torch.Tensor]:
    drawn = np.random.default_rng(steps)
    reg, frames = (drawn.standard_normal(shape).astype(np.float32) for shape in ((1, 16), (1, steps, 16)))
    return torch.from_numpy(reg), torch.from_numpy(frames)


def test_all_official_names_and_no_other() -> None:
    layer = [f"self_att.{part}" for part in "qkvm"] + ["self_att_norm", "ffn.mapping.0", "ffn.mapping.2", "ffn_norm"]
    parts = [f"{side}_proj.{n}" for side in ("vis", "reg") for n in (0, 1)] + ["vis_norm"]
    parts += [f"vis_fuse.{n}.{part}" for n in range(3) for part in layer]
    parts += [f"pyramid.blocks.{level}.{n}" for level, many in ((1, 1), (2, 2), (3, 3)) for k in range(many)
              for n in (5 * k + 1, 5 * k + 3)]  # fmt: skip
    parts += [f"{kind}_head.module.{n}" for kind in ("class", "coord") for n in (1, 3)]
    names = {f"{part}.{what}" for part in parts for what in ("weight", "bias")}
    names |= {"vis_emb.weights", "reg_emb.weights", "coef.scale"}
    assert len(names) == 93 and set(Head(16).state_dict()) == names


@pytest.mark.parametrize("steps", RANKED)
def test_spans_are_the_official_ones(steps: int) -> None:
    count, first, sums = RANKED[steps]
    with torch.no_grad():
        rows = ranked(head()(*states(steps)))
    assert len(rows) == count and rows[:3].tolist() == [pytest.approx(row, abs=1e-5) for row in first]
    assert rows.sum(0).tolist() == pytest.approx(sums, rel=1e-5)


@pytest.mark.parametrize("steps", LOSSES)
def test_losses_are_the_official_ones(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whenabouts.grounders.llm.systems.videomind.blocks.DROPPED", 0.0)
    spans, duration, chosen, expected = LOSSES[steps]
    true = truth(spans, duration, steps)
    found = losses(head().train()(*states(steps)), true._replace(chosen=torch.tensor([chosen])))
    assert [float(each.detach()) for each in found] == pytest.approx(expected, rel=1e-5)
    assert float(found.total.detach()) == pytest.approx(sum(expected), rel=1e-5)


def test_the_truth_is_one_step_long_at_least() -> None:
    true = truth([(7.0, 7.1)], 40.0, 20)
    assert true.spans.tolist() == [[pytest.approx([6.05 / 40, 8.05 / 40])]]
    assert true.salient.nonzero().tolist() == [[0, 4]] and true.chosen.tolist() == [4]


def test_videos_of_a_batch_do_not_touch_each_other() -> None:
    reg, frames = (torch.cat(both) for both in zip(states(20), states(20), strict=True))
    frames[1] += 1
    with torch.no_grad():
        together, alone = head()(reg, frames), head()(reg[1:], frames[1:])
    assert torch.allclose(together.spans[1], alone.spans[0], atol=1e-5)


def test_steps_are_averaged_one_after_the_other() -> None:
    tokens = torch.arange(6.0).reshape(1, 6, 1)
    assert pooled(tokens, 3).flatten().tolist() == [0.5, 2.5, 4.5]
    with pytest.raises(ValueError, match="6 frame tokens cannot be shared evenly by 4"):
        pooled(tokens, 4)


def test_one_step_of_training_moves_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whenabouts.grounders.llm.systems.videomind.blocks.DROPPED", 0.0)
    torch.manual_seed(0)
    learning, before = Head(16), Head(16)
    before.load_state_dict(learning.state_dict())
    reg, frames = states(40)  # one span for every level
    true = truth([(3.0, 4.5), (20.0, 24.0), (40.0, 50.0), (60.0, 79.0)], 80.0, 40)
    adam = torch.optim.AdamW(learning.parameters(), 1e-4)
    losses(learning(reg, frames), true).total.backward()
    adam.step()
    named = dict(before.named_parameters())
    assert {name for name, value in learning.named_parameters() if not torch.equal(value, named[name])} == set(named)
    with torch.no_grad():
        first, second = (losses(each.train()(reg, frames), true).total for each in (before, learning))
    assert second < first
