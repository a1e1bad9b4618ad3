"""Misses told apart."""

from __future__ import annotations

import pytest

from whenabouts.evaluation.attribution import KINDS, attribute, shares

TRUTH = [[10.0, 20.0]]


@pytest.mark.parametrize(
    ("windows", "shortlist", "failed", "kind"),
    [
        ([[11.0, 20.0, 0.9]], None, False, "hit"),
        ([[10.0, 15.0]], None, False, "hit"),
        ([[10.0, 14.9]], None, False, "localisation"),
        ([[50.0, 60.0], [10.0, 20.0]], None, False, "ranking"),
        ([[50.0, 60.0]], [[40.0, 70.0]], False, "search"),
        ([[50.0, 60.0]], [[40.0, 70.0], [0.0, 12.0]], False, "recognition"),
        ([[50.0, 60.0]], None, False, "recognition"),
        ([], [], False, "search"),
        ([], None, True, "parse"),
        ([[20.0, 30.0]], [[20.0, 40.0]], False, "search"),  # to touch is not to overlap
    ],
)
def test_kinds(windows: list[list[float]], shortlist: list[list[float]] | None, failed: bool, kind: str) -> None:
    assert attribute(windows, TRUTH, shortlist=shortlist, failed=failed) == kind


def test_shares_sum_to_one_and_name_every_kind() -> None:
    found = shares(["hit", "search", "search", "parse"])
    assert tuple(found) == KINDS and sum(found.values()) == pytest.approx(1) and found["search"] == 0.5
    assert set(shares([]).values()) == {0.0}
