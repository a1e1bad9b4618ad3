"""Which thing of a list a query asks for, in seven languages, when it asks for nothing else besides.

"The screen goes black" asks for a black picture; "a man in front of a black screen" does not, since a man and his place
remain. So the words of the thing are taken out of the query, and what remains may only be words that say nothing:
articles, "when", "the moment", "is heard", a length. That holds for languages with and without spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from whenabouts.query import ParsedQuery

__all__ = ["MAX_ASKING_CHARS", "Thing", "is_long", "query_text", "thing_asked"]

MAX_ASKING_CHARS = 200  # a longer query asks for more than one named thing
NEVER = "(?!)"  # an expression that nothing matches
QUOTED = re.compile(r"""["“”„«»「」『』]""")

_SAYS_NOTHING = frozenset(
    # English
    "a an the of in on at to for and with from into by as when where then there here is are was were be been "
    "being has have had do does did it its this that these those which what some any one very just all only i we "
    "you find show shows showing shown see sees hear hears heard audible visible appear appears appearing occur "
    "occurs happen happens come comes go goes going gets get turns becomes begins begin starts start started "
    "falls fall plays playing play moment moments part parts time times point scene scenes video recording file "
    "made footage picture image screen frame sound audio track second seconds minute minutes long longest longer short "
    "shortest brief whole entire entirely complete completely total totally sudden suddenly large great big loud "
    "loudly off out during while up "
    # German
    "der die das den dem des ein eine einen einem einer eines und in im am an auf zu zum zur von vom bei mit wann "
    "wo wenn als es ist sind war wird werden gibt kommt geht man sieht hört ich wir sehen hören gehört gezeigt "
    "zeigt erscheint beginnt passiert moment stelle teil zeitpunkt szene video aufnahme film bild ton sekunde "
    "sekunden minute minuten lang lange langer langes langen längere längeres längste längster längstes kurz "
    "kurze kurzer kurzes kurzen plötzlich plötzliche plötzlicher plötzliches ganz völlig komplett großer große "
    "großes etwas "
    # Spanish
    "el la los las un una unos unas de del en al a y con cuándo cuando dónde donde hay es está se ve oye escucha "
    "aparece suena ocurre momento parte escena vídeo video grabación imagen pantalla sonido segundo segundos "
    "minuto minutos largo larga más corto corta repentino súbito gran todo toda totalmente completamente que "
    # French
    "le la les l un une des de du d en au aux à et avec quand où il y a est sont on voit entend apparaît passe "
    "moment partie scène vidéo enregistrement image écran son seconde secondes minute minutes long longue plus "
    "court courte soudain soudaine grand tout toute complètement totalement qui que lorsque "
    "se devient".casefold().split()
)
_SAYS_NOTHING_UNSPACED = re.compile(
    # Korean: particles and endings stand at words; longest first
    "나오는|나온다|나와요|나올|나옴|나와|나타나는|나타난다|들리는|들린다|들려요"
    "|들릴|보이는|보인다|있는|있다|있을|되는|된다|될|하는|한다|할|"
    "난다|나는|울리는|울린다|치는|친다|흐르는|흐른다|언제|어디|장면|부분|순간|구간"
    "|지점|영상|비디오|화면|소리|갑자기|갑작스러운|완전히|오랜|오랫동안|"
    "길게|가장|제일|긴|짧은|동안|때|곳|한|이|가|은|는|을|를|의|에서|에|도|로|으로|초|분|"
    # Japanese
    "聞こえる|聞こえます|流れる|鳴る|出る|出ます|起こる|起きる|始まる|映る"
    "|している|します|する|なる|なります|なった|ある|あります|いつ|どこ|"
    "場面|シーン|瞬間|ところ|箇所|部分|とき|時間|時|映像|動画|画面|突然|急に"
    "|完全に|一番|最も|長い|長く|短い|が|は|を|に|の|で|と|も|へ|から|か|"
    # Chinese
    "什么时候|什麼時候|何时|何時|哪里|哪裡|出现|出現|听到|聽到|看到|响起|響起|时刻"
    "|時刻|时候|時候|地方|画面|畫面|镜头|鏡頭|视频|視頻|影片|声音|聲音|"
    "突然|完全|长时间|長時間|最长|最長|很长|很長|一段|一个|一個|一次|长|長|短|秒|分钟|的|了|在|是|有|都|会|時|时"
)
_LONG = re.compile(r"\b(?:long\w*|lang\w*|läng\w*|largo?a?|largas?|prolong\w*|extended)\b|긴|오랜|오랫동안|길게|长|長")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Thing:
    """Something that queries name: `patterns` are its names in any language, as regular expressions in lower case.

    alone: whether a query for it asks for nothing that other evidence could show; "the break" may also be spoken of
    """

    name: str
    patterns: tuple[str, ...]
    alone: bool = True

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """All names as one expression; letters on both sides of a name in Latin script are none of it."""
        return re.compile("|".join(_bounded(pattern) for pattern in self.patterns))

    @cached_property
    def spaced(self) -> re.Pattern[str]:
        """The same of names in Latin script alone, which is all that a text in Latin script can hold."""
        names = [_bounded(pattern) for pattern in self.patterns if not _has_unspaced(pattern)]
        return re.compile("|".join(names) or NEVER)

    def named_in(self, text: str) -> Iterator[re.Match[str]]:
        """Where a text names it."""
        return (self.pattern if _has_unspaced(text) else self.spaced).finditer(text)


def thing_asked(query: str, things: Iterable[Thing]) -> Thing | None:
    """The thing that the query asks for and nothing else; of several the one with the longest name, then the first.

    >>> thing_asked("When does the screen go black?", [Thing("black", ("screen go(?:es)? black",))]).name
    'black'
    >>> thing_asked("a man waits while the screen goes black", [Thing("black", ("screen go(?:es)? black",))])
    """
    text = query_text(query)
    if len(text) > MAX_ASKING_CHARS or QUOTED.search(query):
        return None
    best: Thing | None = None
    longest = 0
    for thing in things:
        for match in thing.named_in(text):
            length = match.end() - match.start()
            if length > longest and _says_nothing(f"{text[: match.start()]} {text[match.end() :]}"):
                best, longest = thing, length
    return best


def query_text(query: str | ParsedQuery) -> str:
    """The event of a query as names are written in `Thing`: lower case, one space between words."""
    event = query.event if isinstance(query, ParsedQuery) else query
    return " ".join(unicodedata.normalize("NFKC", event).casefold().replace("’", "'").split()).strip(" .!?¿¡。？！")


def is_long(query: str) -> bool:
    """Whether the thing sought is said to be long.

    >>> is_long("a long silence"), is_long("긴 침묵"), is_long("silence")
    (True, True, False)
    """
    return bool(_LONG.search(query_text(query)))


def _says_nothing(rest: str) -> bool:
    words = _WORD.findall(rest)
    return all(word in _SAYS_NOTHING or not _SAYS_NOTHING_UNSPACED.sub("", word) for word in words)


def _bounded(pattern: str) -> str:
    latin = not _has_unspaced(pattern)
    return rf"\b(?:{pattern})\b" if latin else f"(?:{pattern})"


def _has_unspaced(pattern: str) -> bool:
    return any("\u3040" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7a3" for letter in pattern)
