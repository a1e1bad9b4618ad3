"""Clients take turns; nobody waits behind all the jobs of another."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from whenabouts.server.jobs.order import fair_order


@settings(max_examples=50)
@given(st.lists(st.sampled_from("abc"), max_size=30), st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)))
def test_everyone_is_served_once_in_their_own_order_and_in_turn(clients: list[str], served: dict[str, int]) -> None:
    waiting = [(f"{client}{number}", client) for number, client in enumerate(clients)]
    order = fair_order(waiting, served)
    assert sorted(order) == sorted(job for job, _ in waiting)
    for client in "abc":
        assert [job for job in order if job[0] == client] == [job for job, name in waiting if name == client]
    for k in range(len(order) + 1):  # whoever still waits is at most one turn behind
        counts = {c: sum(job[0] == c for job in order[:k]) for c in set(clients)}
        still = [counts[c] for c in counts if counts[c] < clients.count(c)]
        assert not still or max(counts.values()) - min(still) <= 1


def test_who_was_served_longest_ago_is_next() -> None:
    assert fair_order([("a", "ann"), ("b", "bob"), ("c", "cy")], {"ann": 3, "bob": 2}) == ["c", "b", "a"]
