"""What a receipt says of how a model was asked changes with what changes the prompt, and with nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from whenabouts.grounders.llm.asked import asked, prompt_sha256
from whenabouts.grounders.llm.conversation import Decoding
from whenabouts.grounders.llm.papers import PAPERS
from whenabouts.grounders.llm.prompting import Prompting

PLAIN = Prompting(question="When does {} happen?")


@pytest.mark.parametrize(
    "change",
    [
        {"question": "When is {}?"},
        {"system": "You are terse."},
        {"prefix": "A video. "},
        {"second": "{}"},
        {"stamps": "frames", "stamp": "{:.1f}"},
        {"stamps": "pairs", "stamp": "{:.1f}"},
        {"question_first": True},
        {"opens_turn": False},
    ],
)
def test_another_prompt_has_another_hash(change: dict[str, Any]) -> None:
    assert prompt_sha256(replace(PLAIN, **change)) != prompt_sha256(PLAIN) == prompt_sha256(replace(PLAIN))


def test_times_that_are_written_for_plain_images_are_part_of_the_prompt() -> None:
    assert prompt_sha256(PLAIN, stamped=True) != prompt_sha256(PLAIN)
    assert asked(replace(PAPERS["time-r1"], prompting=PLAIN), stamped=True)["stamps"] == "frames"


@pytest.mark.parametrize("name", PAPERS.own)
def test_every_paper_can_say_how_it_is_asked(name: str) -> None:
    values = asked(PAPERS[name], Decoding(77, 0.5, top_k=3))
    assert values["prompting"] == name and values["pixels"] > 0 and values["parser"] == "whenabouts"
    drawn = {"tokens": 77, "temperature": 0.5, "top_p": 1.0, "top_k": 3, "repetition_penalty": 1.0}
    assert values["decoding"] == drawn
    assert "decoding" not in asked(PAPERS[name])
