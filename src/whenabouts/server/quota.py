"""What each user takes of the server, and the most they may take: see `users.Quota`.

What was taken stays counted for a day, though its job or upload is deleted meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.users import User, UserStore

__all__ = ["Quotas"]

DAY = 86400.0  # seconds
SOON = 30  # seconds until a running job may have ended
COLUMNS = {"jobs": "jobs", "seconds": "seconds of video", "bytes": "bytes of uploads"}


class Quotas:
    """Counts in the database of the users; `now` is seconds since 1970."""

    def __init__(self, users: UserStore, now: Callable[[], float] = time.time) -> None:
        self._db, self._now = users.database, now
        self._lock = Lock()

    @contextmanager
    def taking(
        self, user: User, *, jobs: int = 0, seconds: float = 0.0, size: int = 0, open_jobs: Callable[[], int] = int
    ) -> Iterator[Callable[[], None]]:
        """Count what a user takes in the block; they get it back where the block fails or calls what it is given.

        open_jobs: how many jobs of the user wait or run

        Raises HTTPRefusal: 429 until enough of the day has passed, 403 for more than a whole day's.
        """
        if user.name is None:
            yield lambda: None
            return
        with self._lock:
            most = user.quota.jobs_at_once
            if jobs and most is not None and open_jobs() + jobs > most:
                raise _refusal(f"you have {most} jobs waiting or running, the most at once; wait until one ends", SOON)
            self._check(user, jobs, seconds, size)
            number = self._count(user, jobs, seconds, size)
        given_back = False

        def give_back() -> None:
            nonlocal given_back
            given_back = True

        try:
            yield give_back
        except BaseException:
            given_back = True
            raise
        finally:
            if given_back:
                with self._db.write() as database:
                    database.execute("delete from usage where number = ?", (number,))

    def _check(self, user: User, jobs: int, seconds: float, size: int) -> None:
        quota, now = user.quota, self._now()
        rows = self._db.read(
            "select at, jobs, seconds, bytes from usage where user = ? and at > ? order by at", (user.name, now - DAY)
        )
        limits = {"jobs": quota.jobs_a_day, "seconds": quota.seconds_a_day, "bytes": quota.upload_bytes_a_day}
        for column, more in {"jobs": jobs, "seconds": seconds, "bytes": size}.items():
            limit = limits[column]
            if limit is None or not more:
                continue
            if more > limit:
                raise HTTPRefusal(
                    403, f"this takes {more:.0f} {COLUMNS[column]}, and your quota in 24 hours is {limit:.0f}"
                )
            taken = [(row["at"], row[column]) for row in rows]
            if (wait := _wait(taken, limit - more)) is not None:
                left = max(0.0, limit - sum(amount for _, amount in taken))
                sentence = (
                    f"this takes {more:.0f} {COLUMNS[column]}, and of your quota in 24 hours, {limit:.0f}, "
                    f"{left:.0f} are left"
                )
                raise _refusal(sentence, int(wait + DAY - now) + 1)

    def _count(self, user: User, jobs: int, seconds: float, size: int) -> int:
        with self._db.write() as database:
            database.execute("delete from usage where at <= ?", (self._now() - DAY,))
            [(number,)] = database.execute(
                "insert into usage (user, at, jobs, seconds, bytes) values (?, ?, ?, ?, ?) returning number",
                (user.name, self._now(), jobs, seconds, size),
            ).fetchall()
        return int(number)


def _wait(taken: list[tuple[float, float]], room: float) -> float | None:
    """When that was taken which must fall out of the day until no more than `room` is left in it; None for nothing.

    >>> _wait([(100.0, 5), (200.0, 5), (300.0, 5)], 9)
    200.0
    """
    left, last = sum(amount for _, amount in taken), None
    for at, amount in taken:
        if left <= room:
            break
        left, last = left - amount, at
    return last


def _refusal(sentence: str, seconds: int) -> HTTPRefusal:
    return HTTPRefusal(429, sentence, **{"Retry-After": str(seconds)})
