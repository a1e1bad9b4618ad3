"""`whenabouts models`: the models and methods, what each of them needs, and what was published of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from inspect import Parameter, signature
from shutil import get_terminal_size
from textwrap import fill
from typing import Annotated, Any

import typer

from whenabouts.errors import MissingExtra
from whenabouts.language import translate
from whenabouts.plugins import choose

COLUMNS = ("name", "kind", "status", "needs", "published", "licence")
NARROW = ("name", "status", "needs")  # what is shown in fewer columns of the terminal than `WIDE`
WIDE = 120
LISTS = ("published", "known", "trained")
INDENT = "    "
STREAM = "stream"  # the method that plays a video to an online one
RUNS = ("runs offline", "nothing")
Row = dict[str, Any]


def models(
    name: Annotated[
        str | None,
        typer.Argument(help="Print everything about this one, or about this checkpoint.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """List the values of `find --model`: methods, heads that need a checkpoint, and video-language models.

    What stands behind `stream:` is a value of `watch --model`.
    """
    rows = {row["name"]: row for row in (*_methods(), *_online(), *_heads(), *_papers())}
    chosen = None if name is None else _named(rows, name)
    if as_json:
        print(json.dumps(chosen or [*rows.values()], ensure_ascii=False, indent=2))
    elif chosen:
        _print_one(chosen)
    else:
        _print([row | {"published": _headline(row["published"])} for row in rows.values()])


def _named(rows: Mapping[str, Row], name: str) -> Row:
    """The row of a name, however it is capitalised; of `NAME:FOLDER` that of the system; or of one of its checkpoints.

    Raises InputError.
    """
    known = {one.lower(): each for each, row in rows.items() for one in row.get("checkpoints", ())}
    known = (
        {one.rpartition("/")[2]: each for one, each in known.items()} | known | {each.lower(): each for each in rows}
    )
    asked = name.lower()
    found = known.get(asked.partition(":")[0]) or known.get(asked) or known.get(f"{asked}:model")
    return rows[found] if found else choose(rows, name, "model")


def _print_one(row: Row) -> None:
    """All that is known of a system: its facts, its figures, and what others found."""
    for field, value in row.items():
        if isinstance(value, dict):
            _print_entries(field, value)
        elif field not in LISTS and value not in ("", [], ()):
            text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
            print(f"{translate(field)}: {translate(text) if isinstance(text, str) else json.dumps(text)}")
    for one in row["published"]:
        place = f"{one['benchmark']} ({one['split']})" if one["split"] else one["benchmark"]
        scores = ", ".join(f"{name} {value:g}" for name, value in one["scores"].items())
        rules = f"{translate('protocol')} {one['protocol']}, " if one["protocol"] else ""
        how = f"{rules}{translate('confirmed')}: {translate(one['confirmed'])}"
        print(f"{translate('published')}: {one['model']}, {place}, {one['setting']}: {scores}; {how}; {one['source']}")
    if "trained" in row:
        print(f"{translate('trained on')}: {_trained(row['trained'])}")
    for one in row.get("known", ()):
        print(f"{translate('known')}: {translate(one['told'])} ({one['thread']})")


def _trained(data: Sequence[Row]) -> str:
    """What a model was trained on, as far as it is known here."""
    if not data:
        return translate("not known here")
    told = (one["data"] if one["sure"] == "stated" else f"{translate(one['sure'])}: {_behind(one)}" for one in data)
    return ", ".join(dict.fromkeys(told))


def _behind(one: Row) -> str:
    return str(one["system"] if one["data"] == "?" else one["data"])


def _print_entries(field: str, entries: Row) -> None:
    """A field with entries of its own, one below the other; words to a model stand in the lines that it reads."""
    width = max(get_terminal_size().columns, 40)
    print(f"{translate(field)}:")
    for name, value in entries.items():
        text = value if isinstance(value, str) else json.dumps(value)
        if value not in ("", None) and "\n" not in text and len(name) + len(text) + 4 <= width:
            print(f"  {name}: {text}")
        elif value not in ("", None):
            print(f"  {name}:")
            for line in text.splitlines():
                print(fill(line, width, initial_indent=INDENT, subsequent_indent=INDENT))


def _print(rows: Sequence[Row]) -> None:
    from rich.table import Table

    from whenabouts.cli.console import Console

    console, table = Console(), Table(box=None, header_style="bold", pad_edge=False)
    columns = COLUMNS if console.width >= WIDE else NARROW
    for column in columns:
        table.add_column(translate(column), overflow="fold", no_wrap=column == "name")
    for row in rows:
        table.add_row(*(translate(str(row[column])) for column in columns))
    console.print(table)


def _headline(figures: Sequence[Row]) -> str:
    """The first figure, and how many there are."""
    if not figures:
        return ""
    first = figures[0]
    scores = first["scores"]
    name = "R1@0.5" if "R1@0.5" in scores else next(iter(scores))
    sure = "" if first["confirmed"] == "yes" and not first["quoted"] else ", not confirmed"
    return f"{name} {scores[name]:g} ({first['benchmark']}, {first['setting']}{sure}); {len(figures)} in all"


def _row(name: str, kind: str, status: str, needs: str, licence: str = "Apache-2.0") -> Row:
    return dict(zip(COLUMNS, (name, kind, status, needs, [], licence), strict=True))


def _methods() -> Iterator[Row]:
    from whenabouts.grounders import GROUNDERS, NAMED_BY_MODEL, required_settings

    for name in GROUNDERS.usable():
        if name == STREAM:  # its models have rows of their own
            continue
        if name in NAMED_BY_MODEL:
            folder = NAMED_BY_MODEL[name] == "FOLDER"
            needs = "the folder of its published files" if folder else "a model inside it"
            yield _row(f"{name}:{NAMED_BY_MODEL[name]}", "method", "needs model", needs)
            continue
        with suppress(MissingExtra):  # without torch: what lacks it needs a checkpoint too, and those rows are below
            if not required_settings(name):
                yield _row(name, "method", *RUNS)


def _online() -> Iterator[Row]:
    from whenabouts.grounders.stream import ONLINE

    for name in ONLINE:
        needed = True  # without torch: what lacks it needs a model too
        with suppress(MissingExtra):
            model = signature(ONLINE.named(name)).parameters.get("model")
            needed = model is not None and model.default is Parameter.empty
        inside = f"{STREAM}:{name}:MODEL" if needed else f"{STREAM}:{name}"
        yield _row(inside, "online method", *(("needs model", "a model inside it") if needed else RUNS))


def _heads() -> Iterator[Row]:
    from whenabouts.grounders.learned import HEADS

    needs = "extra train; a checkpoint of `whenabouts train`, or an official one"
    for name in HEADS:
        yield _row(name, "trained head", "needs checkpoint", needs, "Apache-2.0; official checkpoints have their own")


def _papers() -> Iterator[Row]:
    from whenabouts.auditing.contamination import trained_on
    from whenabouts.grounders.llm.papers import PAPERS

    for paper in PAPERS.values():
        trained = [asdict(one) for one in trained_on(paper.title)]
        yield paper.facts() | {"kind": "video-language model", "trained": trained}
