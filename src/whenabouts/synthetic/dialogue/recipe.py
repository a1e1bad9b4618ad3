"""A dialogue before it is timed: what is said in which chapter, what happens, and what somebody will ask about it.

A recipe is one TOML file in `recipes/`; its name is the name of the dialogue:

    kind = "oral history"
    half = "tuning"                    # or "held-out": never tuned on
    language = "en"
    lead_ins = ["well, ", "as I said, "]   # put before a filler line that comes again
    speakers = { I = "INTERVIEWER" }   # only where the subtitles name who speaks
    wrap = true                        # long lines are broken in two, as broadcasters do
    questions = [
        { ask = "when does she say who she is", kind = "act", when = ["name"] },
        { ask = "every time the boat is mentioned", kind = "ordinal", when = ["~boat"], all = true },
        { ask = "she talks about a train", kind = "absent", absent = ["train", "railway"] },
    ]

    [[chapters]]
    title = "the island"
    lines = 60                         # cues of the chapter, these keys included
    asides = ["and then?"]             # short lines of somebody else, now and then
    filler = ["the boat came twice a week."]
    keys = [
        { id = "name", act = "introduce", topic = "her name", say = "My name is Agnes.", at = 0.0 },
        { id = "born", follows = true, say = "I was born here." },     # right after the key before it
        { id = "pause", show = "black", seconds = 40, say = "[Pause]" },
    ]

Filler and asides are written as they stand after a lead-in; alone, their first letter becomes a capital. `when` names
keys: "name" is its cue; "name..born" everything from one to the other; "name+1" and "name-2" cues counted from it;
"~boat" every cue with that text in it. `absent` lists words that no cue may contain.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from whenabouts.errors import InputError

__all__ = ["HALVES", "KINDS", "RECIPES", "SHOWS", "Chapter", "Half", "Key", "QuestionRecipe", "Recipe", "Show"]

Half = Literal["tuning", "held-out"]
Kind = Literal["act", "topic", "ordinal", "relation", "question", "quote", "signal", "absent"]
Show = Literal["black", "silence", "applause", "music", "tone", "bars", "frozen"]
HALVES: tuple[Half, ...] = get_args(Half)
KINDS: tuple[Kind, ...] = get_args(Kind)
SHOWS: tuple[Show, ...] = get_args(Show)
FOLDER = Path(__file__).with_name("recipes")


@dataclass(frozen=True, slots=True)
class Key:
    """A cue that a question may ask for, or something that happens in the picture or the sound.

    act:     what the speaker does with it, a name of `ParsedQuery.act`; None is telling
    topic:   what it is about
    say:     the text of the cue; None for an event that the subtitles do not tell
    by:      the speaker, a name in `Recipe.speakers`
    at:      where in its chapter it stands, from 0 to 1; None spreads the keys of a chapter evenly
    follows: whether it stands right after the key before it
    show:    what happens for `seconds`; None is a cue that is spoken
    """

    id: str
    say: str | None = None
    act: str | None = None
    topic: str | None = None
    by: str | None = None
    at: float | None = None
    follows: bool = False
    show: Show | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the dialogue: `lines` cues, the keys among lines that only fill the time.

    by: who says the filler, and `asides_by` the asides, where the subtitles name who speaks
    """

    title: str
    lines: int
    filler: tuple[str, ...]
    keys: tuple[Key, ...]
    asides: tuple[str, ...] = ()
    by: str | None = None
    asides_by: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionRecipe:
    """A question in the words of a user; `when` says where its answer stands, `absent` what no cue may contain."""

    ask: str
    kind: Kind
    when: tuple[str, ...] = ()
    all: bool = False
    language: str | None = None
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """All of a dialogue but its times."""

    name: str
    kind: str
    half: Half
    language: str
    questions: tuple[QuestionRecipe, ...]
    chapters: tuple[Chapter, ...]
    lead_ins: tuple[str, ...] = ()
    speakers: Mapping[str, str] | None = None
    wrap: bool = False

    @classmethod
    def load(cls, path: Path) -> Recipe:
        """Read a recipe. Raises InputError if a field is missing or unknown, with the name of the file."""
        try:
            content = tomllib.loads(path.read_text("utf-8"))
            questions = tuple(_question(q) for q in content.pop("questions"))
            chapters = tuple(_chapter(c) for c in content.pop("chapters"))
            lead_ins = tuple(content.pop("lead_ins", ()))
            recipe = cls(path.stem, questions=questions, chapters=chapters, lead_ins=lead_ins, **content)
        except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
            raise InputError(f"{path.name} is not a recipe of a dialogue: {error}") from error
        recipe.check()
        return recipe

    def check(self) -> None:
        """Raise InputError for a name that does not exist or stands twice."""
        keys = [key for chapter in self.chapters for key in chapter.keys]
        ids = [key.id for key in keys]
        wrong = [f"two keys {name!r}" for name in sorted({name for name in ids if ids.count(name) > 1})]
        wrong += [f"unknown half {self.half!r}"] * (self.half not in HALVES)
        wrong += [f"unknown kind {q.kind!r} of {q.ask!r}" for q in self.questions if q.kind not in KINDS]
        wrong += [f"unknown event {key.show!r}" for key in keys if key.show and key.show not in SHOWS]
        wrong += [
            f"{q.ask!r} needs either `when` or `absent`" for q in self.questions if bool(q.when) == bool(q.absent)
        ]
        if wrong:
            raise InputError(f"{self.name}.toml: {wrong[0]}")


RECIPES: dict[str, Path] = {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}


def _chapter(fields: dict[str, Any]) -> Chapter:
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    return Chapter(**{**fields, "keys": tuple(Key(**key) for key in fields["keys"])})


def _question(fields: dict[str, Any]) -> QuestionRecipe:
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    return QuestionRecipe(**fields)
