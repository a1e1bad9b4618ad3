"""A contact sheet: a picture of every scene with its number, timecode and length, as a page that needs nothing else.

The page has no script. Pictures are small, and at most `MAX_PICTURES`, so that a long video takes little memory.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from pathlib import Path

from whenabouts.files.atomic import replacing
from whenabouts.interchange.scenes import Scene, SceneList
from whenabouts.interchange.text import printable
from whenabouts.interchange.thumbnails import data_url, pictures_at
from whenabouts.language import translate
from whenabouts.language.choice import chosen
from whenabouts.progress import Fraction
from whenabouts.video import Video

__all__ = ["MAX_PICTURES", "heading", "pictured", "summary", "write_page"]

MAX_PICTURES = 3000  # of about 8 kB; scenes beyond have none


def write_page(scenes: SceneList, video: Video, out: Path, *, progress: Fraction | None = None) -> Path:
    """Write the sheet as an HTML page at `out`, completely or not at all, and return its path.

    Raises InputError, VideoError.
    """
    title = escape(heading(scenes))
    style = files("whenabouts.interchange").joinpath("page", "contact_sheet.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    head = (
        f'<!doctype html>\n<html lang="{chosen()}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        f"style-src 'sha256-{digest}'\">\n<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header><h1>{title}</h1><p>{escape(summary(scenes))}</p></header>\n<main><ol>\n"
    )
    with replacing(out, folders=True) as part, part.open("w", encoding="utf-8") as page:
        page.write(head)
        for scene, jpeg in pictured(scenes, video, progress):
            page.write(_item(scene, jpeg))
        notes = "".join(f"<p>{escape(printable(translate(note)))}</p>" for note in scenes.notes)
        page.write(f"</ol></main>\n{notes and f'<footer>{notes}</footer>'}\n</body>\n</html>\n")
    return out


def pictured(scenes: SceneList, video: Video, progress: Fraction | None = None) -> Iterator[tuple[Scene, bytes | None]]:
    """Every scene with the JPEG file of its picture, in order; None where there is none."""
    by_time = sorted(scenes.scenes[:MAX_PICTURES], key=lambda scene: scene.middle)
    pictures: dict[int, bytes] = {}
    for scene, jpeg in zip(by_time, pictures_at(video, [scene.middle for scene in by_time]), strict=False):
        pictures[scene.number] = jpeg
        if progress:
            progress(len(pictures) / len(by_time))
    for scene in scenes.scenes:
        yield scene, pictures.get(scene.number)


def heading(scenes: SceneList) -> str:
    """The title of a sheet: the name of the video."""
    return scenes.timeline.name


def summary(scenes: SceneList) -> str:
    """How many scenes of how long a video, and how frames are counted."""
    timeline = scenes.timeline
    first, last = (timeline.rate.name(timeline.source + frame) for frame in (0, timeline.frames))
    return translate(f"{len(scenes.scenes)} scenes, {first} to {last}, {timeline.rate} frames per second")


def _item(scene: Scene, jpeg: bytes | None) -> str:
    name = f"{scene.number}. {scene.name}" if scene.name else f"{scene.number}"
    begin, end = scene.timecode
    alt = translate(f"picture of scene {scene.number}")
    picture = f'<img src="{data_url(jpeg)}" alt="{escape(alt)}">' if jpeg else '<p class="none">–</p>'
    note = f", {escape(scene.note)}" if scene.note else ""
    return (
        f"<li>{picture}<div><h2>{escape(name)}</h2><p>{escape(begin)} – {escape(end)}</p>"
        f"<p>{escape(scene.length)}{note}</p></div></li>\n"
    )
