"""Questions in a dialogue, and what their answers hold: a number, a name, a place, a time, a reason."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["asks_of", "holds", "is_question"]

TABLE = Path(__file__).with_name("answers.toml")
NAME = re.compile(
    r"\bnames?\b|\bcalled\b|이름|성함|\bheißt|\bname\b|\bnombre|\bllama|\bnom\b|appelle|名字|姓名|叫什么|名前",
    re.IGNORECASE,
)
MONEY = re.compile(
    r"\bcost|\bprice|\bmoney|\bpay|\bpaid|\bbudget|\bworth|\bearn|\bdebt|비용|얼마|값|가격|예산|빚|\bkost|\bpreis|\bwert\b|\bgeld"
    r"|\bcuest|\bprecio|\bdinero|\bcoût|\bprix|\bargent|多少钱|价格|费|値段|いくら|費用",
    re.IGNORECASE,
)


def is_question(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each text asks or requests something, (N,)."""
    return holds("question", texts)


def asks_of(asks: str | None, event: str) -> str | None:
    """The kind of answer that a question seeks, more exactly than `ParsedQuery.asks` where its words tell."""
    if asks in {"person", "thing"} and NAME.search(event):
        return "name"
    if asks == "number":
        if MONEY.search(event):
            return "money"
        return next((kind for kind in ("duration", "people") if holds(f"asks_{kind}", [event])[0]), asks)
    return asks


def holds(what: str, texts: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each text holds an answer of a kind, (N,); for a kind without a rule all do."""
    rule = _rules().get(what)
    return np.array([rule is None or rule.search(text) is not None for text in texts], dtype=bool)


@cache
def _rules() -> dict[str, re.Pattern[str]]:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {what: re.compile("|".join(f"(?:{each})" for each in rules), re.IGNORECASE) for what, rules in table.items()}
