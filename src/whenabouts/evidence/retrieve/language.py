"""Words that carry little meaning, by language, and the language that a text's words are of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

__all__ = ["STOPWORDS", "language_of"]

_WORDS = {
    "en": (
        "a an and are as at be been being but by can could did do does for from had has have he her him his "
        "i if in into is it its me my no not of off on one or our out over she so some that the their them "
        "then there they this to up us was we were what when where which while who will with would you your"
    ),
    "de": (
        "aber als am an auch auf aus bei bin bis da dann das dass dem den der des die dir du ein eine einem "
        "einen einer er es für hat hatte haben hatten ich ihm ihn ihr ihre im in ist ja kein keine man mein "
        "meine mich mir mit nach nicht noch nur oder sein seine sich sie sind so um und uns von vor war "
        "waren was wenn wer wie wir wird wo zu zum zur über wann welche welcher welches"
    ),
    "es": (
        "a al como con cual cuando cuándo de del dónde donde el ella ellos en era es esa ese eso esta este "
        "esto está fue ha había hay la las le les lo los mi me muy más nada ni no nos o para pero por "
        "porque que qué quien quién se si sin sobre son su sus también te tiene todo tu un una uno y ya yo"
    ),
    "fr": (
        "au aux avec c ce cela ces cette comme d dans de des du elle elles en est et eu il ils j je l la le "
        "les leur lui m ma mais me mes moi mon n ne nos nous on ont ou où par pas pour qu quand que qui "
        "quoi s sa se ses si son sont sur t ta te tu un une vous y à été était"
    ),
    "ko": (
        "그 이 저 것 수 때 그녀 그는 그녀는 그가 그녀가 우리 나는 저는 제가 내가 무엇 언제 어디 누구 왜 "
        "어떻게 그리고 그런데"
    ),
    "zh": ("的 了 是 在 我 你 他 她 它 们 不 就 也 都 和 有 这 那 说 什么 什 么 我们 你们 他们 她们 一个 一 个"),
    "ja": (
        "の に は を た が で て と し れ さ ある いる も する から な こと として い や れる など ない "
        "この その それ 何"
    ),
}
STOPWORDS: dict[str, frozenset[str]] = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_SPACED = ("en", "de", "es", "fr")


def language_of(texts: Iterable[str]) -> str | None:
    """The language that most words of some texts are of, as an ISO 639-1 code; None where nothing tells it.

    >>> language_of(["Wann gibt sie eine Schwäche zu?"]), language_of(["그녀는 사과한다"]), language_of(["OK"])
    ('de', 'ko', None)
    """
    text = " ".join(texts)
    letters = max(1, sum(c.isalpha() for c in text))
    if len(re.findall("[\uac00-\ud7a3]", text)) > letters / 3:
        return "ko"
    if len(re.findall("[\u3040-\u30ff]", text)) > letters / 6:
        return "ja"
    if len(re.findall("[\u4e00-\u9fff]", text)) > letters / 3:
        return "zh"
    words = Counter(re.findall(r"[^\W\d_]+", text.casefold()))
    counts = {language: sum(words[word] for word in STOPWORDS[language]) for language in _SPACED}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] else None
