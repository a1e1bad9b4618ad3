"""What rewards pay for answers that need no video."""

from __future__ import annotations

import pytest

from whenabouts.grounders.llm.papers import REWARDS
from whenabouts.training.post.attacks import ATTACKS, OF_INTERVALS, earnings

ELSE = [name for name in REWARDS if name not in OF_INTERVALS]


@pytest.mark.parametrize("name", OF_INTERVALS)
def test_nothing_that_needs_no_video_earns_what_an_honest_answer_does(name: str) -> None:
    earned = earnings(REWARDS[name])
    honest = earned.pop("honest")
    assert set(earned) == set(ATTACKS)
    assert max(earned.values()) < 0.9 * honest
    assert earned["nothing"] <= max(0.1, min(earned.values()))


@pytest.mark.parametrize("name", ["tiou", "set-tiou", "timelens2-tiou", "museg-global"])
def test_a_hedge_in_pieces_is_worth_no_more_than_in_one(name: str) -> None:
    earned = earnings(REWARDS[name])
    assert earned["every tenth"] <= earned["the whole video"] + 1e-6


@pytest.mark.parametrize("name", [name for name in ELSE if name.endswith("format")])
def test_forms_alone_are_gamed(name: str) -> None:
    """As the page says: tags are paid and not truth."""
    earned = earnings(REWARDS[name])
    assert max(earned[attack] for attack in ATTACKS) >= earned["honest"]
