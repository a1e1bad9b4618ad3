"""Moment-DETR equals the official code: outputs, losses, matches, predictions, names and numbers of parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from conformance import agrees, compare  # noqa: E402

from whenabouts.grounders.learned.detr.moment_detr import MomentDETR, MomentDETRConfig  # noqa: E402


@pytest.mark.parametrize("name", ["moment_detr_a", "published_size/moment_detr_full"])
def test_vectors_of_the_official_code_are_reproduced(data: Path, name: str) -> None:
    report = compare(data / "vectors" / f"{name}.npz")
    assert report and agrees(report), report


def test_parameters_have_the_official_names_and_shapes(data: Path) -> None:
    listed = (data / "vectors" / "keys" / "moment_detr_keys.txt").read_text().splitlines()
    expected = {line.split()[0] for line in listed if line.strip() and not line.startswith("#")}
    state = MomentDETR().state_dict()
    assert set(state) == expected & set(state) and len(state) == 92
    assert sum(value.numel() for value in state.values()) == 4_823_305


def test_padding_and_company_do_not_change_an_answer() -> None:
    torch.manual_seed(0)
    model = MomentDETR(MomentDETRConfig(video_dim=18, text_dim=12, hidden=32, feedforward=64)).eval()
    video, text = torch.randn(2, 9, 18), torch.randn(2, 7, 12)
    masks = torch.ones(2, 9), torch.ones(2, 7)
    masks[0][1, 6:], masks[1][1, 4:] = 0, 0
    with torch.no_grad():
        together = model(video, masks[0], text, masks[1])
        alone = model(video[1:, :6], masks[0][1:, :6], text[1:, :4], masks[1][1:, :4])
    torch.testing.assert_close(together.spans[1], alone.spans[0], atol=1e-5, rtol=0)
    torch.testing.assert_close(together.saliency[1, :6], alone.saliency[0], atol=1e-5, rtol=0)
