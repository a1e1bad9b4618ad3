"""Windows on the grid of a benchmark are those that the official post-processing writes."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.errors import InputError  # noqa: E402
from whenabouts.grounders.learned.detr.decode import on_the_grid  # noqa: E402
from whenabouts.grounders.learned.detr.qd_detr import QDDETRHead  # noqa: E402
from whenabouts.grounders.learned.fields import changed, combinations  # noqa: E402

WINDOWS = [[-3.1, 151.2, 0.9], [148.9, 280.7, 0.8], [3.0, 5.0, 0.7], [10.2, 11.1, 0.6]]


# Lighthouse training/postprocessing.py:PostProcessorDETR at d095eaa, as evaluate.py has it (qvhighlight, tacos)
def test_rounding_is_official_and_cuts_only_where_the_benchmark_does() -> None:
    scores = [0.9, 0.8, 0.7, 0.6]
    cut = [[0.0, 150.0], [148.0, 150.0], [4.0, 4.0], [10.0, 12.0]]
    whole = [[-4.0, 152.0], [148.0, 280.0], [4.0, 4.0], [10.0, 12.0]]
    assert on_the_grid(WINDOWS, 2.0, latest=150.0) == [[*w, s] for w, s in zip(cut, scores, strict=True)]
    assert on_the_grid(WINDOWS, 2.0, latest=None) == [[*w, s] for w, s in zip(whole, scores, strict=True)]


def test_a_grid_can_be_taken_away_or_changed() -> None:
    published = QDDETRHead.recipe("qvhighlights")
    [none] = combinations(["grid=none"])
    assert changed(QDDETRHead, published, none).options["grid"] is None
    assert changed(QDDETRHead, published, {"grid": 0.5}).options["grid"] == 0.5
    for bad in (0, -2, float("nan"), float("inf"), "fine"):
        with pytest.raises(InputError, match="grid cannot be"):
            changed(QDDETRHead, published, {"grid": bad})
