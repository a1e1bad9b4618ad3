"""VideoITG's loss. Official values: NVlabs/VideoITG, `grounding_qwen2.py:EagleQwenG.forward`, on the same numbers."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.selection.videoitg.loss import frame_loss, labels, positive_weight  # noqa: E402


@pytest.mark.parametrize(
    ("logits", "targets", "official"),
    [
        ([[0.5, -1.0, 2.0], [0.0]], [[1, 0, 0], [0]], 0.9886156),
        ([[1.0, 1.0, 1.0]], [[0, 0, 0]], 1.3132617),
        ([[0.3, -0.2]], [[1, 1]], 0.0),  # with nothing but positives their weight is 0
        ([[0.1 * i for i in range(60)]], [[1] + 59 * [0]], 3.1386993),
    ],
)
def test_one_weight_for_all_frames_of_a_batch(
    logits: list[list[float]], targets: list[list[float]], official: float
) -> None:
    given = frame_loss([torch.tensor(row) for row in logits], [torch.tensor(row) for row in targets])
    assert float(given) == pytest.approx(official, abs=1e-6)


def test_positives_weigh_at_most_five() -> None:
    assert float(positive_weight(labels([3], 1000))) == 5.0
    assert float(positive_weight(labels([0, 4], 10))) == 2.0
    assert labels([1, 1, 2], 4).tolist() == [0, 1, 1, 0]
