"""What TRL hands over, as text: thoughts and tool calls return to where rewards look for them."""

from __future__ import annotations

from whenabouts.grounders.llm.papers.videotemp_o3 import crops, repeated_crops
from whenabouts.rewards.target import Target
from whenabouts.rewards.trl import text_of_completion
from whenabouts.training.post.monitor import RewardMonitor

CALL = {"type": "function", "function": {"name": "crop", "arguments": {"start": 3.0, "end": 9.0}}}
TURNS = [
    {"role": "assistant", "content": "", "reasoning_content": "closer", "tool_calls": [CALL]},
    {"role": "tool", "name": "crop", "content": [{"type": "text", "text": "<answer>0.00 to 1.00</answer>"}]},
    {"role": "assistant", "content": "<think>b</think><answer>4.00 to 8.00</answer>"},
]


def test_what_a_tool_showed_is_not_the_models_word() -> None:
    text = text_of_completion(TURNS)
    assert text.startswith("<think>closer</think><tool_call>") and "0.00 to 1.00" not in text
    assert crops(text) == [(3.0, 9.0)]
    assert repeated_crops(text_of_completion([TURNS[0], *TURNS]), Target(((4.0, 8.0),), 30.0)) == -0.5


def test_a_run_that_is_gone_on_with_is_judged_from_its_beginning() -> None:
    monitor = RewardMonitor()
    monitor.recall([{"reward": 0.2, "monitor/tiou": 0.4}, {"loss": 1.0}, {"reward": 0.5, "monitor/tiou": 0.3}])
    columns = {"windows": [[[1, 2]]], "duration": [9.0]}
    monitor(None, ["<answer>3.00 to 4.00</answer>"], **columns)
    monitor.log(logs := {"reward": 0.9})
    assert "divergence: reward rose by 0.70" in logs["monitor/flags"]


def test_the_monitor_gives_nothing_and_forgets_old_answers() -> None:
    monitor = RewardMonitor(keep=2)
    columns = {"windows": [[[1, 2]]] * 3, "duration": [9.0] * 3}
    assert monitor(
        None, ["1.00 to 2.00", "<answer>1.00 to 2.00</answer>", "<answer>3.00 to 4.00</answer>"], **columns
    ) == [
        0.0,
        0.0,
        0.0,
    ]
    figures = monitor.figures()
    assert figures is not None
    assert (figures.answers, figures.tiou) == (2, 0.5)
    monitor(None, ["none"] * 2, windows=[[], []], duration=[9.0, 9.0])
    assert monitor.figures() is None and monitor.flags() == []
