"""EaTR equals the official code, with padding where that takes part and without where it does not."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from drawn import drawn, normal  # noqa: E402

from whenabouts.benchmarks.example import Example  # noqa: E402
from whenabouts.benchmarks.features import FeatureExample  # noqa: E402
from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders.learned.checkpoint import from_checkpoint, read_checkpoint  # noqa: E402
from whenabouts.grounders.learned.detr.batch import Batch  # noqa: E402
from whenabouts.grounders.learned.detr.criterion import weighted_sum  # noqa: E402
from whenabouts.grounders.learned.detr.eatr import EaTR, EaTRConfig, EaTRHead  # noqa: E402
from whenabouts.grounders.learned.detr.eatr_criterion import (  # noqa: E402
    LOSS_WEIGHTS,
    EaTRTargets,
    event_losses,
    pseudo_events,
)

# values of jinhyunj/EaTR 384f093: models/model.py:EaTR and models/criterion.py:SetCriterion with parameters and inputs
# as `drawn` here; line/lighthouse d095eaa lighthouse/common/eatr.py gives the same

SMALL = EaTRConfig(
    video_dim=18,
    text_dim=12,
    hidden=32,
    heads=4,
    feedforward=48,
    encoder_layers=2,
    decoder_layers=2,
    queries=5,
    words=9,
)
PADDED = [(11, 6), (7, 3), (9, 8)]  # clips and words of every item


def model(config: EaTRConfig, *, strict_official: bool = False) -> EaTR:
    made = EaTR(config, strict_official=strict_official).eval()
    made.load_state_dict(drawn(made.state_dict(), 3))
    return made


def batch(config: EaTRConfig, lengths: list[tuple[int, int]]) -> Batch:
    def padded(name: str, counts: list[int], width: int) -> tuple[torch.Tensor, torch.Tensor]:
        rows, mask = torch.zeros(len(counts), max(counts), width), torch.zeros(len(counts), max(counts))
        for i, count in enumerate(counts):
            rows[i, :count] = torch.from_numpy(normal(f"{name} {i}", 3, (count, width)))
            mask[i, :count] = 1
        return rows, mask

    return Batch(
        *padded("video", [clips for clips, _ in lengths], config.video_dim),
        *padded("text", [words for _, words in lengths], config.text_dim),
    )


def close(ours: torch.Tensor, theirs: list[object]) -> bool:
    return torch.allclose(ours, torch.tensor(theirs), atol=1e-5, rtol=0)


GOLDEN = [
    (SMALL, PADDED, True,
        [[0.2877468, 0.7524081], [0.3094488, 0.7436330], [0.3289784, 0.6971273]],
        [[0.2244390, -1.4160230], [0.2879945, -1.3496932], [0.2317064, -1.3736660]],
        [0.5187975, -0.4831631, 2.0628955, 2.1689045], [[0.4524235, 0.3017464], [0.4476994, 0.3380669]]),
    (SMALL, [(12, 5)], False,
        [[0.3416288, 0.6339629], [0.3384440, 0.6852696], [0.3672070, 0.5777147]],
        [[-0.6376411, -0.5080072], [-0.4819186, -0.5171323], [-0.5801756, -0.5530341]],
        [0.6137840, -0.4668417, 2.2391968, 2.1746438], [[0.4349562, 0.3137117], [0.4306754, 0.3495258]]),
    (EaTRConfig(), [(75, 12)], False,
        [[0.9117014, 0.6241143], [0.9145702, 0.6283246], [0.9071460, 0.6229007]],
        [[0.0824259, -1.0972055], [0.1017916, -1.0747879], [0.0925780, -1.1611617]],
        [-0.8851174, -0.2041193, -0.0007352, -1.5604415], [[0.4357734, 0.4587985], [0.4539229, 0.4578293]]),
]  # fmt: skip


@pytest.mark.parametrize(("config", "lengths", "strict", "spans", "logits", "saliency", "events"), GOLDEN)
def test_outputs_are_the_official_ones(
    config: EaTRConfig,
    lengths: list[tuple[int, int]],
    strict: bool,
    spans: list[object],
    logits: list[object],
    saliency: list[object],
    events: list[object],
) -> None:
    with torch.no_grad():
        output = model(config, strict_official=strict)(*batch(config, lengths))
    assert close(output.spans[-1, :3], spans) and close(output.logits[-1, :3], logits)
    assert close(output.saliency[0, :4], saliency)
    assert output.events is not None and close(output.events[0, :2], events)


def test_losses_are_the_official_ones() -> None:
    head = EaTRHead(SMALL, strict_official=True).eval()
    head.model.load_state_dict(drawn(head.model.state_dict(), 3))
    spans = torch.tensor([[0.3, 0.2], [0.7, 0.4]]), torch.tensor([[0.5, 0.5]]), torch.tensor([[0.8, 0.1]])
    made = batch(SMALL, PADDED)
    events = pseudo_events(made.video, made.video_mask, strict_official=True)
    targets = EaTRTargets(spans, torch.tensor([[2, 3]] * 3), torch.tensor([[5, 6]] * 3), events=events)
    losses = head.unweighted(head.model(*made), targets)
    assert {name: value.item() for name, value in losses.items()} == pytest.approx(
        {
            "loss_span": 0.3207425, "loss_giou": 0.7567012, "loss_label": 0.2374679, "class_error": 25.0,
            "loss_saliency": 2.2883666, "loss_event_span": 0.2188158, "loss_event_giou": 1.0466459,
            "loss_span_0": 0.2214797, "loss_giou_0": 0.6666619, "loss_label_0": 0.1765910, "class_error_0": 0.0,
        },
        abs=1e-5,
    )  # fmt: skip
    assert weighted_sum(losses, head.weighting).item() == pytest.approx(20.4945984, abs=1e-4)


def test_parameters_are_the_official_ones() -> None:
    made = EaTR()
    assert sum(value.numel() for value in made.parameters()) == 8_972_812
    state = made.state_dict()
    assert len(state) == 234
    for name in ("event_span_embed.layers.2.bias", "moment_span_embed.layers.0.weight"):
        assert torch.equal(state[name], state[f"transformer.decoder.{name}"])


def test_an_answer_depends_on_its_batch_only_officially() -> None:
    inputs = batch(SMALL, PADDED)
    alone = Batch(inputs.video[1:2, :7], inputs.video_mask[1:2, :7], inputs.text[1:2, :3], inputs.text_mask[1:2, :3])
    gaps = []
    for strict in (False, True):
        made = model(SMALL, strict_official=strict)
        with torch.no_grad():
            gaps.append((made(*inputs).spans[1] - made(*alone).spans[0]).abs().max())
    assert gaps[0] < 1e-5 < 1e-3 < gaps[1]


def test_events_lie_between_changes() -> None:
    scene, other = torch.eye(4)[0], torch.eye(4)[1]
    video = torch.stack([scene] * 4 + [other] * 6)[None]
    [events] = pseudo_events(video, torch.ones(1, 10))
    # clips 3 and 4 are equally far from what was before: both neighbours of the cut are bounds
    assert close(events, [[0.15, 0.3], [0.35, 0.1], [0.65, 0.5]])


def test_official_pseudo_events_reach_into_padding_and_other_items() -> None:
    inputs = batch(SMALL, PADDED)
    own = pseudo_events(inputs.video, inputs.video_mask)
    theirs = pseudo_events(inputs.video, inputs.video_mask, strict_official=True)
    assert close(theirs[0], [[0.1818182, 0.3636364], [0.5, 0.2727273], [0.7727273, 0.2727273]])
    assert close(theirs[1], [[0.5714286, -1.1428572], [0.2857143, 0.5714286], [0.7142857, 0.2857143]])
    assert all((events[:, 1] > 0).all() and torch.isclose(events[:, 1].sum(), torch.tensor((n - 1) / n))
               for events, (n, _) in zip(own, PADDED, strict=True))  # fmt: skip
    for i, (clips, _) in enumerate(PADDED):
        [alone] = pseudo_events(inputs.video[i : i + 1, :clips], torch.ones(1, clips))
        assert torch.equal(alone, own[i])


def test_a_single_clip_has_no_event_and_no_loss() -> None:
    events = pseudo_events(torch.ones(2, 1, 4), torch.ones(2, 1))
    assert [len(of_item) for of_item in events] == [0, 0]
    assert {value.item() for value in event_losses(torch.full((2, 5, 2), 0.5), events).values()} == {0.0}
    assert set(event_losses(torch.full((2, 5, 2), 0.5), events)) < set(LOSS_WEIGHTS)


def official(path: Path, config: EaTRConfig, **options: object) -> Path:
    """A file as train.py of jinhyunj/EaTR saves it."""
    made = EaTR(config)
    made.load_state_dict(drawn(made.state_dict(), 7))
    facts = {
        "dset_name": "hl", "max_q_l": config.words, "max_v_l": 75, "clip_length": 2, "nheads": config.heads,
        "v_feat_dirs": ["features/highlight/clip_features"], "v_feat_dim": config.video_dim, "ctx_mode": "video_tef",
        "t_feat_dim": config.text_dim, "use_txt_pos": config.text_positions, "num_slot_iter": config.rounds,
        "contrastive_align_loss": bool(config.contrastive), "span_loss_type": "l1", "device": torch.device("cpu"),
    }  # fmt: skip
    opt = argparse.Namespace(**(facts | options))
    torch.save({"model": made.state_dict(), "optimizer": {}, "lr_scheduler": {}, "epoch": 3, "opt": opt}, path)
    return path


FILE = replace(SMALL, encoder_layers=3, decoder_layers=3, words=32)


def test_a_file_of_the_official_training_answers_as_its_inference(tmp_path: Path) -> None:
    def unit(rows: np.ndarray) -> np.ndarray:
        rows = rows.astype(np.float32)
        return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-5)

    video = unit(normal("vid0_0.0_150clip_features", 3, (75, 16)) + 0.3)
    text = unit(normal("0text", 3, (5, 12)) * 0.5 + 0.3)
    example = FeatureExample(Example("0", "vid0", "a", np.zeros((0, 2)), 150.0), video, text)
    read = read_checkpoint(official(tmp_path / "model_best.ckpt", FILE))
    assert read.head.name == "eatr" and read.facts["clip_seconds"] == 2.0 and read.head.longest == 75
    with torch.no_grad():
        [answer] = read.head.answer([example])
    # inference.py:compute_mr_results, before PostProcessor: starts -15.1967, -20.0352, -21.5008, kept in the video here
    windows = [[0.0, 90.0344, 0.9232], [0.0, 86.2132, 0.9211], [0.0, 87.7052, 0.9195]]
    assert np.allclose(answer.windows[:3], windows, atol=1.5e-4)
    assert answer.saliency is not None
    assert answer.saliency[:3] == pytest.approx([-1.998046875, -3.041015625, -1.0146484375], abs=2e-3)


@pytest.mark.parametrize(
    "change", [{"text_positions": True}, {"rounds": 5}, {"contrastive": 6}, {"projections": 1, "decoder_layers": 1}]
)
def test_every_official_option_is_read_off_a_file(change: dict[str, object], tmp_path: Path) -> None:
    config = replace(FILE, **change)
    assert from_checkpoint(official(tmp_path / "model.ckpt", config)).config == config


def test_spans_as_classes_are_refused(tmp_path: Path) -> None:
    made = EaTR(FILE)
    made.moment_span_embed.layers[-1] = torch.nn.Linear(32, 150)
    torch.save({"model": made.state_dict(), "opt": {"ctx_mode": "video_tef"}}, tmp_path / "ce.ckpt")
    with pytest.raises(ModelError, match=r"ce\.ckpt predicts the clips where .* \(150 numbers a query\)"):
        from_checkpoint(tmp_path / "ce.ckpt")
