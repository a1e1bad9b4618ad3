"""UniVTG equals the official code, with its leak where videos are padded and without where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from conformance import agrees, compare  # noqa: E402

from whenabouts.grounders.learned.detr.univtg import UniVTG, UniVTGConfig  # noqa: E402


@pytest.mark.parametrize("name", ["univtg_a", "published_size/univtg_full"])
@pytest.mark.parametrize("strict_official", [True, False])
def test_vectors_of_the_official_code_are_reproduced(data: Path, name: str, strict_official: bool) -> None:
    report = compare(data / "vectors" / f"{name}.npz", strict_official=strict_official)
    assert report and agrees(report), report
    assert ("skipped" in report["main"]) is not strict_official


def test_parameters_have_the_official_names(data: Path) -> None:
    listed = (data / "vectors" / "keys" / "univtg_keys.txt").read_text().splitlines()
    state = UniVTG().state_dict()
    assert set(state) == {line.split()[0] for line in listed if line.strip() and not line.startswith("#")}
    assert sum(value.numel() for value in state.values()) == 43_406_855


def test_padding_changes_the_last_clips_only_officially() -> None:
    torch.manual_seed(0)
    config = UniVTGConfig(video_dim=18, text_dim=12, hidden=32, feedforward=64, layers=2)
    clean, official = UniVTG(config).eval(), UniVTG(config, strict_official=True).eval()
    official.load_state_dict(clean.state_dict())
    video, text, words = torch.randn(1, 9, 18), torch.randn(1, 5, 12), torch.ones(1, 5)
    mask = torch.ones(1, 9)
    mask[0, 6:] = 0
    with torch.no_grad():
        gaps = [
            (model(video, mask, text, words).spans[:, :6] - model(video[:, :6], mask[:, :6], text, words).spans).abs()
            for model in (clean, official)
        ]
    assert gaps[0].max() < 1e-5 < gaps[1][:, 3:].max()
    assert gaps[1][:, :3].max() < 1e-5
