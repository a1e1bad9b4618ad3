"""Quotations in a query, which are words to look for and never grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Masked", "mask"]

_QUOTE = re.compile(
    r"[\"“”„«»‟＂]\s?([^\"“”„«»‟＂]{1,400}?)\s?[\"“”„«»‟＂]"
    r"|[「『《〈]([^」』》〉]{1,400})[」』》〉]"
    r"|(?<!\w)['‘‚‹]([^'‘‚]{1,400}?(?:\w['’]\w[^'‘‚]{0,200}?)*)['’‘›](?!\w)"
)
_SIGNS = range(0xE000, 0xE040)  # letters of no alphabet, each for one quotation
_SIGN = re.compile(f"[{chr(_SIGNS[0])}-{chr(_SIGNS[-1])}]")


@dataclass(frozen=True)
class Masked:
    """A text with a sign for each quotation, marks included.

    quotes: the quoted words, by sign        marked: the same with their marks
    """

    text: str
    quotes: dict[str, str]
    marked: dict[str, str]

    def unmask(self, text: str) -> str:
        """With the quotations as they were given."""
        for sign, quote in self.marked.items():
            text = text.replace(sign, quote)
        return text


def mask(text: str) -> Masked:
    r"""Put signs for the quotations of a text.

    >>> mask("he says “welcome back”").quotes
    {'\ue000': 'welcome back'}
    """
    if _SIGN.search(text):
        return Masked(text, {}, {})
    quotes: dict[str, str] = {}
    marked: dict[str, str] = {}

    def sign(match: re.Match[str]) -> str:
        words = next(group for group in match.groups() if group is not None).strip()
        if not words or len(quotes) == len(_SIGNS):
            return match[0]
        key = chr(_SIGNS[len(quotes)])
        quotes[key], marked[key] = words, match[0]
        return key

    return Masked(_QUOTE.sub(sign, text), quotes, marked)
