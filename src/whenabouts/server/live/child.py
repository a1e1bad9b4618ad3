"""Inside the process of one watch: `python -m whenabouts.server.live.child`.

A line of JSON comes in, {"source": …, "watch": fields of `Watch`}, then lines {"add": [query]} and {"remove": [query]};
at the end of the input the watch ends. Lines of JSON go out: rows as `commands.watching.row` makes them, how it stands
once a second, {"type": "standing", …}, and at last {"type": "ended", "error": a sentence or null}.
"""

from __future__ import annotations

import json
import logging
import signal
import sys
from threading import Event, Thread
from typing import Any

from whenabouts import logs
from whenabouts.commands import Watch
from whenabouts.commands.watching import Standing, Told, Watching, row
from whenabouts.errors import InputError, WhenaboutsError
from whenabouts.server.jobs.process import INTERNAL_ERROR
from whenabouts.server.telling import teller

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds between two lines about how it stands


def main() -> None:
    """Watch what the first line of the input says, until it ends or the input does."""
    tell = teller()
    logs.start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def told(each: Told) -> None:
        tell(row(each))

    order = sys.stdin.readline()
    if not order:
        return  # the server is gone
    over = Event()
    try:
        asked = json.loads(order)
        watching = Watch.of(**asked["watch"]).run(asked["source"], told=told)
        Thread(target=_obey, args=(watching,), daemon=True).start()
        beat = Thread(target=_tell_standing, args=(watching, tell, over), daemon=True)
        beat.start()
        with watching:
            for _ in watching:
                pass
        over.set()
        beat.join()
        tell(standing(watching))
    except WhenaboutsError as error:
        tell({"type": "ended", "error": str(error)})
    except Exception:
        log.exception("a watch failed")
        tell({"type": "ended", "error": INTERNAL_ERROR})
    else:
        tell({"type": "ended", "error": None})


def standing(watching: Watching) -> dict[str, Any]:
    """How a watch stands, for the page."""
    board = watching.board
    return {
        "type": "standing",
        "clock": watching.clock,
        "rate": watching.rate,
        "behind": watching.wall.behind,
        "lost": board.lost,
        "queries": [_query(each) for each in board.standing],
    }


def _query(each: Standing) -> dict[str, Any]:
    since = min((event.start for event in each.going_on.values()), default=None)
    last = None if each.last is None or each.last.end is None else (each.last.start, each.last.end)
    return {"query": each.query, "since": since, "last": last, "moments": each.moments}


def _tell_standing(watching: Watching, tell: Any, over: Event) -> None:
    while not over.wait(EVERY):
        tell(standing(watching))


def _obey(watching: Watching) -> None:
    for line in sys.stdin:
        order = json.loads(line)
        try:
            for query in order.get("remove", ()):
                watching.remove(query)
            for query in order.get("add", ()):
                watching.add(query)
        except InputError:
            continue  # the server checked it; meanwhile the watch itself refused the query, and told so
    watching.close()


if __name__ == "__main__":
    main()
