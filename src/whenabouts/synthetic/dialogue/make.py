"""A dialogue as files: video, subtitles and questions, all from one recipe and a seed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.synthetic.dialogue.media import write_media
from whenabouts.synthetic.dialogue.recipe import RECIPES, Half, Recipe
from whenabouts.synthetic.dialogue.script import Question, expand

__all__ = ["Dialogue", "load_recipe", "make_dialogue"]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The files of a dialogue: the video at `path`, its SubRip at `subtitles`; `duration` is in seconds."""

    name: str
    path: Path
    subtitles: Path
    questions: tuple[Question, ...]
    duration: float
    language: str
    half: Half


def make_dialogue(folder: Path, name: str, *, seed: int = 0) -> Dialogue:
    """Write `NAME.mp4`, `NAME.srt` and `NAME.questions.json` into a folder.

    The questions have the fields `query`, `windows`, `all`, and besides `kind` and `language`. The same name and seed
    give the same subtitles and questions. Raises InputError for an unknown name, OSError.
    """
    recipe = load_recipe(name)
    script = expand(recipe, seed)
    folder.mkdir(parents=True, exist_ok=True)
    path, subtitles = folder / f"{name}.mp4", folder / f"{name}.srt"
    write_media(path, script, seed)
    with replacing(subtitles) as part:
        part.write_text(script.subtitles(), "utf-8", newline="\n")
    queries = [
        {"query": q.query, "windows": q.windows, "all": q.all, "kind": q.kind, "language": q.language}
        for q in script.questions
    ]
    content = json.dumps({"duration": script.duration, "queries": queries}, ensure_ascii=False, indent=1)
    with replacing(folder / f"{name}.questions.json") as part:
        part.write_text(content, "utf-8", newline="\n")
    return Dialogue(name, path, subtitles, script.questions, script.duration, recipe.language, recipe.half)


def load_recipe(name: str) -> Recipe:
    """The recipe of a name. Raises InputError if there is none."""
    if name not in RECIPES:
        raise InputError(f"unknown dialogue {name!r}; choose from: {', '.join(RECIPES)}")
    return Recipe.load(RECIPES[name])
