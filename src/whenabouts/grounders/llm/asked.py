"""What a receipt says of how a model was asked, so that two numbers can be compared."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from whenabouts.grounders.llm.conversation import Decoding
from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.rewards.parse import OWN

__all__ = ["asked", "prompt_sha256"]

PAIR_OF_TIMES = (0.0, 0.5)  # seconds of two frames, which show how times are written between frames


def asked(
    paper: Paper,
    decoding: Decoding | None = None,
    *,
    stamped: bool = False,
    paired: bool = False,
    apart: bool = False,
) -> dict[str, Any]:
    """Settings of a receipt. What depends on the video (frames, their rate and size) is not here.

    prompting: the paper whose way of asking it is
    prompt:    `prompt_sha256`
    stamps:    where times are written: `none` leaves them to the model's positions
    pixels:    the authors' budget for all pairs of frames together, or of one frame where there is none
    parser:    what read the moments out of the answer
    decoding:  as it is set; None where a system decodes by itself
    """
    values: dict[str, Any] = {
        "prompting": paper.name,
        "prompt": prompt_sha256(paper.prompting, stamped=stamped, paired=paired, apart=apart),
        "stamps": paper.prompting.written(stamped=stamped, paired=paired, apart=apart)[0],
        "pixels": paper.sampling.pixels,
    }
    if decoding is not None:
        drawn = asdict(decoding)
        names = ("tokens", "temperature", "top_p", "top_k", "repetition_penalty")
        values |= {"parser": OWN.name, "decoding": {name: drawn[name] for name in names}}
    return values


def prompt_sha256(prompting: Prompting, *, stamped: bool = False, paired: bool = False, apart: bool = False) -> str:
    """The sha256 of the prompt as it is sent about two frames, with `{}` for the query.

    >>> from whenabouts.grounders.llm.papers import PAPERS
    >>> len(prompt_sha256(PAPERS["time-r1"].prompting))
    64
    """
    turns = prompting.conversation("{}", PAIR_OF_TIMES, stamped=stamped, paired=paired, apart=apart)
    text = json.dumps([[turn.role, *turn.parts] for turn in turns] + [prompting.opens_turn], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
