"""2D-TAN equals the official code: maps, loss and ranked cells, small and at every published size."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from conformance import agrees, compare  # noqa: E402

from whenabouts.grounders.learned.proposal.two_d_tan import TwoDTAN, TwoDTANConfig, rank, resample  # noqa: E402

SMALL = ["2dtan_pool_a", "2dtan_conv_a", "published_size/2dtan_charades_pool_full"]
LARGE = [f"published_size/2dtan_{name}_full" for name in ("charades_conv", "activitynet_pool", "tacos_conv")]


@pytest.mark.parametrize("name", [*SMALL, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)])
def test_vectors_of_the_official_code_are_reproduced(data: Path, name: str) -> None:
    report = compare(data / "vectors" / f"{name}.npz")
    assert report and agrees(report), report


@pytest.mark.parametrize(
    ("clips", "scales", "cells"), [(16, (16,), 136), (64, (16, 8, 8), 1104), (128, (16, 8, 8, 8), 2548)]
)
def test_long_stretches_have_cells_on_coarser_grids_only(clips: int, scales: tuple[int, ...], cells: int) -> None:
    config = TwoDTANConfig(
        video_dim=3, text_dim=2, hidden=4, text_hidden=4, stride=1, scales=scales, kernels=(3,), paddings=(1,)
    )
    output = TwoDTAN(config)(torch.randn(1, clips, 3), torch.randn(1, 5, 2), torch.ones(1, 5))
    assert int(output.mask.sum()) == cells
    [best, *_] = rank(output, [120.0])
    assert all(0 <= start < end <= 120 for start, end, _ in best)


def test_less_padding_gives_the_same_map() -> None:
    torch.manual_seed(0)
    small = TwoDTANConfig(
        video_dim=3, text_dim=2, hidden=4, text_hidden=4, stride=1, kernels=(3, 5, 3), paddings=(4, 0, 0)
    )
    model = TwoDTAN(small).eval()
    inputs = torch.randn(2, 16, 3), torch.randn(2, 5, 2), torch.ones(2, 5)
    with torch.no_grad():
        tight = model(*inputs).logits
        for conv, padding in zip(model.map_layer.convs, (4, 0, 0), strict=True):
            conv.padding = (padding, padding)
        assert torch.allclose(tight, model(*inputs).logits, atol=1e-6)


def test_the_last_row_of_features_has_no_part_in_a_mean() -> None:
    rows = torch.eye(9)
    assert resample(rows, 3)[:, 8].eq(0).all()
    assert resample(rows, 18)[-1].argmax() == 8


def test_tiles_that_no_cell_needs_are_left_out_of_the_same_map(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    sizes = {"video_dim": 3, "text_dim": 2, "hidden": 4, "text_hidden": 4, "stride": 1, "scales": (16, 8)}
    model = TwoDTAN(TwoDTANConfig(**sizes, kernels=(5, 3, 5), paddings=(5, 0, 0))).eval()
    inputs = torch.randn(2, 48, 3), torch.randn(2, 5, 2), torch.ones(2, 5)
    with torch.no_grad():
        direct = model(*inputs).logits
        monkeypatch.setattr("whenabouts.grounders.learned.proposal.winograd.LEAST_CHANNELS", 1)
        assert torch.allclose(direct, model(*inputs).logits, atol=1e-5)


def test_words_read_backwards_depend_on_the_batch_only_officially() -> None:
    sizes = {
        "video_dim": 3,
        "text_dim": 2,
        "hidden": 4,
        "text_hidden": 4,
        "stride": 1,
        "kernels": (3,),
        "paddings": (1,),
    }
    config, mask = TwoDTANConfig(**sizes, bidirectional=True), torch.tensor([[1.0, 1, 0, 0], [1, 1, 1, 1]])
    clean, official = TwoDTAN(config).eval(), TwoDTAN(config, strict_official=True).eval()
    official.load_state_dict(clean.state_dict())
    video, text = torch.randn(2, 16, 3), torch.randn(2, 4, 2) * mask[..., None]
    with torch.no_grad():
        gaps = [
            (model(video, text, mask).logits[0] - model(video[:1], text[:1, :2], mask[:1, :2]).logits[0]).abs().max()
            for model in (clean, official)
        ]
    assert gaps[0] < 1e-6 < gaps[1]
