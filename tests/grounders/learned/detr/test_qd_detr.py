"""QD-DETR equals the official code, with its mask order where that matters and without where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from conformance import agrees, compare  # noqa: E402

from whenabouts.grounders.learned.detr.qd_detr import QDDETR, QDDETRConfig  # noqa: E402


@pytest.mark.parametrize("name", ["qd_detr_a", "published_size/qd_detr_full"])
@pytest.mark.parametrize("strict_official", [True, False])
def test_vectors_of_the_official_code_are_reproduced(data: Path, name: str, strict_official: bool) -> None:
    report = compare(data / "vectors" / f"{name}.npz", strict_official=strict_official)
    assert report and agrees(report), report
    assert ("skipped" in report["main"]) is not strict_official


def test_parameters_have_the_official_names(data: Path) -> None:
    listed = (data / "vectors" / "keys" / "qd_detr_keys.txt").read_text().splitlines()
    state = QDDETR().state_dict()
    assert set(state) == {line.split()[0] for line in listed if line.strip() and not line.startswith("#")}
    assert sum(value.numel() for value in state.values()) == 7_585_573


def batch() -> tuple[torch.Tensor, ...]:
    torch.manual_seed(0)
    video, text = torch.randn(3, 9, 18), torch.randn(3, 7, 12)
    masks = torch.ones(3, 9), torch.ones(3, 7)
    masks[0][1, 5:], masks[1][1, 3:] = 0, 0
    return video * masks[0][..., None], masks[0], text * masks[1][..., None], masks[1]


def test_an_answer_depends_on_its_batch_only_officially() -> None:
    config = QDDETRConfig(video_dim=18, text_dim=12, hidden=32, feedforward=64)
    clean, official = QDDETR(config).eval(), QDDETR(config, strict_official=True).eval()
    official.load_state_dict(clean.state_dict())
    inputs = batch()
    with torch.no_grad():
        gaps = [
            (model(*inputs).saliency[0] - model(*(tensor[:1] for tensor in inputs)).saliency[0]).abs().max()
            for model in (clean, official)
        ]
    assert gaps[0] < 1e-5 < gaps[1]


def test_the_negative_pass_runs_in_training_alone() -> None:
    model = QDDETR(QDDETRConfig(video_dim=18, text_dim=12, hidden=32, feedforward=64))
    assert model.train()(*batch()).saliency_scores_neg is not None
    assert model.eval()(*batch()).saliency_scores_neg is None
