"""TaskWeave equals the official code, with padding taking part where it matters and without where it does not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from drawn import drawn  # noqa: E402
from drawn_batches import batch_alone, drawn_batch, drawn_targets  # noqa: E402

from whenabouts.benchmarks.features import FeatureExample  # noqa: E402
from whenabouts.grounders.learned.detr.batch import Batch  # noqa: E402
from whenabouts.grounders.learned.detr.criterion import detr_losses  # noqa: E402
from whenabouts.grounders.learned.detr.spans import start_end  # noqa: E402
from whenabouts.grounders.learned.detr.taskweave import TaskWeave, TaskWeaveConfig, TaskWeaveHead  # noqa: E402
from whenabouts.synthetic.features import Synthetic  # noqa: E402

SMALL = {"video_dim": 18, "text_dim": 12, "feedforward": 64}  # the official anchors need a hidden size of 256


@dataclass(frozen=True)
class Case:
    """Sizes, a batch of videos and queries of these lengths, and what the official code answers.

    saliency: of the first three clips of the last item; spans: start and end of its best window, and its probability
    losses:   span, label and saliency
    """

    config: dict[str, Any]
    rows: tuple[int, ...]
    words: tuple[int, ...]
    seed: int
    saliency: tuple[float, ...] = ()
    window: tuple[float, ...] = ()
    losses: tuple[float, ...] = ()


# hd2mr: EdenGabriel/TaskWeave taskweave/model.py:TaskWeave and SetCriterion; mr2hd: Lighthouse common/taskweave.py
CASES = {
    "small": Case(
        SMALL, (20, 17, 11), (7, 4, 6), 1,
        (7.466355, 7.655369, 7.664739), (0.645921, 0.777226, 0.713145),
        (0.105673, 0.167515, 114.494385),
    ),
    "alone": Case(
        SMALL, (20,), (7,), 2,
        (7.799697, 9.188886, 8.913461), (0.314309, 0.419659, 0.189124),
        (0.121789, 0.349954, 164.51741),
    ),
    "sound, positions": Case(
        SMALL | {"audio_dim": 8, "text_positions": True, "projections": 3, "text_layers": 3}, (9, 12), (5, 3), 4,
        (6.455033, 6.261872, 5.996313), (0.135937, 0.297213, 0.51073),
        (0.203042, 0.205688, 60.648632),
    ),
    "moments help": Case(
        SMALL | {"mr2hd": True, "audio_dim": 6}, (75, 51), (7, 4), 5,
        (5.416378, 5.996509, 5.371511), (0.116933, 0.507955, 0.852775),
        (0.192792, 0.181857, 391.177673),
    ),
    "published": Case(
        {}, (75, 60), (20, 9), 6,
        (2.534968, 3.302959, 4.887566), (0.603748, 0.950608, 0.772384),
        (0.234241, 0.170192, 309.496124),
    ),
}  # fmt: skip


def batch_of(case: Case) -> Batch:
    return drawn_batch(TaskWeaveConfig(**case.config), case.rows, case.words, case.seed)


def model_of(case: Case, *, strict_official: bool) -> TaskWeave:
    model = TaskWeave(TaskWeaveConfig(**case.config), strict_official=strict_official).eval()
    model.load_state_dict(drawn(model.state_dict(), case.seed))
    return model


@pytest.mark.parametrize("name", CASES)
def test_it_answers_as_the_official_code_does(name: str) -> None:
    case = CASES[name]
    batch = batch_of(case)
    with torch.no_grad():
        output = model_of(case, strict_official=True)(*batch)
        losses = detr_losses(output, drawn_targets(batch, case.seed))
    scores = output.logits[-1].softmax(-1)[:, 0]
    window = [*start_end(output.spans)[-1][scores.argmax()].tolist(), scores.max().item()]
    assert output.saliency[-1, :3].tolist() == pytest.approx(case.saliency, abs=1e-5)
    assert window == pytest.approx(case.window, abs=1e-5)
    names = ("loss_span", "loss_label", "loss_saliency")
    assert [losses[name].item() for name in names] == pytest.approx(case.losses, rel=2e-6, abs=1e-5)


@pytest.mark.parametrize("mr2hd", [False, True])
def test_an_answer_depends_on_its_batch_only_officially(mr2hd: bool) -> None:
    case = Case(SMALL | {"mr2hd": mr2hd}, (20, 17, 11), (7, 4, 6), 1)
    batch = batch_of(case)
    last = batch_alone(batch, 2)
    gaps = []
    for strict_official in (False, True):
        model = model_of(case, strict_official=strict_official)
        with torch.no_grad():
            together, alone = model(*batch).saliency[2:, : case.rows[2]], model(*last).saliency
        gaps.append((together - alone).abs().max())
    assert gaps[0] < 1e-4 < 1e-2 < gaps[1]


def examples() -> list[FeatureExample]:
    return list(Synthetic(4))


def head(**options: Any) -> TaskWeaveHead:
    torch.manual_seed(0)
    first = examples()[0]
    made = TaskWeaveHead.sized(first.video.shape[1], first.text.shape[1], small=True, **options)
    assert isinstance(made, TaskWeaveHead)
    return made.eval()


def test_no_task_helps_the_other_in_the_first_epochs() -> None:
    made = head(alone=3)
    losses = []
    for epoch in (0, 2, 3):
        made.epoch = epoch
        with torch.no_grad():
            losses.append(made(made.prepare(examples(), np.random.default_rng(0)))["loss_span"].item())
    assert losses[0] == losses[1] != losses[2]


def test_how_much_each_task_counts_is_learnt() -> None:
    """The total of taskweave/train.py:train_epoch: 2·hd·exp(−a) + mr·exp(−b) + a + b, with losses unweighted."""
    made = head()
    with torch.no_grad():
        made.model.hd_log_var.fill_(0.7)
        made.model.mr_log_var.fill_(-0.4)
        losses = {
            name: float(value) for name, value in made(made.prepare(examples(), np.random.default_rng(0))).items()
        }
    total = losses.pop("total")
    moments = sum(value for name, value in losses.items() if name.startswith(("loss_span", "loss_giou", "loss_label")))
    expected = 2 * losses["loss_saliency"] * math.exp(-0.7) + moments * math.exp(0.4) + 0.7 - 0.4
    assert total == pytest.approx(expected, rel=1e-6)


def test_everything_but_the_convolution_learns() -> None:
    made = head(alone=0)
    made(made.prepare(examples(), np.random.default_rng(0)))["total"].backward()
    still = {name for name, value in made.model.named_parameters() if value.grad is None}
    assert {name.split(".")[0] for name in still} == {"txt_position_embed", "transformer"}
    assert {name for name in still if name.startswith("transformer")} == {
        "transformer.mr_conv.conv.weight",
        "transformer.mr_norm.weight",
    }


def test_which_task_helps_is_read_off_the_options() -> None:
    state = TaskWeave(TaskWeaveConfig(**SMALL)).state_dict()
    assert TaskWeaveHead.recognises(state)
    for options, mr2hd in (({"dset_name": "hl"}, False), ({"mr2hd": False}, False), ({"mr2hd": True}, True)):
        made = TaskWeaveHead.from_official(state, options)
        assert made.config == TaskWeaveConfig(**SMALL, mr2hd=mr2hd)
