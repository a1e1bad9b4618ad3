"""`whenabouts parse`: the intervals in model answers, as one parser reads them."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from whenabouts.errors import InputError


def parse(
    parser: Annotated[
        str, typer.Option("--parser", "-p", help="Our own parser, or a paper's or evaluator's (see --list).")
    ] = "whenabouts",
    explain: Annotated[
        bool, typer.Option(help="Also print absence, and what was repaired or left out (our own parser).")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the parsers and stop.")] = False,
) -> None:
    """Read answers on standard input and print their intervals in seconds as JSON, one line per answer.

    An answer is a line. One with line breaks inside comes as a JSON string, or in an object under text, answer,
    response, output, output_text, prediction, pred or generated_cap; a JSON list of these may fill the whole input.
    """
    from whenabouts.grounders.llm.papers import PARSERS
    from whenabouts.rewards.parse import OWN, read

    if listed:
        typer.echo("\n".join(PARSERS))
        return
    chosen = PARSERS.named(parser)
    if explain and parser != OWN.name:
        raise InputError(f"only the parser {OWN.name!r} can explain itself; leave out --explain or --parser")
    for text in answers(sys.stdin.buffer.read()):
        if explain:
            answer = read(text)
            row: Any = {"windows": answer.windows, "absent": answer.absent, "notes": answer.notes}
        else:
            row = chosen.official(text)
        typer.echo(json.dumps(row, ensure_ascii=False))


def answers(data: bytes) -> list[str]:
    """The answers in a stream: JSON strings or objects with a text field, a list of these, or plain lines."""
    from whenabouts.rewards.parse import text_of

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"standard input: byte {error.start + 1} is not UTF-8; convert the answers first") from None
    whole = _json(text)
    if isinstance(whole, list) and whole and all(text_of(item) is not None for item in whole):
        return [text_of(item) or "" for item in whole]
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    decoded = [(line.removesuffix("\r"), text_of(_json(line))) for line in lines]
    return [line if answer is None else answer for line, answer in decoded]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
