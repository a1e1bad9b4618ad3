"""In which encoding a text is written that has no mark and is not UTF-8: a small and deterministic guess.

Nearly every encoding reads nearly every text, as nonsense. So each is tried, and what it reads is weighed letter by
letter: letters that its language uses most, letters that it has, and those which nobody writes there. In the standards
of East Asia the common characters come first, so where a character stands in them tells whether it is one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable

__all__ = ["decoded"]

SAMPLE = 20_000  # bytes of lines with other than ASCII that are weighed
FREQUENT, POSSIBLE, STRANGE, IMPOSSIBLE = 1.0, 0.4, -0.5, -2.0
ENOUGH = 0.3  # the least mean weight of a letter; with less Windows-1252 is supposed
DAMAGED = 20  # good letters for each bad one, from which a text is UTF-8 with a few broken bytes

KOREAN = frozenset(
    "이다는에을를가의고하은지도로한아어나기사서자시그라있해인게리어니만것거대정수보일없었않안네요여우야면들내"
    "너저와과전부까습합됩무세제주왜뭐"
)
CHINESE = frozenset(
    "的一是不了在人有我他她你们們这這个個上来來到时時大地为為子中说說生国國年着就那和要出也得里裡后後自以会會家可下"
    "而过過天去能对對小多然于於心学學么麼之都好看起发發当當没沒成只如事把还還用第样樣道想作种種开開从從很什吗嗎吧"
    "给給让讓谢謝请請知"
)
HIRAGANA = frozenset(map(chr, range(0x3041, 0x3094)))
RUSSIAN = frozenset("оеаинтсрвлкмдпуяыьгзбчйхжшю")
WESTERN = frozenset("éèàçêùâîôäöüßñíóáúåøæëïÉÈÀÇÄÖÜ’‘“”„…–—«»¿¡")
CJK_MARKS = frozenset("、。，！？：；「」『』（）〈〉《》【】“”‘’…—～·・ー―♪　")


def decoded(raw: bytes) -> str:
    """A text that is not UTF-8: in the East Asian, Cyrillic or Western encoding that reads it best.

    Bytes that mean nothing become U+FFFD. A text of UTF-8 in which few bytes are broken stays one.

    >>> decoded("안녕하세요, 여러분".encode("cp949")), decoded("Grüße aus Köln".encode("cp1252"))
    ('안녕하세요, 여러분', 'Grüße aus Köln')
    """
    sample = _sample(raw)
    mended = sample.decode("utf-8", "replace")
    bad = mended.count("\ufffd")
    if sum(not letter.isascii() for letter in mended) - bad >= DAMAGED * bad:
        return raw.decode("utf-8-sig", "replace")
    weights = {name: _weight(sample.decode(name, "replace"), weigh) for name, weigh in WEIGHED.items()}
    best = max(weights, key=lambda name: weights[name])
    western = _weight(sample.decode("cp1252", "replace"), _western)
    return raw.decode(best if weights[best] >= ENOUGH and weights[best] > western else "cp1252", "replace")


def _sample(raw: bytes) -> bytes:
    """The first lines with other than ASCII; a line feed is never a part of a letter in these encodings."""
    lines, size = [], 0
    for line in raw.split(b"\n"):
        if not line.isascii():
            lines.append(line)
            size += len(line)
            if size >= SAMPLE:
                break
    return b"\n".join(lines)


def _weight(text: str, weigh: Callable[[str], float]) -> float:
    """The mean weight of the letters that are not ASCII; each is weighed with the letters around it."""
    found = Counter(re.findall(r"(?s)(?=(..[^\x00-\x7f]..))", f"  {text}  "))
    total = sum(found.values())
    return sum(count * _weight_of(around, weigh) for around, count in found.items()) / max(total, 1)


def _weight_of(around: str, weigh: Callable[[str], float]) -> float:
    letter = around[2]
    if letter == "\ufffd" or unicodedata.category(letter) in {"Cc", "Co", "Cn"}:
        return IMPOSSIBLE
    return weigh(around)


def _korean(around: str) -> float:
    letter = around[2]
    if letter in KOREAN:
        return FREQUENT
    return (
        POSSIBLE if letter in CJK_MARKS or ("가" <= letter <= "힣" and _in("euc_kr", letter, 0xB0, 0xC8)) else STRANGE
    )


def _simplified(around: str) -> float:
    return _chinese(around[2], "gb2312", 0xB0, 0xD7)


def _traditional(around: str) -> float:
    return _chinese(around[2], "big5", 0xA4, 0xC6)


def _chinese(letter: str, standard: str, first: int, last: int) -> float:
    if letter in CHINESE:
        return FREQUENT if _in(standard, letter, first, last) else STRANGE
    common = "一" <= letter <= "龥" and _in(standard, letter, first, last)
    return POSSIBLE if letter in CJK_MARKS or common else STRANGE


def _japanese(around: str) -> float:
    letter = around[2]
    if letter in HIRAGANA:
        return FREQUENT
    katakana = "ァ" <= letter <= "ヺ"
    kanji = "一" <= letter <= "龥" and _in("shift_jis", letter, 0x88, 0x97)
    return POSSIBLE if letter in CJK_MARKS or katakana or kanji else STRANGE


def _cyrillic(around: str) -> float:
    letter, beside = around[2], around[1] + around[3]
    if any(each.isascii() and each.isalpha() for each in beside):  # no word is in two alphabets
        return STRANGE
    if letter in RUSSIAN:
        return FREQUENT
    return POSSIBLE if "Ѐ" <= letter <= "ґ" or letter in WESTERN else STRANGE


def _western(around: str) -> float:
    letter = around[2]
    foreign = [each.isalpha() and not each.isascii() for each in around]
    if any(all(foreign[at : at + 3]) for at in range(3)):  # accents do not come three in a row
        return STRANGE
    return FREQUENT if letter in WESTERN else POSSIBLE if letter.isalpha() else STRANGE


def _in(standard: str, letter: str, first: int, last: int) -> bool:
    """Whether a character stands in a part of a standard, told by its first byte."""
    try:
        return first <= letter.encode(standard)[0] <= last
    except UnicodeEncodeError:
        return False


WEIGHED = {
    "cp949": _korean,
    "gb18030": _simplified,
    "big5hkscs": _traditional,
    "cp932": _japanese,
    "euc_jp": _japanese,
    "cp1251": _cyrillic,
    "koi8_r": _cyrillic,
}
