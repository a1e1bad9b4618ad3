"""TR-DETR equals the official code, with padding taking part where it matters and without where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from drawn import drawn  # noqa: E402
from drawn_batches import batch_alone, drawn_batch, drawn_targets  # noqa: E402

from whenabouts.grounders.learned.detr.batch import Batch  # noqa: E402
from whenabouts.grounders.learned.detr.spans import start_end  # noqa: E402
from whenabouts.grounders.learned.detr.tr_criterion import TRDETRTargets, tr_detr_losses  # noqa: E402
from whenabouts.grounders.learned.detr.tr_detr import TRDETR, TRDETRConfig, TRDETRHead, _read  # noqa: E402

SMALL = {"video_dim": 18, "text_dim": 12, "feedforward": 64}  # the official anchors need a hidden size of 256


@dataclass(frozen=True)
class Case:
    """Sizes, a batch of videos and queries of these lengths, and what the official code answers.

    saliency: of the first three clips of the last item; spans: start and end of its best window, and its probability
    losses:   span, label, saliency, and the alignments of whole videos and of clips
    """

    config: dict[str, Any]
    rows: tuple[int, ...]
    words: tuple[int, ...]
    seed: int
    saliency: tuple[float, ...] = ()
    window: tuple[float, ...] = ()
    losses: tuple[float, ...] = ()


# mingyao1120/TR-DETR: tr_detr/model.py:TRDETR and SetCriterion, tr_detr/loss_fun:VTCLoss and CTC_Loss
CASES = {
    "small": Case(
        SMALL, (20, 17, 11), (7, 4, 6), 1,
        (-0.001154, -0.055531, -0.004256), (0.257399, 1.072625, 0.151721),
        (0.158449, 0.060995, 3.997195, 0.974947, 0.716591),
    ),
    "alone": Case(
        SMALL, (20,), (7,), 2,
        (-2.542547, -1.853187, 1.88713), (0.585424, 0.72295, 0.845658),
        (0.179103, 0.363178, 14.659363, 0.0, 0.757502),
    ),
    "sound, positions": Case(
        SMALL | {"audio_dim": 8, "text_positions": True, "projections": 3, "encoder_layers": 3, "text_layers": 3},
        (9, 12), (5, 3), 4,
        (-4.851665, 1.143477, 0.122763), (0.003632, 0.714389, 0.814331),
        (0.188026, 0.498395, 7.387244, 0.599451, 0.768686),
    ),
    "published": Case(
        {}, (75, 60), (20, 9), 6,
        (-0.516098, -1.249959, -0.330794), (0.602831, 0.952174, 0.691689),
        (0.085255, 0.105611, 4.567883, 0.608236, 0.70566),
    ),
}  # fmt: skip


def batch_of(case: Case) -> Batch:
    return drawn_batch(TRDETRConfig(**case.config), case.rows, case.words, case.seed)


def drawn_and_inside(batch: Batch, seed: int) -> TRDETRTargets:
    """Drawn targets; clips with a rating count as of the moments."""
    targets = drawn_targets(batch, seed)
    assert targets.ratings is not None
    return TRDETRTargets(**vars(targets), inside=(targets.ratings > 0).float())


def model_of(case: Case, *, strict_official: bool) -> TRDETR:
    model = TRDETR(TRDETRConfig(**case.config), strict_official=strict_official).eval()
    model.load_state_dict(drawn(model.state_dict(), case.seed))
    return model


@pytest.mark.parametrize("name", CASES)
def test_it_answers_as_the_official_code_does(name: str) -> None:
    case = CASES[name]
    batch = batch_of(case)
    targets = drawn_and_inside(batch, case.seed)
    with torch.no_grad():
        output = model_of(case, strict_official=True)(*batch)
        losses = tr_detr_losses(output, targets)
    scores = output.logits[-1].softmax(-1)[:, 0]
    window = [*start_end(output.spans)[-1][scores.argmax()].tolist(), scores.max().item()]
    assert output.saliency[-1, :3].tolist() == pytest.approx(case.saliency, rel=2e-6, abs=1e-5)
    assert window == pytest.approx(case.window, rel=2e-6, abs=1e-5)
    names = ("loss_span", "loss_label", "loss_saliency", "loss_vtc", "loss_ctc")
    assert [losses[name].item() for name in names] == pytest.approx(case.losses, rel=2e-6, abs=1e-5)


def test_an_answer_depends_on_its_batch_only_officially() -> None:
    case = CASES["small"]
    batch = batch_of(case)
    last = batch_alone(batch, 2)
    gaps = []
    for strict_official in (False, True):
        model = model_of(case, strict_official=strict_official)
        with torch.no_grad():
            together, alone = model(*batch).saliency[2:, : case.rows[2]], model(*last).saliency
        gaps.append((together - alone).abs().max())
    assert gaps[0] < 1e-4 < 1e-2 < gaps[1]


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ([0.55, 0.4], [3, 4, 5, 6, 7]),  # 0.35 to 0.75 of ten clips, with the one that holds the end
        ([0.95, 0.4], [7, 8, 9]),  # beyond the end of the video
        ([0.15, 0.4], []),  # -0.05 to 0.35: from the last clip up to the fourth, which is nothing
        ([0.55, 1.2], [9]),  # from the last clip to the end
    ],
)
def test_what_is_read_of_a_moment_is_what_python_slices(span: list[float], expected: list[int]) -> None:
    clips = torch.arange(1.0, 13.0).view(1, 12, 1)
    read, lengths = _read(clips, torch.tensor([span]), torch.tensor([10]))
    assert [int(value) - 1 for value in read[0, :, 0] if value] == expected
    assert lengths.tolist() == [10]


def test_everything_that_answers_learns() -> None:
    case = CASES["small"]
    batch = batch_of(case)
    model, targets = model_of(case, strict_official=False), drawn_and_inside(batch, case.seed)
    losses = tr_detr_losses(model(*batch), targets)
    torch.stack([losses[name] for name in losses if name != "class_error"]).sum().backward()
    still = {name.split(".")[0] for name, value in model.named_parameters() if value.grad is None}
    assert still == {"txt_position_embed"}


def test_weights_of_the_alignments_are_those_of_the_file() -> None:
    state = TRDETR(TRDETRConfig(**SMALL)).state_dict()
    options = {"VTC_loss_coef": 0.7, "CTC_loss_coef": 2, "max_v_l": 1000}
    assert TRDETRHead.recognises(state)
    head = TRDETRHead.from_official(state, options)
    assert (head.weighting["loss_vtc"], head.weighting["loss_ctc"], head.longest) == (0.7, 2.0, 1000)
    assert head.config == TRDETRConfig(**SMALL)
