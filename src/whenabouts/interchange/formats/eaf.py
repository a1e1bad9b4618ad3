"""ELAN annotation files (EAF 3.0): a tier per query, an annotation per moment, in milliseconds of the video.

The annotations of a tier must not overlap: moments that overlap an earlier one go to tiers "query (2)", "query (3)" …
Below each tier stand two with a value for each annotation: "query: status", of the vocabulary confirmed, likely and
unlikely, and "query: remark", with presence, rank and score in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from whenabouts.errors import AnnotationError
from whenabouts.files.records import read_text
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, Row, gathered, moment_at
from whenabouts.interchange.remark import remark, remark_in
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
STATUSES = {
    "confirmed": "a person marked it",
    "likely": "a model found it",
    "unlikely": "the nearest to what is probably not in this video",
}
BELOW = ("status", "remark")
Note = tuple[int, int, str, str]  # start, end, status, remark


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """One document that links the video; the value of every annotation is the query."""
    facts = {"AUTHOR": "whenabouts", "DATE": datetime.now(UTC).isoformat(timespec="seconds"), "FORMAT": "3.0"}
    root = Element("ANNOTATION_DOCUMENT", facts | SCHEMA, VERSION="3.0")
    header = SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    mime = TYPES.get(timeline.path.suffix.lower(), "unknown")
    SubElement(header, "MEDIA_DESCRIPTOR", MEDIA_URL=timeline.uri, MIME_TYPE=mime)
    order = SubElement(root, "TIME_ORDER")
    numbers = count(1)
    for tier, query, notes in _tiers(predictions):
        above, *below = _family(tier)
        rows = [SubElement(root, "TIER", TIER_ID=above, LINGUISTIC_TYPE_REF="moment")]
        for kind, name in zip(BELOW, below, strict=True):
            rows.append(SubElement(root, "TIER", TIER_ID=name, LINGUISTIC_TYPE_REF=kind, PARENT_REF=tier))
        for start, end, status, said in notes:
            number = next(numbers)
            slots = {f"TIME_SLOT_REF{k}": f"ts{2 * number - 2 + k}" for k in (1, 2)}
            for slot, time in zip(slots.values(), (start, end), strict=True):
                SubElement(order, "TIME_SLOT", TIME_SLOT_ID=slot, TIME_VALUE=str(time))
            _annotation(rows[0], "ALIGNABLE_ANNOTATION", f"a{number}", query, slots)
            for row, kind, value in zip(rows[1:], "sr", (status, said), strict=True):
                _annotation(row, "REF_ANNOTATION", f"{kind}{number}", value, {"ANNOTATION_REF": f"a{number}"})
    _types(root)
    return document(root)


def _annotation(row: Element, kind: str, identity: str, value: str, place: dict[str, str]) -> None:
    note = SubElement(SubElement(row, "ANNOTATION"), kind, {"ANNOTATION_ID": identity} | place)
    SubElement(note, "ANNOTATION_VALUE").text = value


def _types(root: Element) -> None:
    """The linguistic types of the tiers, the constraint of those below others, and the vocabulary of status."""
    SubElement(root, "LINGUISTIC_TYPE", LINGUISTIC_TYPE_ID="moment", TIME_ALIGNABLE="true", GRAPHIC_REFERENCES="false")
    below = {"TIME_ALIGNABLE": "false", "GRAPHIC_REFERENCES": "false", "CONSTRAINTS": "Symbolic_Association"}
    SubElement(root, "LINGUISTIC_TYPE", below, LINGUISTIC_TYPE_ID="status", CONTROLLED_VOCABULARY_REF="status")
    SubElement(root, "LINGUISTIC_TYPE", below, LINGUISTIC_TYPE_ID="remark")
    language = {"LANG_DEF": "http://cdb.iso.org/lg/CDB-00130975-001", "LANG_LABEL": "undetermined (und)"}
    SubElement(root, "LANGUAGE", language, LANG_ID="und")
    meaning = "1-1 association with a parent annotation"
    SubElement(root, "CONSTRAINT", STEREOTYPE="Symbolic_Association", DESCRIPTION=meaning)
    vocabulary = SubElement(root, "CONTROLLED_VOCABULARY", CV_ID="status")
    SubElement(vocabulary, "DESCRIPTION", LANG_REF="und").text = "What is known of a moment"
    for status, meant in STATUSES.items():
        entry = SubElement(vocabulary, "CV_ENTRY_ML", CVE_ID=f"cve-{status}")
        SubElement(entry, "CVE_VALUE", LANG_REF="und", DESCRIPTION=meant).text = status


def _family(tier: str) -> list[str]:
    """The names of a tier and of those below it."""
    return [tier, *(f"{tier}: {kind}" for kind in BELOW)]


def _tiers(predictions: Sequence[Prediction]) -> list[tuple[str, str, list[Note]]]:
    """Name, query and disjoint notes of each tier; names are unique."""
    tiers: list[tuple[str, str, list[Note]]] = []
    for prediction in predictions:
        query = one_line(prediction.query)
        rows: list[list[Note]] = [[]]
        for rank, moment in sorted(enumerate(prediction.moments, 1), key=lambda ranked: ranked[1].start):
            start = round(moment.start * 1000)
            free = next((row for row in rows if not row or row[-1][1] <= start), None)
            if free is None:
                rows.append(free := [])
            end = max(start + 1, round(moment.end * 1000))
            free.append((start, end, prediction.status, remark(prediction, rank)))
        for row in rows:
            name, n, taken = query, 1, {each for tier, _, _ in tiers for each in _family(tier)}
            while not taken.isdisjoint(_family(name)):
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
    said = _said(root)
    rows: list[Row] = []
    for tier in root.iter("TIER"):
        for note in tier.iter("ALIGNABLE_ANNOTATION"):
            where = f"{path}, tier {tier.get('TIER_ID')!r}, annotation {note.get('ANNOTATION_ID')}"
            start, end = (times.get(note.get(f"TIME_SLOT_REF{k}")) for k in (1, 2))
            try:
                span = int(start or "") / 1000, int(end or "") / 1000
            except (ValueError, OverflowError):
                raise AnnotationError(f"{where}: it has no time in milliseconds") from None
            query = (note.findtext("ANNOTATION_VALUE") or "").strip() or tier.get("TIER_ID") or ""
            told = remark_in(said.get(note.get("ANNOTATION_ID") or "", ""))
            rows.append((video, query, moment_at(where, *span, told.score), told.standing))
    return gathered(rows)


def _said(root: Element) -> dict[str, str]:
    """The remark on each annotation, by its identity, with the status that stands now in the tier of status."""
    texts: dict[tuple[str, str], str] = {}
    for tier in root.iter("TIER"):
        for note in tier.iter("REF_ANNOTATION"):
            about, kind = note.get("ANNOTATION_REF") or "", tier.get("LINGUISTIC_TYPE_REF") or ""
            texts[about, kind] = (note.findtext("ANNOTATION_VALUE") or "").strip()
    said = {}
    for about, kind in texts:
        if kind == "remark":
            first, comma, rest = texts[about, "remark"].partition(",")
            said[about] = texts.get((about, "status"), first) + comma + rest
    return said


FORMAT = Format(".eaf", "ELAN, one tier per query", "milliseconds", write, read)
