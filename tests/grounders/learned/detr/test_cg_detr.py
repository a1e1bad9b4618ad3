"""CG-DETR equals the official code: attention, alignment and losses, also where neighbours are of one video."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from conformance import agrees, compare  # noqa: E402

from whenabouts.grounders.learned.detr.cg_criterion import Neighbours, cg_detr_losses  # noqa: E402
from whenabouts.grounders.learned.detr.cg_detr import CGDETR, CGDETRConfig  # noqa: E402
from whenabouts.grounders.learned.detr.criterion import DETRTargets  # noqa: E402


@pytest.mark.parametrize("name", ["cg_detr_a", "published_size/cg_detr_full"])
@pytest.mark.parametrize("strict_official", [True, False])
def test_vectors_of_the_official_code_are_reproduced(data: Path, name: str, strict_official: bool) -> None:
    report = compare(data / "vectors" / f"{name}.npz", strict_official=strict_official)
    assert report and agrees(report), report
    assert ("skipped" in report["main"]) is not strict_official


def test_parameters_have_the_official_names(data: Path) -> None:
    listed = (data / "vectors" / "keys" / "cg_detr_keys.txt").read_text().splitlines()
    state = CGDETR().state_dict()
    assert set(state) == {line.split()[0] for line in listed if line.strip() and not line.startswith("#")}
    assert sum(value.numel() for value in state.values()) == 12_615_467


def small(*, strict_official: bool = False) -> CGDETR:
    sizes = {"video_dim": 18, "text_dim": 12, "hidden": 32, "feedforward": 64, "dummies": 3}
    torch.manual_seed(0)
    return CGDETR(CGDETRConfig(**sizes), strict_official=strict_official)


def batch() -> tuple[torch.Tensor, ...]:
    torch.manual_seed(1)
    video, text = torch.randn(3, 9, 18), torch.randn(3, 7, 12)
    masks = torch.ones(3, 9), torch.ones(3, 7)
    masks[0][1, 5:], masks[1][1, 3:] = 0, 0
    return video * masks[0][..., None], masks[0], text * masks[1][..., None], masks[1]


def test_an_answer_depends_on_its_batch_only_officially() -> None:
    clean, official = small().eval(), small(strict_official=True).eval()
    inputs = batch()
    with torch.no_grad():
        gaps = [
            (model(*inputs).saliency[0] - model(*(tensor[:1] for tensor in inputs)).saliency[0]).abs().max()
            for model in (clean, official)
        ]
    assert gaps[0] < 1e-5 < gaps[1]


def test_neighbours_of_one_video_are_no_negatives() -> None:
    output = small().eval()(*batch(), neighbours=Neighbours.of(["a", "a", "b"]), negatives=True)
    assert output.neighbours.unlike.tolist() == [1, 2]
    assert output.saliency_scores_neg.shape == (2, 9)
    alone = small().eval()(*batch(), neighbours=Neighbours.of(["a", "a", "a"]), negatives=True)
    assert alone.saliency_scores_neg is None


def test_every_parameter_that_counts_learns() -> None:
    model, ratings = small().train(), torch.zeros(3, 9)
    ratings[:, 2:5] = 4
    output = model(*batch(), neighbours=Neighbours.of(["a", "b", "c"]), relevant=ratings)
    spans = tuple(torch.tensor([[0.4, 0.3]]) for _ in range(3))
    targets = DETRTargets(spans, torch.full((3, 2), 3), torch.full((3, 2), 0), ratings)
    torch.stack(list(cg_detr_losses(output, targets).values())).sum().backward()
    dead = ("txt_proj_linear", "txt_position_embed", "sa_qcontent", "sa_kcontent", "sa_v", "bbox_embed")
    still = [n for n, p in model.named_parameters() if p.grad is None and not any(part in n for part in dead)]
    assert still == []
