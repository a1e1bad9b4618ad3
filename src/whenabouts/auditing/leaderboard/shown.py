"""A board as a document: one section for each group, the sources of its figures behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from whenabouts.auditing.leaderboard.figure import SECONDS, UNKNOWN
from whenabouts.auditing.leaderboard.rules import rule
from whenabouts.documents.document import Document, Section, Table
from whenabouts.evaluation.protocols import PROTOCOLS

if TYPE_CHECKING:
    from whenabouts.auditing.leaderboard.board import Board, Group, Standing
    from whenabouts.auditing.leaderboard.placed import Placed

__all__ = ["document", "heading", "table", "told"]

MOST, WIDE = 4, 40  # columns of figures in a table, and characters of their names; JSON has all
Row = tuple[str | float | int | None, ...]


def document(board: Board) -> Document:
    """The document of a board."""
    figures = sum(len(group.standings) for group in board.groups)
    ranked = sum(len(group.ranked) for group in board.groups)
    own = {one.key: one for one in board.placed}
    return Document(
        title=f"Leaderboard of {board.dataset}",
        facts=f"{figures} published figures, {ranked} of them ranked; groups: {len(board.groups)}",
        verdicts=(
            *(trait.sentence for trait in board.traits),
            *(" ".join(one.verdicts) for one in board.placed),
        ),
        sections=(
            *(one.section() for one in board.placed[:1]),
            *(section for group in board.groups for section in _sections(group, own.get(group.key))),
        ),
        notes=board.notes,
    )


def heading(group: Group) -> str:
    """Split, truth, protocol and setting of a group, in a line."""
    key = group.key
    split = "split not stated" if key.split == UNKNOWN else key.split
    setting = "setting not stated" if key.setting == UNKNOWN else key.setting
    protocol = "protocol not stated" if key.protocol == UNKNOWN else key.protocol
    return " · ".join([split, *([] if key.truth == "original" else [f"truth of {key.truth}"]), protocol, setting])


def table(group: Group, own: Placed | None = None, *, sources: bool = False) -> Table:
    """Ranked figures with the blind baselines and the user's run where they stand, then what is not ranked."""
    names = _metrics(group)
    rows = [(one.figure.scores[group.metric], _row(one, names)) for one in group.ranked]
    if own:
        verdict = own.training.verdict if own.training else "unknown"
        rows.append((own.value, (own.where, own.name, *map(own.scores.get, names), f"your run; {verdict}", None)))
    for blind in group.blind:
        shown = (None, f"blind: {blind.name}", *map(blind.scores.get, names), "blind", blind.source)
        rows.append((blind.scores.get(group.metric, -1.0), shown))
    rows.sort(key=lambda each: -each[0])
    every = [*(row for _, row in rows), *(_row(one, names) for one in group.standings if one.rank is None)]
    columns = ("rank", "system", *names, "marks", "read in")
    return Table(columns, tuple(every)) if sources else Table(columns[:-1], tuple(row[:-1] for row in every))


def told(group: Group) -> list[str]:
    """How the figures of a group were counted, and what is to be known of single ones."""
    counted = rule(group.key.protocol).says
    said = [f"Counted: {counted}. Ranked by {group.metric}."]
    if not group.ranked:
        said = [f"Counted: {counted}. Nothing here is ranked."]
    elif not group.blind:
        said.append("No blind baseline of this split is stored here.")
    lenient = {one.figure.evaluation for one in group.standings if _drops(one.figure.evaluation)}
    if lenient:
        said.append(f"Queries without an answer are excluded from the mean of: {', '.join(sorted(lenient))}.")
    return said + [run for one in group.standings for run in _again(one)]


def _drops(evaluation: str) -> bool:
    return bool(evaluation) and getattr(PROTOCOLS[evaluation], "missing", None) == "dropped"


def _again(one: Standing) -> list[str]:
    """What others got who ran a system again, in sentences."""
    said = []
    for run in one.reruns:
        known = one.figure.scores
        got = (
            f"{name} {value:g} / {known[name]:g}" if name in known else f"{name} {value:g}"
            for name, value in run.scores.items()
        )
        said.append(f"Run again / published: {one.figure.system}: {', '.join(got)}; by {run.by} ({run.source}).")
    return said


def _row(one: Standing, names: list[str]) -> Row:
    scores = map(one.figure.scores.get, names)
    doubts = dict.fromkeys([one.unranked, *(f"{name} second-hand" for name in one.figure.unread if name in names)])
    marks = "; ".join(mark for mark in (*doubts, one.training.verdict) if mark)
    return one.rank, one.figure.title, *scores, marks, one.figure.source


def _metrics(group: Group) -> list[str]:
    """The metrics that most figures have, that which ranks among them, in the order of the file."""
    every = [name for one in group.standings for name in one.figure.scores]
    often = sorted(dict.fromkeys(every), key=lambda name: (name != group.metric, name in SECONDS, -every.count(name)))
    kept = [name for n, name in enumerate(often[:MOST]) if len("".join(often[: n + 1])) <= WIDE]
    return [name for name in dict.fromkeys(every) if name in kept]


def _sections(group: Group, own: Placed | None) -> Iterator[Section]:
    said = told(group)
    said[1:1] = own.beside() if own else []
    yield Section(heading(group), tuple(said), (table(group, own),))
    rows = tuple(
        (one.figure.title, one.figure.arxiv, one.figure.source, one.figure.kind, one.figure.confirmed, one.figure.note)
        for one in group.standings
    )
    why = tuple((one.figure.title, "; ".join(one.training.reasons)) for one in group.standings)
    yield Section(
        f"Sources: {heading(group)}",
        (),
        (
            Table(("system", "arXiv", "read in", "kind", "confirmed", "note"), rows),
            Table(("system", "what is known of its training"), why),
        ),
        detail=True,
    )
