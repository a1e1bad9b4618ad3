"""Shared rules of evaluators, read from their code: which of an answer's numbers count, in which order."""

from __future__ import annotations

import pytest

from whenabouts.rewards.evaluators import EVALUATORS, Windows, timechat_rules

READ = {parser.name: parser.windows for parser in EVALUATORS}


@pytest.mark.parametrize(
    ("name", "text", "windows"),
    [
        ("lmms-timelens", "From 01:05 to 01:10.5, or 2:00", [[65.0, 70.5]]),
        ("lmms-timelens", "from 5. to 7", [[5.0, 7.0]]),
        ("lmms-timelens", "9 - 4, then 1 - 2", [[9.0, 4.0], [1.0, 2.0]]),
        ("lmms-timelens", "5. and 7 and 8", [[5.0, 7.0]]),
        ("lmms-charades", "It happens in 20.8 - 30.0 seconds", [[20.8, 30.0]]),
        ("lmms-charades", "A specific example is : 20.8 - 30.0 seconds", []),
        ("lmms-charades", "1 - 2\nit starts at 1:05 to 1:10", [[65.0, 70.0]]),
        ("lmms-charades", "It starts at 0:10! It ends at 0:05", [[5.0, 10.0]]),
        ("lmms-charades", "It starts at 12.5\nit ends at 3", [[3.0, 12.5]]),
        ("lmms-charades", "12s - 20", [[12.0, 20.0]]),
        ("lmms-charades", "no idea", []),
        ("lmms-charades-cli", "1 - 2", []),
        ("lmms-charades-cli", "1 - 2\nit happens in 9 to 4", [[4.0, 9.0]]),
        ("lmms-charades-cli", "it starts at 5\nit ends at 9", [[5.0, 9.0]]),
        ("lmms-charades-cli", "it starts at 1:02:03\nit ends at 1:02:05", [[1.0, 1.0]]),
        ("lmms-charades-cli", "it happens in 12s - 20", [[12.0, 20.0]]),
        ("extremewhenbench", "1 ~ 2\nthe event happens in 9-4", [[4.0, 9.0]]),
        ("extremewhenbench", "it happens soon\n3 - 5", [[3.0, 5.0]]),
        ("extremewhenbench", "from 3 to 5", []),
        ("lmms-extremewhenbench", "from 1 to 2, or rather 9 to 4", [[4.0, 9.0]]),
        ("lmms-extremewhenbench", "at 9", []),
    ],
)
def test_an_evaluator_reads_what_its_rules_say(name: str, text: str, windows: Windows) -> None:
    assert READ[name](text) == windows


@pytest.mark.parametrize(
    ("text", "dashes", "windows"),
    [
        ("starts at 5 to 7", True, [[5.0, 7.0]]),
        ("starts at 5 to 7", False, []),
        ("7 - 5", False, [[5.0, 7.0]]),
        ("It starts at 5.5\nit ends at 3", False, [[3.0, 5.5]]),
        ("5..2 - 7", False, []),  # float() of the official code fails
    ],
)
def test_timechats_rules(text: str, dashes: bool, windows: Windows) -> None:
    assert timechat_rules(text, dashes=dashes) == windows
