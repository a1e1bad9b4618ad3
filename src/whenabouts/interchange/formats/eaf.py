"""ELAN annotation files (EAF 3.0): a tier per query, an annotation per moment, in milliseconds of the video.

The annotations of a tier must not overlap: moments that overlap an earlier one go to tiers "query (2)", "query (3)" …
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from whenabouts.errors import AnnotationError
from whenabouts.files.records import read_text
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered, moment_at
from whenabouts.interchange.text import document, one_line
from whenabouts.interchange.timeline import Timeline, path_of
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "read", "write"]

TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".mpg": "video/mpeg",
    ".mkv": "video/x-matroska",
}
SCHEMA = {
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:noNamespaceSchemaLocation": "http://www.mpi.nl/tools/elan/EAFv3.0.xsd",
}
Span = tuple[int, int]


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """One document that links the video; the value of every annotation is the query."""
    facts = {"AUTHOR": "whenabouts", "DATE": datetime.now(UTC).isoformat(timespec="seconds"), "FORMAT": "3.0"}
    root = Element("ANNOTATION_DOCUMENT", facts | SCHEMA, VERSION="3.0")
    header = SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    mime = TYPES.get(timeline.path.suffix.lower(), "unknown")
    SubElement(header, "MEDIA_DESCRIPTOR", MEDIA_URL=timeline.uri, MIME_TYPE=mime)
    order = SubElement(root, "TIME_ORDER")
    slots = 0
    for tier, query, spans in _tiers(predictions):
        row = SubElement(root, "TIER", TIER_ID=tier, LINGUISTIC_TYPE_REF="moment")
        for span in spans:
            ends = {"TIME_SLOT_REF1": f"ts{slots + 1}", "TIME_SLOT_REF2": f"ts{slots + 2}"}
            place = SubElement(row, "ANNOTATION")
            note = SubElement(place, "ALIGNABLE_ANNOTATION", ends, ANNOTATION_ID=f"a{slots // 2 + 1}")
            SubElement(note, "ANNOTATION_VALUE").text = query
            for value in span:
                slots += 1
                SubElement(order, "TIME_SLOT", TIME_SLOT_ID=f"ts{slots}", TIME_VALUE=str(value))
    SubElement(root, "LINGUISTIC_TYPE", LINGUISTIC_TYPE_ID="moment", TIME_ALIGNABLE="true", GRAPHIC_REFERENCES="false")
    return document(root)


def _tiers(predictions: Sequence[Prediction]) -> list[tuple[str, str, list[Span]]]:
    """Name, query and disjoint spans of each tier; names are unique."""
    tiers: list[tuple[str, str, list[Span]]] = []
    for prediction in predictions:
        query = one_line(prediction.query)
        rows: list[list[Span]] = [[]]
        for moment in sorted(prediction.moments, key=lambda moment: moment.start):
            start = round(moment.start * 1000)
            span = start, max(start + 1, round(moment.end * 1000))
            free = next((row for row in rows if not row or row[-1][1] <= start), None)
            if free is None:
                rows.append(free := [])
            free.append(span)
        for row in rows:
            name, n, taken = query, 1, {tier for tier, _, _ in tiers}
            while name in taken:
                n += 1
                name = f"{query} ({n})"
            tiers.append((name, query, row))
    return tiers


def read(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """Time-aligned annotations: the query is the annotation's value, or the tier's name if the value is empty."""
    text = read_text(path)
    try:
        if "<!DOCTYPE" in text or "<!ENTITY" in text:  # ELAN writes neither; entities could exhaust the memory
            raise ElementTree.ParseError
        root = ElementTree.fromstring(text)  # noqa: S314 - files with entities are refused above
    except ElementTree.ParseError:
        raise AnnotationError(f"{path} is not an ELAN annotation file") from None
    times = {slot.get("TIME_SLOT_ID"): slot.get("TIME_VALUE") for slot in root.iter("TIME_SLOT")}
    media = root.find("HEADER/MEDIA_DESCRIPTOR")
    video = path_of(media.get("MEDIA_URL")) if media is not None else None
    rows = []
    for tier in root.iter("TIER"):
        for note in tier.iter("ALIGNABLE_ANNOTATION"):
            where = f"{path}, tier {tier.get('TIER_ID')!r}, annotation {note.get('ANNOTATION_ID')}"
            start, end = (times.get(note.get(f"TIME_SLOT_REF{k}")) for k in (1, 2))
            try:
                span = int(start or "") / 1000, int(end or "") / 1000
            except (ValueError, OverflowError):
                raise AnnotationError(f"{where}: it has no time in milliseconds") from None
            query = (note.findtext("ANNOTATION_VALUE") or "").strip() or tier.get("TIER_ID") or ""
            rows.append((video, query, moment_at(where, *span)))
    return gathered(rows)


FORMAT = Format(".eaf", "ELAN, one tier per query", "milliseconds", write, read)
