"""The order of the queue: clients take turns, and the jobs of one client are done in the order they came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["fair_order"]


def fair_order(waiting: Iterable[tuple[str, str]], served: Mapping[str, int]) -> list[str]:
    """Jobs in the order in which they will be done, from (job, client) in the order in which they came.

    served: the turn of each client's last job, a number that grows; the client that has waited longest is next.

    >>> fair_order([("a1", "ann"), ("a2", "ann"), ("b1", "bob")], {"ann": 7})
    ['b1', 'a1', 'a2']
    """
    queues: dict[str, list[str]] = {}
    for job, client in waiting:
        queues.setdefault(client, []).append(job)
    turns = sorted(queues, key=lambda client: served.get(client, -1))
    longest = max(map(len, queues.values()), default=0)
    return [queues[client][place] for place in range(longest) for client in turns if place < len(queues[client])]
