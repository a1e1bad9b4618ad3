"""The first verb of an English query, by a list of verbs of everyday videos: ours, small, and open to additions."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

__all__ = ["FINDERS", "first_verb"]

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
    replace rest retrieve return ride
    ring rinse rise roll row rub run sail salute sand sanitize say scoop scrape
    scratch scrub search season see select separate serve set sew shake sharpen shave shoot show shower shred shut sing sip sit
    skate ski skin skip slam sleep slice slide slip smell smile smoke sneeze snore snuggle soak solve speak spin splash
    spray spread sprinkle spit squat squeeze stack stand stare start stay step stir stop straighten stretch struggle
    surf sweep swim swing switch take talk tap tape taste taunt teach tear tell text throw tidy tie toast toss touch
    towel travel trim try tuck turn twirl twist type unload unlock unpack unplug unwrap use vacuum visit wait wake walk
    warm wash watch water wave wax wear weigh weld whip whisk wipe work wrap wrestle write yell zoom
    """.split()  # noqa: SIM905 - a list of words to read
)
FORMS = """
    became become, began begin, begun begin, bent bend, blew blow, blown blow, broke break, broken break,
    brought bring, built build, bought buy, caught catch, chose choose, chosen choose, came come, did do, done
    do, does do, drew draw, drawn draw, drank drink, drunk drink, drove drive, driven drive, ate eat, eaten eat,
    fell fall, fallen fall, fed feed, found find, flew fly, flown fly, got get, gotten get, gave give, given
    give, went go, gone go, goes go, hung hang, has have, had have, heard hear, held hold, kept keep, laid lay,
    led lead, left leave, lying lie, lit light, made make, rode ride, ridden ride, rang ring, rung ring, rose
    rise, risen rise, ran run, said say, saw see, seen see, sewn sew, shook shake, shaken shake, shot shoot,
    sang sing, sung sing, sat sit, slept sleep, slid slide, spoke speak, spoken speak, spun spin, stood stand,
    swept sweep, swam swim, swum swim, swung swing, took take, taken take, taught teach, tore tear, torn tear,
    told tell, threw throw, thrown throw, tying tie, woke wake, woken wake, wore wear, worn wear, wrote write,
    written write
"""
IRREGULAR = {form: base for form, base in [pair.split() for pair in FORMS.split(",")]}  # noqa: C416 - of lists
NOUN_AFTER = frozenset(
    ("a", "an", "the", "his", "her", "their", "its", "this", "that", "these", "those", "some", "another", "of")
)


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


@lru_cache(maxsize=100_000)
def _by_ending(query: str) -> str:
    """The first word after another that ends as verbs do, for verbs that are not in the list."""
    words = re.findall(r"[a-z']+", query.lower())
    return next((word for word in words[1:] if re.search(r"(ing|ed|[^s]s)$", word)), "")


def _second_word(query: str) -> str:
    """The word after the subject, in sentences such as "person opens door"."""
    return [*query.lower().split(), "", ""][1]


FINDERS: tuple[Callable[[str], str], ...] = (first_verb, _by_ending, _second_word)
