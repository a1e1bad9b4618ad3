"""A network as ONNX answers as in torch at any length, and one that would not is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders.learned import HEADS  # noqa: E402
from whenabouts.grounders.learned.onnx import export_onnx  # noqa: E402


@pytest.mark.parametrize("name", ["moment-detr", "qd-detr", "cg-detr", "eatr", "tr-detr", "uvcom", "univtg", "2d-tan"])
def test_a_file_answers_as_torch_does(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    head = HEADS[name].sized(8, 6, small=True)
    assert export_onnx(head, tmp_path / "model.onnx") < 1e-5
    assert (tmp_path / "model.onnx").stat().st_size > 10_000 and head.training and head.model.training


@pytest.mark.parametrize("name", ["onvtg", "universalvtg"])
def test_a_head_whose_answers_are_lists_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"{name} cannot be exported as ONNX"):
        export_onnx(HEADS[name].sized(8, 6, small=True), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())
