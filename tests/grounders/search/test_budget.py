"""Budgets in words and in use."""

from __future__ import annotations

import pytest

from whenabouts.errors import InputError
from whenabouts.grounders.search.budget import Budget


def test_budgets_are_read() -> None:
    assert Budget.parse("2m").seconds == 120 and Budget.parse("500frames,20000tokens").tokens == 20000
    assert Budget.parse("0.5usd@0.15/0.60").prices == (0.15, 0.6)
    for wrong in ("", "fast", "5", "0.5usd", "-3s"):
        with pytest.raises(InputError, match="a budget is"):
            Budget.parse(wrong)


def test_limits_are_told_when_they_are_reached() -> None:
    budget = Budget.parse("0.001usd@1/10,100frames")
    assert budget.spent() is None
    budget.read, budget.written = 500, 50
    assert budget.spent() == "0.001 in money"
    budget.restart()
    assert budget.spent() is None
    budget.looked = 100
    assert budget.spent() == "100 frames"
