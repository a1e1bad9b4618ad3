"""TimeLens2 (arXiv:2607.17423): sets of intervals as JSON, trained with an optimal-transport reward.

Prompt, reader, rewards and recipe are those of MCG-NJU/TimeLens2 (`grpo/`: `timelens/rewards/funcs.py`, `metrics.py`,
`sampling.py`, `scripts/train_grpo_4b.sh`, `configs/data/timelens2.json`). The prompt is that of its own data and of its
evaluation on VUE-TR; the share of its training that comes from TimeLens-100K asks for one interval in TimeLens' words.
Its evaluation shows 4 frames per second, at most 2,048, on TimeLens-Bench (read there by TimeLens' rules) and 1 per
second, at most 2,048 of 480 pixels, on VUE-TR, where a language model may repair answers that the rules cannot read;
training shows 2 per second, at most 512. The 8B model trains for 300 updates, the 4B model for 200, on samples drawn by
(1 − mean set tIoU)² over 8 answers of the supervised model; videos last 3 to 3,600 seconds.

A reward of intervals is 0 where the answer is not read as JSON, or any interval of it is empty. Where a number is
infinite, or so great that its square is, the official code gives NaN or even 1; here that earns 0. The rewards of two
mixtures of Gaussians, and the one that needs a second annotation, are not here.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers.timelens import PARSER
from whenabouts.grounders.llm.prompting import PLAIN_STAMP, Prompting, one_line
from whenabouts.grounders.llm.published import Published, recall
from whenabouts.grounders.llm.recipe import GRPO, Selection
from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.rewards.compose import Term
from whenabouts.rewards.evaluators import Windows
from whenabouts.rewards.parse import Parser, Window, read
from whenabouts.rewards.sets import giou_in_order, giou_of_sets, precision_of_sets, seconds, tiou_of_sets
from whenabouts.rewards.tags import answers, fenced, nested_lists
from whenabouts.rewards.target import Measure, Reward, Target
from whenabouts.rewards.wasserstein import closeness, endpoint_distance, wasserstein_1, wasserstein_2

__all__ = ["PROMPTING", "TIMELENS2", "parse_penalty", "read_json"]

PROMPTING = Prompting(
    question=(
        'You are given a video.\nTask: temporal retrieval.\nGiven the query: "{}", return ALL time spans (in seconds) '
        "where the query is relevant.\nOutput format MUST be a JSON array of [start, end] pairs, e.g. "
        "[[0, 3.5], [10, 12]].\n"
    ),
    stamps="pairs",
    stamp=PLAIN_STAMP,
    clean_query=one_line,
)
SAMPLING = Sampling(token_side=32, min_tokens=1, max_frames=512, total_tokens=16384)
PRECISION_WEIGHT = 0.4

_OPENS = re.compile(r"<(?:redacted_)?thinking>")
_TURN = re.compile(r"</(?:redacted_)?thinking>\s*<answer>")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def read_json(text: str) -> Windows:
    """TimeLens2's reward: a JSON list of [start, end], of the `<answer>` if there is one; each pair is put in order.

    The whole text, else what a code fence holds, else every `[[…]]` in it, whichever is read first. Nothing is read
    where the official code fails, on a whole number of more than 308 digits or brackets in brackets without end.
    """
    for candidate in _candidates(_answer(text)):
        try:
            if found := _intervals(json.loads(candidate)):
                return [[min(pair), max(pair)] for pair in found]
        except json.JSONDecodeError:
            continue
        except (ValueError, RecursionError, OverflowError):
            break
    return []


def _answer(text: str) -> str:
    """What follows a thought, else the first `<answer>`, else everything."""
    opened = _OPENS.search(text)
    turn = _TURN.search(text, opened.end()) if opened else None
    end = text.find("</answer>", turn.end()) if turn else -1
    return text[turn.end() : end] if turn and end >= 0 else next(iter(answers(text)), text)


def _candidates(text: str) -> Iterator[str]:
    yield text.strip()
    yield from islice(fenced(text), 1)
    yield from nested_lists(text)


def _intervals(value: Any) -> list[tuple[float, float]]:
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    if not isinstance(value, list) or not value:
        return []
    if isinstance(value[0], int | float):
        both = len(value) > 1 and isinstance(value[1], int | float)
        return [(float(value[0]), float(value[1]))] if both else []
    if isinstance(value[0], list):
        return [pair for one in value if (pair := _pair(one))]
    return [pair] if (pair := _two(value)) else []


def _pair(value: Any) -> tuple[float, float] | None:
    for _ in range(8):
        if not isinstance(value, list) or not value:
            return None
        if pair := _two(value):
            return pair
        if len(value) != 1:
            return None
        value = value[0]
    return None


def _two(value: list[Any]) -> tuple[float, float] | None:
    if len(value) < 2:
        return None
    start, end = _scalar(value[0]), _scalar(value[1])
    return None if start is None or end is None else (start, end)


def _scalar(value: Any) -> float | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _said(text: str) -> list[Window]:
    """The intervals of an answer; none where one of them is empty."""
    found = [(start, end) for start, end in read_json(text)]
    return found if all(start < end for start, end in found) else []


def _reward(name: str, measure: Measure) -> Reward:
    def reward(completion: str, target: Target) -> float:
        if not target.windows:
            return float(read(completion).absent)
        said = _said(completion)
        return measure(said, target.windows) if said and all(end < math.inf for _, end in said) else 0.0

    reward.__name__, reward.__doc__ = name, measure.__doc__
    return reward


def _twass1(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """exp(−W1 / truth's seconds) of the JSON intervals, official `twass1`; in [0, 1]."""
    return closeness(wasserstein_1(windows, truths), seconds(truths), 1.0)


def _twass(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """exp(−3 W1 / truth's seconds) of the JSON intervals, official `twass`; in [0, 1]."""
    return closeness(wasserstein_1(windows, truths), seconds(truths), 3.0)


def _r2twass(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """exp(−3 W2 / seconds of both) of the JSON intervals, official `r2twass`; in [0, 1]."""
    return closeness(wasserstein_2(windows, truths), seconds([*windows, *truths]), 3.0)


def _tdirac(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """exp(−3 W1 / seconds of both) between starts and ends as points, official `tdirac`; in [0, 1]."""
    return closeness(endpoint_distance(windows, truths), seconds([*windows, *truths]), 3.0)


def _tiou(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """Temporal IoU of the JSON intervals together, official `tiou`; in [0, 1]."""
    return tiou_of_sets(windows, truths)


def _tgiou(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """Generalised IoU of the JSON intervals together, official `tgiou`; in [-1, 1]."""
    return giou_of_sets(windows, truths)


def _ngiou(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """(1 + GIoU) / 2 of JSON intervals and truths, paired in order of time, official `ngiou`; in [0, 1]."""
    return giou_in_order(windows, truths)


def _precision(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """tIoU^0.6 · precision^0.4 of the JSON intervals together, official `precision_weight_iou`; in [0, 1]."""
    iou = tiou_of_sets(windows, truths) ** (1 - PRECISION_WEIGHT)
    return float(iou * precision_of_sets(windows, truths) ** PRECISION_WEIGHT)


def _length_ratio(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """−|log10(claimed / true seconds)| of the JSON intervals, official `length_ratio_penalty`; at most 0."""
    claimed, true = (sum(end - start for start, end in one) for one in (windows, truths))
    return -abs(math.log10(min((claimed + 1e-6) / (true + 1e-6), sys.float_info.max)))


def parse_penalty(completion: str, target: Target) -> float:
    """0 for JSON intervals with start < end, or for saying that an absent query is absent; else -1."""
    return 0.0 if _said(completion) or (not target.windows and read(completion).absent) else -1.0


MEASURES: dict[str, Measure] = {
    "timelens2-twass1": _twass1,
    "timelens2-twass": _twass,
    "timelens2-r2twass": _r2twass,
    "timelens2-tdirac": _tdirac,
    "timelens2-tiou": _tiou,
    "timelens2-tgiou": _tgiou,
    "timelens2-ngiou": _ngiou,
    "timelens2-precision": _precision,
    "timelens2-length-ratio": _length_ratio,
}
REWARDS: dict[str, Reward] = {name: _reward(name, measure) for name, measure in MEASURES.items()}

_TRAINED = "trained on TimeLens2-93K"
_PAGE = ("timelens2", "page of TimeLens2")
_SETS = ("", "page of TimeLens2")  # mean IoU of sets of windows, of data sets that are not read here

TIMELENS2 = Paper(
    name="timelens2",
    title="TimeLens2",
    prompting=PROMPTING,
    sampling=SAMPLING,
    sets=True,
    parsers=(PARSER, Parser("timelens2", read_json)),
    protocol="timelens2",
    published=(
        Published("TimeLens2-4B", "timelens-bench", "charades", _TRAINED, recall(miou=57.7), *_PAGE),
        Published("TimeLens2-4B", "timelens-bench", "activitynet", _TRAINED, recall(miou=59.0), *_PAGE),
        Published("TimeLens2-4B", "timelens-bench", "qvhighlights", _TRAINED, recall(miou=69.3), *_PAGE),
        Published("TimeLens2-4B", "vue-tr", "", _TRAINED, recall(miou=53.2), *_SETS),
        Published("TimeLens2-4B", "vue-tr-v2", "", _TRAINED, recall(miou=48.1), *_SETS),
        Published("TimeLens2-4B", "momentseeker", "", _TRAINED, recall(miou=27.9), *_SETS),
        Published("TimeLens2-4B", "ego4d-nlq", "", _TRAINED, recall(miou=18.6), *_PAGE),
        Published("TimeLens2-8B", "timelens-bench", "charades", _TRAINED, recall(miou=58.6), *_PAGE),
        Published("TimeLens2-8B", "timelens-bench", "activitynet", _TRAINED, recall(miou=58.6), *_PAGE),
        Published("TimeLens2-8B", "timelens-bench", "qvhighlights", _TRAINED, recall(miou=70.2), *_PAGE),
        Published("TimeLens2-8B", "vue-tr", "", _TRAINED, recall(miou=53.5), *_SETS),
        Published("TimeLens2-8B", "vue-tr-v2", "", _TRAINED, recall(miou=47.7), *_SETS),
        Published("TimeLens2-8B", "momentseeker", "", _TRAINED, recall(miou=28.5), *_SETS),
        Published("TimeLens2-8B", "ego4d-nlq", "", _TRAINED, recall(miou=19.0), *_PAGE),
    ),
    rewards=REWARDS | {"timelens2-parse-penalty": parse_penalty},
    recipes=(
        GRPO(
            name="timelens2",
            arxiv="2607.17423",
            prompt=PROMPTING.question,
            clean_query=one_line,
            stamps=PROMPTING.stamps,
            answer="[{}]",
            span="[{0:.1f}, {1:.1f}]",
            frames=SAMPLING.max_frames,
            visual_tokens=SAMPLING.total_tokens,
            learning_rate=1e-6,
            schedule="constant",
            batch=64,
            steps=200,
            selection=Selection(sets=True, impossible=True, harder=2.0, size=200 * 64 // 8, seed=42),
            terms=(
                Term("twass1", REWARDS["timelens2-twass1"]),
                Term("tiou", REWARDS["timelens2-tiou"]),
                Term("parse-penalty", parse_penalty),
            ),
            beta=0.04,
            scale=False,
            tokens=512,
            unconfirmed=("answer", "span"),
        ),
    ),
    arxiv="2607.17423",
    backbone="Qwen3-VL",
    checkpoints=("MCG-NJU/TimeLens2-4B", "MCG-NJU/TimeLens2-8B"),
    licence="Apache-2.0",
    memory="8B: 16.3 GiB of weights in bf16",
    source="MCG-NJU/TimeLens2",
)
