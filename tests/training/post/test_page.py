"""The programs of docs/post-training.md run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = (Path(__file__).parents[3] / "docs" / "post-training.md").read_text("utf-8")
GOOD = "<think></think><answer>10.00 to 20.00</answer>"
COLUMNS: dict[str, Any] = {"windows": [[[10.0, 20.0]]] * 2, "duration": [40.0] * 2, "solution": ["", ""]}


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    """The names that the program texts of the page define; ORM is the class of ms-swift that a plugin extends."""
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {"ORM": object}
    for block in blocks:
        if "REWARDS" in block:
            exec(block, names)
    return names


def test_trl_is_given_functions(shown: dict[str, Any]) -> None:
    said = [GOOD, GOOD.replace("20.00", "30.00")]
    assert shown["tiou"](["p"] * 2, said, **COLUMNS) == [1.0, 0.5]
    assert shown["fading"](["p"] * 2, said, **COLUMNS) == [1.0, 1.0]
    assert shown["both"](["p"] * 2, said, **COLUMNS) == pytest.approx([1.0, 0.5 - 0.5 * 10 / 30])


def test_ms_swift_and_verl_reward_the_same(shown: dict[str, Any]) -> None:
    said = ["<answer>12.00 to 20.00</answer>", GOOD]
    assert shown["TimeR1"]()(said, **COLUMNS) == pytest.approx([0.76, 1.0])
    verl = [shown["compute_score"]("tvg", text, [[10.0, 20.0]], {"duration": 40.0}) for text in said]
    assert verl == pytest.approx([0.76, 1.0])
