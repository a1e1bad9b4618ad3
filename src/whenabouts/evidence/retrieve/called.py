"""Questions of what somebody is called: a name must be given, and it must be the name of whom the query asks.

"What is her name" is not answered by "I will not put my name under that", nor "what is her father's name" by "my name
is Marta".
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from whenabouts.evidence.retrieve.features import Sought, Transcript
from whenabouts.evidence.retrieve.language import STOPWORDS
from whenabouts.evidence.retrieve.wording import words_of

__all__ = ["of_somebody_else"]

LESS = 0.25  # of the probability of a line that gives no name, or the name of somebody else
CALLED = re.compile(
    r"\b(?:names?|named|called|heißt|heisst|heißen|namens?|nombres?|llama|noms?|prénoms?|appelle|surnames?)\b"
    r"|이름|성함|성명|名字|叫什么|叫甚麼|姓名|名前|お名前",
    re.IGNORECASE,
)
GIVEN = re.compile(
    r"(?:\b(?:I am|I'm|name is|name's|names? (?:was|were)|called|named|this is|with us is|ich bin|heiße|heisse|Name ist"
    r"|hieß|me llamo|soy|se llama|nombre es|je suis|je m['’]appelle|s['’]appelle|nom est)\s+)[^\W\d_]"
    r"|(?:이름은|성함은|저는|나는)\s*\S+|\S+(?:라고|이라고)\s*(?:합니다|해요|불러|했)|입니다|이에요|예요"
    r"|我叫|我是|名叫|叫做|と申します|といいます|と言います|です"
)
PROPER = re.compile(r"(?<=[\w,;] )(?!I\b)[A-ZÀ-Þ]\w+")  # within a sentence: "my wife Ingrid"
_PRONOUNS = (
    "his her their its your my our the a s he she they you who what is was sein seine ihr ihre dein deine er sie wie "
    "su sus tu ella él cómo se son sa ses leur il elle comment t quel est 그 그녀 그의 그녀의 누구 뭐 무엇 그분 그분의 "
    "당신 당신의 她 他 她的 他的 的 什么 彼 彼女 彼の 彼女の"
)
PRONOUNS = frozenset(_PRONOUNS.split())


def of_somebody_else(transcript: Transcript, sought: Sought) -> NDArray[np.float64]:
    """What each line (N,) counts: 1, or less where it cannot be the name that is asked for; all 1 for other queries."""
    counts = np.ones(len(transcript.texts))
    if sought.asks not in {"person", "name"} or not CALLED.search(sought.event):
        return counts
    given = np.array([GIVEN.search(text) is not None for text in transcript.texts])
    named = np.array([PROPER.search(text) is not None for text in transcript.texts])
    whose = [word for word in words_of(CALLED.sub(" ", sought.words)) if word not in _little(sought.language)]
    if whose:
        about = transcript.wording(sought.language).shared(" ".join(whose)) > 0
        question_before = np.concatenate([[False], (about & transcript.questions)[:-1]])
        counts[~((about & (given | named)) | question_before)] = LESS
    elif given.any():
        counts[~given] = LESS
    return counts


def _little(language: str | None) -> frozenset[str]:
    return PRONOUNS | STOPWORDS.get(language or "en", frozenset())
