"""A self-contained page: markup, style, script and data in one file that asks nothing of any server.

Untrusted text is embedded as JSON, and the content security policy allows the page's own style and script only.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

from whenabouts.files.json import finite
from whenabouts.language import available, translations

__all__ = ["page"]


def page(
    name: str,
    styles: Sequence[str],
    modules: Sequence[str],
    content: Any,
    said: Iterable[str | None],
    rules: str = "",
) -> str:
    """The page NAME.html with `styles`, `modules`, each after those it imports, and then NAME.js.

    said:  sentences of the content that are shown in the reader's language
    rules: more of the style
    """
    room = files("whenabouts.interchange").joinpath("page")
    markup = room.joinpath(f"{name}.html").read_text("utf-8")
    style = "\n".join(room.joinpath(f"{each}.css").read_text("utf-8") for each in styles) + rules
    script = _one_script([room.joinpath(f"{each}.js").read_text("utf-8") for each in (*modules, name)])
    parts = {
        "style-digest": _digest(style),
        "script-digest": _digest(script),
        "/*style*/": style,
        "/*script*/": script,
        "/*languages*/": _embedded(_languages(said, "\n".join([markup, script]))),
        "/*data*/": _embedded(content),
    }
    pieces = re.split("|".join(map(re.escape, parts)), markup)
    places = re.findall("|".join(map(re.escape, parts)), markup)  # parts are put in at once, and never searched
    return "".join(piece + parts.get(place, "") for piece, place in zip(pieces, [*places, ""], strict=True))


def _embedded(content: Any) -> str:
    """JSON inside a page."""
    return json.dumps(finite(content), allow_nan=False).replace("&", "\\u0026").replace("<", "\\u003c")


def _languages(said: Iterable[str | None], page: str) -> dict[str, Any]:
    """For each language its name, and of its texts those of the page and those for the sentences of the content."""
    languages: dict[str, Any] = {}
    for code in available():
        if catalogue := translations(code):
            texts = {english: text for english, text in catalogue.texts.items() if _stands_in(english, page)}
            told = {sentence: catalogue.translate(sentence) for sentence in dict.fromkeys(said) if sentence}
            texts |= {sentence: text for sentence, text in told.items() if text != sentence}
            languages[code] = {"language": catalogue.name, "texts": texts}
    return languages


def _stands_in(message: str, page: str) -> bool:
    """Whether a page may say a message: the longest of its fixed pieces is there."""
    return max(re.split(r"\{\d+\}", message), key=len).strip() in page


def _one_script(modules: Sequence[str]) -> str:
    """Modules, each after those that it imports, as one script; their top-level names are all different."""
    plain = (re.sub(r"^(import [^;]*;\n|export )", "", module, flags=re.MULTILINE) for module in modules)
    return "\n".join(['"use strict";', *plain])


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
