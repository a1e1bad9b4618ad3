"""What every paper's model is asked, word for word, and how its own answers are read."""

from __future__ import annotations

import pytest

from whenabouts.grounders.llm.conversation import Conversation
from whenabouts.grounders.llm.papers import PAPERS, PARSERS, RECIPES, REWARDS
from whenabouts.rewards.parse import read

TIMES = [0.0, 0.5, 1.0, 1.5]


def flat(conversation: Conversation) -> list[tuple[str, str]]:
    return [(turn.role, "".join(p if isinstance(p, str) else f"[{p}]" for p in turn.parts)) for turn in conversation]


def test_time_r1_is_asked_as_its_authors_evaluate_it() -> None:
    assert flat(PAPERS["time-r1"].prompting.conversation("A man opens the fridge.", TIMES)) == [
        ("system", "You are a helpful assistant."),
        (
            "user",
            '[0][1][2][3]To accurately pinpoint the event "A man opens the fridge." in the video, determine '
            "the precise time period of the event.\n\nOutput your thought process within the <think> </think> "
            "tags, including analysis with either specific time ranges (xx.xx to xx.xx) in <timestep> "
            "</timestep> tags.\n\nThen, provide the start and end times (in seconds, precise to two decimal "
            'places) in the format "start time to end time" within the <answer> </answer> tags. For example: '
            '"12.54 to 17.83".',
        ),
    ]


def test_qwen3_and_timelens_tell_the_mean_time_of_two_frames() -> None:
    question = (
        "Please find the visual event described by the sentence 'a cat', determining its starting and ending times. "
        "The format should be: 'The event happens in <start time> - <end time> seconds'."
    )
    wanted = [("user", f"<0.2 seconds>[0][1]<1.2 seconds>[2][3]{question}")]
    assert flat(PAPERS["timelens"].prompting.conversation("a cat", TIMES)) == wanted
    assert flat(PAPERS["qwen3-vl"].prompting.conversation("a cat", TIMES)) == wanted
    [(_, plain)] = flat(PAPERS["qwen2.5-vl"].prompting.conversation("a cat", TIMES))
    assert plain == f"[0][1][2][3]{question}"
    [(_, stamped)] = flat(PAPERS["qwen2.5-vl"].prompting.conversation("a cat", TIMES, stamped=True))
    assert stamped.startswith("<0.0 seconds>[0]<0.5 seconds>[1]")


def test_unitime_asks_in_two_turns() -> None:
    first, second = flat(PAPERS["unitime"].prompting.conversation("a cat", TIMES))
    assert first[1].startswith("timestamp: 0.2 seconds; feature: [0][1]timestamp: 1.2 seconds; feature: [2][3]This is")
    assert second == ("user", "Query:a cat\nAnswer: ")


def test_unitime_rounds_the_time_of_each_frame_before_the_mean_of_two() -> None:
    [(_, said), _] = flat(PAPERS["unitime"].prompting.conversation("a cat", [0.04, 0.26]))
    assert said.startswith("timestamp: 0.1 seconds; feature: [0][1]")  # (0.0 + 0.3) / 2, and not 0.15 to one digit
    [(_, said), _] = flat(PAPERS["unitime"].prompting.conversation("a cat", [0.34, 0.46]))
    assert said.startswith("timestamp: 0.4 seconds")


def test_timesuite_lists_its_times_before_the_question() -> None:
    system, seen, asked = flat(PAPERS["timesuite"].prompting.conversation("a cat.", TIMES))
    assert system == (
        "system",
        "You are able to understand the visual content that the user provides. Follow the instructions carefully and "
        "explain your answers in detail. ",
    )
    assert seen == ("user", "[0][1][2][3]")
    assert asked[1].startswith("The video contains 4 frames sampled at 0.0, 0.5, 1.0, 1.5 seconds. Please find")
    assert "textual sentence: a cat. Please return" in asked[1]
    assert PAPERS["timesuite"].tokens == 512


def test_videochat_flash_tells_how_long_the_video_is() -> None:
    [(_, said)] = flat(PAPERS["videochat-flash"].prompting.conversation("a cat", TIMES, duration=2.0))
    assert said.startswith(
        "[0][1][2][3]\nThe video lasts for 2.00 seconds, and 4 frames are uniformly sampled from it. Please find"
    )


def test_braces_in_a_query_are_words() -> None:
    for paper in PAPERS.values():
        said = " ".join(text for _, text in flat(paper.prompting.conversation("a {0} {sign} with {}", TIMES)))
        assert "{0} {sign} with {}" in said


ANSWERS = {
    "time-r1": "<think>It is 3.0 to 4.0? no.</think><answer>12.54 to 17.83</answer>",
    "timelens": "The event happens in 12.54 - 17.83 seconds.",
    "unitime": "From 12.54 seconds to 17.83 seconds",
    "videochat-flash": "The event 'x' happens in the 12.54 - 17.83 seonds.",
    "timesuite": "The event happens in the 12.54 - 17.83 seconds.",
    "tempsamp-r1": "<answer>12.54 to 17.83</answer>",
    "timelens2": "[[12.54, 17.83]]",
    "museg": "<think>at 12.54</think><answer>12.54-17.83</answer>",
    "taro": "<think>at 12.54</think>\n<answer>\n12.54s to 17.83s\n</answer>",
    "ra-rft": "<think>so</think> <answer>12.54 to 17.83</answer> <correction>NIL</correction>",
    "tar-tvg": "<think><timestamp>1.00 to 2.00</timestamp></think><answer>12.54 to 17.83</answer>",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_own_answers_are_read_officially_and_by_us(name: str) -> None:
    assert [12.54, 17.83] in [list(w) for w in PAPERS[name].parsers[0].windows(ANSWERS[name])]
    assert read(ANSWERS[name]).windows[-1] == (12.54, 17.83)


def test_every_paper_bears_the_name_it_is_listed_under() -> None:
    assert [paper.name for paper in PAPERS.values()] == list(PAPERS)
    assert all("_" not in name for name in [*PAPERS, *PARSERS, *REWARDS, *RECIPES])


def test_a_prompt_is_written_once() -> None:
    """A recipe has the words of a prompting, unless it trains with a tool or in a second stage with other words."""
    asked = {paper.prompting.question for paper in PAPERS.values()}
    assert [name for name, recipe in RECIPES.items() if recipe.prompt not in asked] == ["museg-2", "videotemp-o3"]
