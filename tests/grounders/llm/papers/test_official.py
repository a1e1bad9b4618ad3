"""Readers and rewards of papers against values that their own code gave.

`official.json` was written by running the functions below, on answers made at random and a few by hand. Rewards of one
interval were given one true interval. Values that are not finite, and answers on which that code fails, are left out.

    timelens-rounded        TimeLens timelens/utils.py: extract_time, then evaluation/eval_dataloader.py: UNIT
    timelens-reward         TimeLens training/utils/parser.py: extract_time(extract_answer(…))
    lmms-charades-cli       lmms-eval tasks/charades_sta/eval_tvg.py: extract_time
    extremewhenbench        ExtremeWhenBench evaluation/eval_qwen35_vllm.py: parse_time
    lmms-extremewhenbench   lmms-eval tasks/extremewhenbench/utils.py: _parse_interval
    tempsamp-r1[-reward]    TempSamp-R1 scripts/eval/eval_timelens_bench.py: extract_time,
                            scripts/timelens/timelens_reward.py: parse_timestamp_from_text
    timelens2               TimeLens2 grpo/timelens/rewards/metrics.py: extract_time(extract_answer(…))
    museg                   MUSEG src/eval_grounding.py: main, eval
    taro[-reward]           TaRO standalone_eval/evaluate_vtg.py: extract_time, src/rewards.py: parse_timestamp_output
    ra-rft                  RA-RFT main_rarft.py: refuse_iou_reward

Rewards: Time-R1 main.py: iou_timestamp_reward_v2, format_reward; TimeLens training/train/reward_funcs.py: tiou_reward;
TempSamp-R1 timelens_reward.py: transform_rewards, _temporal_format_reward; TimeLens2 funcs.py: score_completion; MUSEG
src/train.py: reward_*; TaRO src/rewards.py: iou_timestamp_reward_v2, format_reward; RA-RFT main_rarft.py:
refuse_iou_reward, format_reward.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from whenabouts.grounders.llm.papers import PARSERS, REWARDS
from whenabouts.rewards.target import Target

OFFICIAL: dict[str, list[Any]] = json.loads((Path(__file__).parent / "official.json").read_text("utf-8"))


@pytest.mark.parametrize("name", [name for name in OFFICIAL["parsers"][0] if name != "text"])
def test_answers_are_read_as_the_official_code_reads_them(name: str) -> None:
    rows = {row["text"]: row[name] for row in OFFICIAL["parsers"] if name in row}
    assert len(rows) >= 35
    assert any(rows.values())
    assert {text: PARSERS[name].windows(text) for text in rows} == rows


@pytest.mark.parametrize("name", sorted({row[0] for row in OFFICIAL["rewards"]}))
def test_rewards_are_those_of_the_official_code(name: str) -> None:
    for _, text, windows, duration, value in (row for row in OFFICIAL["rewards"] if row[0] == name):
        target = Target(tuple((start, end) for start, end in windows), duration)
        assert REWARDS[name](text, target) == pytest.approx(value, abs=1e-9), text
