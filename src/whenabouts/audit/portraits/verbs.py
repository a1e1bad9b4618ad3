"""The first verb of an English query, found by a list of verbs of everyday videos: ours, small, and open to additions."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["first_verb"]

VERBS = frozenset(
    """
    add adjust aim apply approach argue arrange arrive ask assemble attach attempt awaken bake balance bathe beat become
    begin bend bike blow boil bounce bow bowl brace break bring brush build bump burn buy call camp carry carve catch
    celebrate change chase chat cheer chew choose chop circle clap clean clear climb close collect comb come complete
    consume continue converse cook cough count cover crack crawl cross cry cut dance decide decorate demonstrate
    describe dice dig dip dirty discuss dismount display dive do drag drain draw dress drill drink drip drive drop dry
    dump dust eat empty end enjoy enter erase examine exercise exit explain explore fall fasten feed fetch fight fill
    film find finish fish fix flip float fly fold follow fry gather get give glance go grab grate greet grill grind grip
    groom hang have hear hike hit hold hop hug hurry ice insert instruct interview introduce iron jog join juggle juice
    jump keep kick kiss kneel knit knock land laugh lay lead lean leap learn leave lick lie lift light listen load lock
    look lower make march massage mix mop mount move mow nail nap nod obtain open order pack paddle paint park pass
    paste pat pause peel peer perform pet pick place play plug point polish pose pour practice pray prepare present
    press proceed process procure pull pump punch push put raise rake reach read receive record remove repair repeat
    replace rest retrieve return ride ring rinse rise roll row rub run sail salute sand sanitize say scoop scrape scratch
    scrub search season see select separate serve set sew shake sharpen shave shoot show shower shred shut sing sip sit
    skate ski skin skip slam sleep slice slide slip smell smile smoke sneeze snore snuggle soak solve speak spin splash
    spray spread sprinkle spit squat squeeze stack stand stare start stay step stir stop straighten stretch struggle
    surf sweep swim swing switch take talk tap tape taste taunt teach tear tell text throw tidy tie toast toss touch
    towel travel trim try tuck turn twirl twist type unload unlock unpack unplug unwrap use vacuum visit wait wake walk
    warm wash watch water wave wax wear weigh weld whip whisk wipe work wrap wrestle write yell zoom
    """.split()
)
IRREGULAR = {
    form: base
    for base, forms in {
        **{"become": "became", "begin": "began begun", "bend": "bent", "blow": "blew blown", "break": "broke broken"},
        **{"bring": "brought", "build": "built", "buy": "bought", "catch": "caught", "choose": "chose chosen"},
        **{
            "come": "came",
            "do": "did does done",
            "draw": "drew drawn",
            "drink": "drank drunk",
            "drive": "drove driven",
        },
        **{"eat": "ate eaten", "fall": "fell fallen", "feed": "fed", "find": "found", "fly": "flew flown"},
        **{"get": "got gotten", "give": "gave given", "go": "went goes gone", "hang": "hung", "have": "has had"},
        **{
            "hear": "heard",
            "hold": "held",
            "keep": "kept",
            "lay": "laid",
            "lead": "led",
            "leave": "left",
            "lie": "lying",
        },
        **{
            "light": "lit",
            "make": "made",
            "ride": "rode ridden",
            "ring": "rang rung",
            "rise": "rose risen",
            "run": "ran",
        },
        **{
            "say": "said",
            "see": "saw seen",
            "sew": "sewn",
            "shake": "shook shaken",
            "shoot": "shot",
            "sing": "sang sung",
        },
        **{"sit": "sat", "sleep": "slept", "slide": "slid", "speak": "spoke spoken", "spin": "spun", "stand": "stood"},
        **{"sweep": "swept", "swim": "swam swum", "swing": "swung", "take": "took taken", "teach": "taught"},
        **{"tear": "tore torn", "tell": "told", "throw": "threw thrown", "tie": "tying", "wake": "woke woken"},
        **{"wear": "wore worn", "write": "wrote written"},
    }.items()
    for form in forms.split()
}
NOUN_AFTER = frozenset("a an the his her their its this that these those some another my your our of".split())


@lru_cache(maxsize=100_000)
def first_verb(query: str) -> str:
    """The base form of the first verb, "" where none is known.

    >>> first_verb("a person is opening the door."), first_verb("The light goes out"), first_verb("a cup of coffee")
    ('open', 'go', '')
    """
    before = ""
    for word in re.findall(r"[a-z']+", query.lower()):
        if before not in NOUN_AFTER and (verb := _base(word)):
            return verb
        before = word
    return ""


def _base(word: str) -> str:
    if word in IRREGULAR:
        return IRREGULAR[word]
    for ending in ("", "s", "es", "ed", "ing", "d"):
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            for base in (stem, stem + "e", stem[:-1] if stem[-1:] == stem[-2:-1] else "", stem[:-1] + "y"):
                if base in VERBS and (ending or base == word):
                    return base
    return ""
