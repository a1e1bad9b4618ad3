"""Answers as models give them and as they should not: what each official parser makes of them, and what we do.

Checked by hand against the rules of each evaluator; `read` knows that the video lasts 100 s.
"""

from __future__ import annotations

import pytest

from whenabouts.grounders.llm.papers import PAPERS, PARSERS
from whenabouts.rewards.parse import read

Windows = list[tuple[float, float]]
# words, read, absent, time_r1, timelens, unitime, videochat_flash, timesuite
TABLE: list[tuple[str, Windows, bool, Windows, Windows, Windows, Windows, Windows]] = [
    (
        "<think>Between 3.10 to 4.20 she waits.</think><answer>12.54 to 17.83</answer>",
        [(12.54, 17.83)],
        False,
        [(12.54, 17.83)],
        [(3.1, 4.2), (12.54, 17.83)],
        [(3.1, 4.2), (12.54, 17.83)],
        [(3.1, 4.2)],
        [],
    ),
    (
        "12.54 to 17.83",
        [(12.54, 17.83)],
        False,
        [(12.54, 17.83)],
        [(12.54, 17.83)],
        [(12.54, 17.83)],
        [(12.54, 17.83)],
        [],
    ),
    (
        "The event happens in 24.3 - 30.4 seconds.",
        [(24.3, 30.4)],
        False,
        [],
        [(24.3, 30.4)],
        [(24.3, 30.4)],
        [(24.3, 30.4)],
        [(24.3, 30.4)],
    ),
    (
        "From 3.2 seconds to 8.0 seconds, from 20 seconds to 25.5 seconds",
        [(3.2, 8.0), (20.0, 25.5)],
        False,
        [],
        [(3.2, 8.0), (20.0, 25.5)],
        [(3.2, 8.0), (20.0, 25.5)],
        [],
        [],
    ),
    ("It happens between 5.0 and 9.5 seconds.", [(5.0, 9.5)], False, [(5.0, 9.5)], [(5.0, 9.5)], [(5.0, 9.5)], [], []),
    (
        "00:12 - 00:20",
        [(12.0, 20.0)],
        False,
        [],
        [(12.0, 20.0)],
        [(0.0, 12.0), (0.0, 20.0)],
        [(0.0, 12.0)],
        [(0.0, 12.0)],
    ),
    (
        "The event 'person turn a light on' happens in the 24.3 - 30.4 seonds.",
        [(24.3, 30.4)],
        False,
        [],
        [(24.3, 30.4)],
        [(24.3, 30.4)],
        [(24.3, 30.4)],
        [(24.3, 30.4)],
    ),
    ("30.4 - 24.3 seconds", [], False, [], [(30.4, 24.3)], [(30.4, 24.3)], [(24.3, 30.4)], [(24.3, 30.4)]),
    (
        "The start time is 7.5 seconds and the end time is 11 seconds.",
        [(7.5, 11.0)],
        False,
        [],
        [(7.5, 11.0)],
        [(7.5, 11.0)],
        [],
        [],
    ),
    (
        "0:05 - 0:12 (5.0 - 12.0)",
        [(5.0, 12.0)],
        False,
        [],
        [(5.0, 12.0)],
        [(0.0, 5.0), (0.0, 12.0), (5.0, 12.0)],
        [(0.0, 5.0)],
        [(0.0, 5.0)],
    ),
    (
        "1:02:03 to 1:02:10",
        [(3723.0, 3730.0)],
        False,
        [(3.0, 1.0)],
        [(3723.0, 3730.0)],
        [(1.0, 2.0), (3.0, 1.0), (2.0, 10.0)],
        [(1.0, 3.0)],
        [],
    ),
    ("Not in this video.", [], True, [], [], [(-1.0, -1.0)], [], []),
    ("", [], False, [], [], [(-1.0, -1.0)], [], []),
    ("<answer> 7.00 TO 11.00 </answer>", [(7.0, 11.0)], False, [], [(7.0, 11.0)], [(7.0, 11.0)], [(7.0, 11.0)], []),
    ("10% to 25%", [(10.0, 25.0)], False, [], [(10.0, 25.0)], [(10.0, 25.0)], [], []),
    ("[12.5, 20.0]", [(12.5, 20.0)], False, [], [(12.5, 20.0)], [(12.5, 20.0)], [], []),
    ("The woman with 2 dogs appears at 14 s.", [], False, [], [(2.0, 14.0)], [(2.0, 14.0)], [], []),
    ("<think>1.0 to 2.0", [], False, [(1.0, 2.0)], [(1.0, 2.0)], [(1.0, 2.0)], [(1.0, 2.0)], []),
    ("ends at 00:45, starts at 00:30", [(30.0, 45.0)], False, [], [(45.0, 30.0)], [(0.0, 45.0), (0.0, 30.0)], [], []),
]
NAMES = ("time-r1", "timelens", "unitime", "videochat-flash", "timesuite")
ELSEWHERE = {"tempsamp-r1", "timelens2", "museg", "taro", "ra-rft"}  # papers/test_official.py


@pytest.mark.parametrize(("words", "windows", "absent"), [row[:3] for row in TABLE])
def test_what_we_read(words: str, windows: Windows, absent: bool) -> None:
    answer = read(words, duration=100.0)
    assert list(answer.windows) == windows and answer.absent == absent


@pytest.mark.parametrize("name", NAMES)
def test_what_each_evaluator_reads(name: str) -> None:
    column = 3 + NAMES.index(name)
    read_by_it = {row[0]: [tuple(window) for window in PARSERS[name].windows(row[0])] for row in TABLE}
    assert read_by_it == {row[0]: row[column] for row in TABLE}


def test_every_paper_that_answers_in_words_is_covered() -> None:
    assert {parser.name for paper in PAPERS.values() for parser in paper.parsers[:1]} <= {*NAMES, *ELSEWHERE}
    assert {*NAMES, *ELSEWHERE} <= PARSERS.keys()
