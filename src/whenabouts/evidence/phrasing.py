"""What a query wants to hear or read, without the words around it: `he says "welcome back"` wants `welcome back`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from whenabouts.evidence.timed_text import TextKind

__all__ = ["Wanted", "wanted"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The words to look for; `kind` when the query says how they come; `quoted` when it gives them to the letter."""

    text: str
    kind: TextKind | None = None
    quoted: bool = False


LONGEST = 1_000  # characters of a query that are looked at
QUOTE = re.compile(r"""["“”„«»]([^"“”„«»]+)["“”„«»]|(?<!\w)['‘‚](.+?)['’‘](?!\w)""")

SPEAKING = (
    r"say(?:s|ing)?|said|shout(?:s|ed|ing)?|whisper(?:s|ed|ing)?|yell(?:s|ed|ing)?|ask(?:s|ed|ing)?|told(?: \w+)?|"
    r"mention(?:s|ed|ing)?|announc(?:es?|ed|ing)|explain(?:s|ed|ing)?|answer(?:s|ed|ing)?|repl(?:y|ies|ied|ying)|"
    r"narrat(?:es?|ed|ing)|discuss(?:es|ed|ing)?|tell(?:s|ing)?(?: \w+)?|"
    r"talk(?:s|ed|ing)? about|speak(?:s|ing)? (?:about|of)|spoke (?:about|of)"
)
SHOWING = r"read(?:s|ing)?|say(?:s|ing)?|said|spell(?:s|ing)?|titled|labell?ed|with the (?:text|words?)"
SURFACES = (
    r"title(?: card| screen)?|captions?|signs?|signboard|text|words?|screen|slides?|card|banner|poster|label|logo|"
    r"headline|subtitles?|intertitle|chyron|billboard|board|sheet|page|letters|lettering|t-?shirt|jersey|credits?"
)
OPENING = r"(?:when |where |the moment |the part where )?(?:there is |we see |you see )?"
LINKS = r"(?:that|about|of|out|loud|aloud|the words?|the phrase|the text|to (?:him|her|them|the camera))"

WRITTEN = re.compile(
    rf"{OPENING}(?:(?:a|an|the|some) )?(?:\w+ ){{0,2}}?(?:{SURFACES})(?: on (?:the )?\w+)?"
    rf"(?: (?:that|which|is|are|was))* (?:{SHOWING})(?:\s*:)?(?: the words?)? (?P<rest>.+)",
    re.IGNORECASE,
)
APPEARING = re.compile(
    rf"(?:the )?(?:{SURFACES}) (?P<rest>.+?)"
    r" (?:appears?|shows? up|(?:is|are) (?:shown|written|displayed))(?: on (?:the )?screen)?",
    re.IGNORECASE,
)
SAID = re.compile(
    rf"{OPENING}(?:(?:a|an|the|one|another|this|that) )?(?:\w+ ){{0,2}}?\w+"  # who speaks
    rf"(?:['’](?:s|re)| is| are| was| were| starts?| begins?)? (?:{SPEAKING})(?:\s*[:,])?(?: {LINKS})* (?P<rest>.+)",
    re.IGNORECASE,
)


def wanted(query: str) -> Wanted:
    """Take a query apart; one that speaks of neither speech nor writing is wanted as it is.

    >>> wanted("the title card reads INTRODUCTION")
    Wanted(text='INTRODUCTION', kind='written', quoted=True)
    >>> wanted("someone mentions the budget")
    Wanted(text='the budget', kind='said', quoted=False)
    """
    query = " ".join(query.split())[:LONGEST]
    written = WRITTEN.fullmatch(query) or APPEARING.fullmatch(query)
    said = None if written else SAID.fullmatch(query)
    kind: TextKind | None = "written" if written else "said" if said else None
    if quote := QUOTE.search(query):
        return Wanted((quote[1] or quote[2]).strip(), kind, quoted=True)
    if match := written or said:
        return Wanted(match["rest"].rstrip(" .!?"), kind, quoted=bool(written))
    return Wanted(query)
