"""Every evaluator's reading of an answer, against what its own code gave."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.llm.papers import PARSERS

WORDS = st.lists(
    st.sampled_from(
        [
            "1",
            "12.5",
            "5.",
            "..",
            "-",
            "–",
            " ",
            "to",
            "and",
            "s",
            ":",
            "30",
            "\n",
            "!",
            "start",
            "ends",
            "happen",
            "<answer>",
            "</answer>",
        ]
    )
)


def test_every_recorded_answer_is_read_alike(data: Path) -> None:
    cases = json.loads((data / "evaluators" / "vlm_answer_parsing.json").read_text())
    read = [
        {
            name: text if name == "text" else PARSERS[name.replace("_", "-")].official(text_of)
            for name, text in case.items()
        }
        for case in cases
        for text_of in [case["text"]]
    ]
    assert read == cases


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("lmms-charades", "Starts at 5 seconds and ends at 10 seconds", []),
        ("timelens", "Starts at 5 seconds and ends at 10 seconds", [[5.0, 10.0]]),
        ("time-r1", "Starts at 5 seconds and ends at 10 seconds", [None, None]),
        ("lmms-charades-cli", "24.3 - 30.4", []),
        ("timelens", "between 12 and 17", [[12.0, 17.0]]),
        ("time-r1", "between 12 and 17", [12.0, 17.0]),
        ("lmms-charades", "between 12 and 17", []),
        ("timelens", "From 24.3s to 30.4s", [[24.0, 30.0]]),
        ("lmms-charades", "<think>3.0 to 9.0</think><answer>12.54 to 17.83</answer>", [[3.0, 9.0]]),
        ("timelens", "<think>3.0 to 9.0</think><answer>12.54 to 17.83</answer>", [[3.0, 9.0], [12.54, 17.83]]),
        ("time-r1", "<think>3.0 to 9.0</think><answer>12.54 to 17.83</answer>", [12.54, 17.83]),
        ("time-r1", "5.0 - 10.0 and 20.0 - 30.0", [10.0, 20.0]),
        ("time-r1", "1 TO 2", [None, None]),
        ("time-r1-reward", "<answer>1 TO 2</answer> 3 to 4", [1.0, 2.0]),
        ("time-r1-reward", "1 to 2", [None, None]),
        ("time-r1-reward", "<answer>1 to 2</answer><answer>7 to 9", [1.0, 2.0]),
        ("timelens", "0:05 - 0:12 (7.0 - 9.0)", [[5.0, 12.0]]),
        ("timelens", "at 0:05, so 7.0 - 9.0", [[7.0, 9.0]]),
        ("timelens-reward", "stop3to8", [[3.0, 8.0]]),
        ("unitime", "From 3.2 seconds to 8.0 seconds, from 11 to 12 and 4", [[3.2, 8.0], [11.0, 12.0]]),
        ("unitime", "nowhere", [[-1.0, -1.0]]),
        ("unitime", "0.123456789 to 7", [[0.12345679, 7.0]]),
        ("videochat-flash", "from 9 to 4", [[4.0, 9.0]]),
        ("timesuite", "from 9 to 4", []),
        ("timesuite", "It starts at 9 s.\nIt ends at 4 s.", [[4.0, 9.0]]),
        ("timesuite", "It starts at 00:00:09.\nIt ends at 00:01:04.", [[0.0, 0.0]]),
        ("extremewhenbench", "1 - 2\nit happens at 9 ~ 4", [[4.0, 9.0]]),
        ("extremewhenbench", "1 - 2\nit happens soon", [[1.0, 2.0]]),
    ],
)
def test_known_disagreements(name: str, text: str, expected: list[object]) -> None:
    assert PARSERS[name].official(text) == expected


@given(WORDS.map("".join))
def test_no_answer_breaks_a_parser(text: str) -> None:
    for parser in PARSERS.values():
        assert all(len(window) == 2 for window in parser.windows(text))


@pytest.mark.parametrize("piece", ["1", "1 ", "1-", "1.", "1:", "<answer>", "start ", " "])
def test_endless_answers_are_read(piece: str) -> None:
    """Quadratic patterns would take minutes here, as the official ones do."""
    for parser in PARSERS.values():
        parser.windows(piece * 100_000)
