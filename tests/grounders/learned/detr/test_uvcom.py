"""UVCOM equals Lighthouse's code, where padding counts as video and as text, and leaves that out unless asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from drawn import drawn, normal  # noqa: E402
from torch.nn.utils.rnn import pad_sequence  # noqa: E402

from whenabouts.benchmarks.example import Example  # noqa: E402
from whenabouts.benchmarks.features import FeatureExample  # noqa: E402
from whenabouts.grounders.learned.checkpoint import read_checkpoint  # noqa: E402
from whenabouts.grounders.learned.detr.criterion import DETRTargets, weighted_sum  # noqa: E402
from whenabouts.grounders.learned.detr.uvcom import UVCOMHead  # noqa: E402
from whenabouts.grounders.learned.detr.uvcom_criterion import UVCOMOutput, uvcom_losses  # noqa: E402

SEED = 2023
PADDED = ([75, 75, 60], [32, 20, 11])


def rows(name: str, length: int, width: int) -> torch.Tensor:
    drawn_rows = torch.from_numpy(normal(name, SEED, (length, width)).astype(np.float32))
    return drawn_rows / drawn_rows.norm(dim=1, keepdim=True)


def side(name: str, lengths: list[int], width: int) -> tuple[torch.Tensor, torch.Tensor]:
    padded = pad_sequence([rows(f"{name}{i}", n, width) for i, n in enumerate(lengths)], batch_first=True)
    return padded, pad_sequence([torch.ones(n) for n in lengths], batch_first=True)


def targets(clips: list[int]) -> DETRTargets:
    random = np.random.RandomState(SEED)
    ends = [np.sort(random.rand(1 + i % 3, 2)) for i in range(len(clips))]
    spans = tuple(torch.tensor(np.stack([e.mean(1), e[:, 1] - e[:, 0]], 1), dtype=torch.float32) for e in ends)
    positive, negative = (torch.tensor([[random.randint(n), random.randint(n)] for n in clips]) for _ in range(2))
    ratings = pad_sequence([torch.tensor(random.randint(0, 13, n), dtype=torch.float32) for n in clips], True)
    return DETRTargets(spans, positive, negative, ratings)


def head(*, strict_official: bool = True, **config: object) -> UVCOMHead:
    made = UVCOMHead(UVCOMHead.config_class(**config), strict_official=strict_official).eval()
    made.model.load_state_dict(drawn(made.model.state_dict(), SEED))
    return made


def answered(made: UVCOMHead, clips: list[int], words: list[int], *, unlike: bool = False) -> UVCOMOutput:
    c = made.config
    video, mask = side("video", clips, c.video_dim)
    if c.audio_dim:
        video = torch.cat([video, side("sound", clips, c.audio_dim)[0]], -1)
    with torch.no_grad():
        output: UVCOMOutput = made.model(video, mask, *side("text", words, c.text_dim), negatives=True, unlike=unlike)
    return output


SMALL = {
    "video_dim": 18, "text_dim": 12, "feedforward": 32, "layers": 1, "decoder_layers": 2, "phrases": 3, "scenes": 4,
    "rounds": 2, "heads": 4,
}  # fmt: skip
# what lighthouse/common/uvcom.py:UVCOM.forward and SetCriterion.forward say of these parameters and features at commit
# d095eaa; its decoder can have no other size than 256 hidden and 30 queries
GOLDEN = {
    "published": (
        {}, PADDED, False,
        [-0.106774, 1.124175, -0.124529, 1.137094], [0.491326, 0.724444, 0.407489, 0.432552],
        [1.307643, 1.444887, 1.289379, 1.073199, -0.041666], [0.564891, 0.23546],
        [0.132324, 99.13085, 1.690439, 105.64872],
    ),
    "with sound": (
        {"audio_dim": 2048}, PADDED, False,
        [0.056668, 1.193095, 0.038806, 1.201849], [0.619196, 0.754038, 0.54005, 0.470668],
        [1.204136, 1.847417, 0.437744, 1.040053, -0.038558], [0.577174, 0.212988],
        [0.134277, 87.40562, 1.690158, 93.88473],
    ),
    "epoch 80": (
        {}, PADDED, True,
        [-0.106774, 1.124175, -0.124529, 1.137094], [0.491326, 0.724444, 0.407489, 0.432552],
        [1.307643, 1.444887, 1.289379, 1.073199, -0.041666], [0.564891, 0.23546],
        [0.132324, 107.37563, 1.690439, 113.89349],
    ),
    "sound alone": (
        {"video_dim": 2, "text_dim": 768, "audio_dim": 768}, ([40], [9]), False,
        [-1.021316, 0.955626, -1.041148, 0.965029], [0.302461, 0.694351, 0.236043, 0.388575],
        [0.303834, 0.30372, 0.303834, 0.30372, -0.002211], [0.483184, 0.365959],
        [0.079304, 41.07338, 1.060253, 47.57073],
    ),
    "small": (
        {**SMALL, "fusion": True}, ([9, 7, 5], [6, 3, 6]), False,
        [-1.441284, -0.35606, -1.48285, -0.324843], [0.494609, 0.638233, 0.407078, 0.337106],
        [1.333385, 0.810794, 1.215639, -0.42183, -0.102522], [0.659847, 0.601323],
        [0.130481, 10.5615, 1.077873, 15.19871],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_outputs_and_losses_are_official(name: str) -> None:
    config, lengths, unlike, logits, spans, scores, earlier, losses = GOLDEN[name]
    made = head(**config)
    output = answered(made, *lengths, unlike=unlike)
    negative = output.saliency_scores_neg
    assert output.logits[-1, :2].flatten().tolist() == pytest.approx(logits, abs=1e-5)
    assert output.spans[-1, :2].flatten().tolist() == pytest.approx(spans, abs=1e-5)
    got = [*output.saliency[-1, [0, -1]], *negative[-1, [0, -1]], output.agreement[-1, 0]]
    assert [float(v) for v in got] == pytest.approx(scores, abs=1e-5)
    assert output.layers[0][1][0, 0].tolist() == pytest.approx(earlier, abs=1e-5)
    found = uvcom_losses(output, targets(lengths[0]))
    kept = [found[k] for k in ("loss_label_0", "loss_saliency", "loss_sim")] + [weighted_sum(found, made.weighting)]
    assert [float(v) for v in kept] == pytest.approx(losses, abs=1e-5, rel=1e-6)


def test_without_padding_nothing_official_leaks() -> None:
    lengths = [9, 9, 9], [6, 6, 6]
    clean, official = (answered(head(strict_official=strict, **SMALL), *lengths) for strict in (False, True))
    assert (clean.saliency - official.saliency).abs().max() < 1e-5
    assert (clean.spans - official.spans).abs().max() < 1e-5


@pytest.mark.parametrize("strict_official", [False, True])
def test_an_answer_depends_on_its_batch_only_officially(strict_official: bool) -> None:
    made = head(strict_official=strict_official, **SMALL)
    alone, beside = answered(made, [5], [3]), answered(made, [5, 9], [3, 6])
    gaps = [
        (alone.saliency[0] - beside.saliency[0, :5]).abs().max(),
        (alone.spans[0] - beside.spans[0]).abs().max(),
        (alone.clip_agreement[0] - beside.clip_agreement[0, :5]).abs().max(),
    ]
    assert all((gap > 1e-4) == strict_official for gap in gaps)


def test_negatives_are_the_next_sentences_and_later_the_least_like() -> None:
    made = head(strict_official=False, **SMALL)
    example = FeatureExample(
        Example(1, "v", "q", np.array([[4.0, 8.0]]), 18.0), rows("a", 9, 16).numpy(), rows("b", 6, 12).numpy()
    )
    other = FeatureExample(example.example, rows("c", 9, 16).numpy(), rows("d", 6, 12).numpy())
    batch = [example, example, other]  # the first is followed by its own sentence

    def saliency(epoch: int, made: UVCOMHead) -> float:
        made.epoch = epoch
        with torch.no_grad():
            return float(made(made.prepare(batch, np.random.default_rng(0)))["loss_saliency"])

    assert saliency(0, made) == saliency(79, made) != saliency(80, made)
    official = head(**SMALL)  # whose trainer never tells the epoch
    assert saliency(79, official) == saliency(80, official)


def test_a_lighthouse_checkpoint_answers_as_officially(tmp_path: Path) -> None:
    state = head(**SMALL, audio_dim=5).model.state_dict()
    options = {
        "model_name": "uvcom", "dset_name": "clotho-moment", "ctx_mode": "video_audio_tef", "clip_length": 1,
        "nheads": 4, "em_iter": 2, "max_v_l": 75, "v_feat_dim": 18, "a_feat_dim": 5, "neg_choose_epoch": 60,
        "v_feat_dirs": ["features/clotho-moment/clip"], "a_feat_dirs": ["features/clotho-moment/pann"],
    }  # fmt: skip
    torch.save(
        {"model": state, "optimizer": {}, "lr_scheduler": {}, "epoch": 3, "opt": options}, tmp_path / "best.ckpt"
    )
    loaded = read_checkpoint(tmp_path / "best.ckpt")
    assert loaded.facts["clip_seconds"] == 1.0
    assert vars(loaded.head.config) == {**vars(UVCOMHead.config_class()), **SMALL, "audio_dim": 5}
    assert (loaded.head.options["neg_choose_epoch"], loaded.head.longest) == (60, 75)
    assert torch.equal(loaded.head.model.state_dict()["CIM.vid_mu"], state["CIM.vid_mu"])
