"""MS-2D-TAN equals the official code: every scale's map, losses and ranked cells."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from conformance import agrees, compare  # noqa: E402
from drawn import drawn, normal  # noqa: E402

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders.learned.proposal.ms_two_d_tan import MSTwoDTAN, MSTwoDTANConfig, MSTwoDTANHead, rank  # noqa: E402


@pytest.mark.parametrize(
    "name",
    [
        "ms2dtan_samp_a",
        "ms2dtan_sw_a",
        pytest.param("published_size/ms2dtan_tacos_c3d_512_full", marks=pytest.mark.slow),
    ],
)
def test_vectors_of_the_official_code_are_reproduced(data: Path, name: str) -> None:
    report = compare(data / "vectors" / f"{name}.npz", strict_official=True)
    assert report and agrees(report), report


def test_parameters_have_the_official_names(data: Path) -> None:
    listed = (data / "vectors" / "keys" / "ms2dtan_tacos_c3d_512_keys.txt").read_text().splitlines()
    with torch.device("meta"):
        state = MSTwoDTAN(MSTwoDTANConfig(**MSTwoDTANHead.recipe("tacos").config)).state_dict()
    shapes = {line.split("\t")[0]: line.split("\t")[1] for line in listed if line.strip() and not line.startswith("#")}
    assert {key: str(tuple(value.shape)) for key, value in state.items()} == shapes


def small(proposals: str = "conv", *, strict_official: bool = False) -> MSTwoDTAN:
    sizes = {"video_dim": 6, "text_dim": 5, "hidden": 8, "text_hidden": 8, "stride": 1, "kernels": (3,)}
    torch.manual_seed(0)
    config = MSTwoDTANConfig(**sizes, layers=(8, 4), proposals=proposals)
    return MSTwoDTAN(config, strict_official=strict_official).eval()


def batch() -> tuple[torch.Tensor, ...]:
    torch.manual_seed(1)
    masks = torch.ones(2, 16), torch.ones(2, 7)
    masks[0][1, 11:], masks[1][1, 3:] = 0, 0
    return torch.randn(2, 16, 6) * masks[0][..., None], masks[0], torch.randn(2, 7, 5) * masks[1][..., None], masks[1]


def test_an_answer_depends_on_its_batch_only_officially() -> None:
    video, video_mask, text, text_mask = batch()
    alone = video[1:], video_mask[1:], text[1:, :3], text_mask[1:, :3]
    with torch.no_grad():
        gaps = [
            (model(video, video_mask, text, text_mask).probabilities[0][1] - model(*alone).probabilities[0][0])
            .abs()
            .max()
            for model in (small(), small(strict_official=True))
        ]
    assert gaps[0] < 1e-6 < gaps[1]


@pytest.mark.parametrize("proposals", ["conv", "plain", "pool"])
def test_cells_end_where_the_video_ends(proposals: str) -> None:
    output = small(proposals)(*batch())
    whole, short = rank(output, [16.0, 16.0])
    assert len(whole) > len(short)
    assert max(end for _, end, _ in short) == 11
    assert rank(output, [16.0, 16.0], strict_official=True)[1][-1][2] == 0  # cells that do not exist


def test_max_pooled_cells_hold_the_maximum_of_their_clips() -> None:
    clips, mask = torch.randn(1, 8, 16), torch.ones(1, 1, 16)
    (fine, _), (coarse, exists) = small("pool").prop_module(clips, mask)
    assert torch.equal(fine[0, :, 3, 4], clips[0, :, 3:8].amax(1))
    assert exists[0, 0, 2, 5] == 1
    assert torch.equal(coarse[0, :, 2, 5], clips[0, :, 4:16].amax(1))


@pytest.mark.parametrize(
    ("kind", "total", "squares", "beyond"),
    # lib/models/map_modules/map_conv.py:Conv, MapConv and MapConvAvg of microsoft/VideoX 1744b21: sums of the map, and
    # the greatest value where no cell is near
    [("plain", 11.731619, 5.373105, 0.005819), ("masked", 11.920864, 5.518069, 0.0), ("mean", 0.123402, 0.001152, 0.0)],
)
def test_maps_of_plain_convolutions_are_official(kind: str, total: float, squares: float, beyond: float) -> None:
    convs = MSTwoDTAN(MSTwoDTANConfig(3, 2, 4, 4, 1, layers=(4,), kernels=(3, 5), maps=kind)).map_modules[0]
    convs.load_state_dict(drawn(convs.state_dict(), 7))
    exists = torch.ones(1, 1, 8, 4)
    exists[..., 3:, :] = 0
    cells = torch.from_numpy(normal("cells", 7, (1, 4, 8, 4)).astype("float32")) * exists
    with torch.no_grad():
        out = convs(cells, exists)
    found = [float(out.sum()), float(out.square().sum()), float(out[0, :, 7].abs().max())]
    assert found == pytest.approx([total, squares, beyond], abs=1e-5)


def test_a_file_that_does_not_tell_its_stride_is_refused() -> None:
    sizes = {"hidden": 4, "text_hidden": 4, "layers": (8, 4, 4), "kernels": (3,)}
    ambiguous = MSTwoDTAN(MSTwoDTANConfig(video_dim=4096, **sizes)).state_dict()
    with pytest.raises(ModelError, match="how many rows make a clip"):
        MSTwoDTANHead.sizes(ambiguous, {})
    plain = MSTwoDTAN(MSTwoDTANConfig(video_dim=8, maps="masked", **sizes)).state_dict()
    with pytest.raises(ModelError, match="which convolutions run over its maps"):
        MSTwoDTANHead.sizes(plain, {})
    told = MSTwoDTAN(MSTwoDTANConfig(video_dim=1024, **sizes)).state_dict()
    assert (MSTwoDTANHead.sizes(told, {})["stride"], MSTwoDTANHead.settings(told, {})["rows"]) == (1, 64)
