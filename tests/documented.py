"""Reads the code blocks of a page and runs them, so that the documentation cannot promise what does not work.

Blocks of `python`, `sh` or `console` run in a folder with a small video and its annotations, in the order of the page.
One that cannot run says why above itself, `<!-- not run: needs a GPU -->`; the names and options in it are checked all
the same. Blocks of `json` and `toml` are parsed, and `text` is only to be looked at. In a `console` block, what stands
below a command is what it prints, up to white space and a tenth of every number; an ellipsis stands for anything. Tests
that a block of `python` defines are run.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import typer
from photographs import photographs

from whenabouts.cli.app import app
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.video.compose import Line, Still, compose

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = re.compile(r"<!-- not run: (.+) -->\s*\Z")
INDENTED = re.compile(r"(?:\A|\n\n) {4}\S")
NUMBER = r"\d+(?:\.\d+)?"


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: `line` is that of its first line of code, `not_run` why it is not executed."""

    page: Path
    line: int
    language: str
    code: str
    not_run: str | None

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def prepare(folder: Path) -> Path:
    """Make a folder with what the pages speak of: a video with subtitles, annotations, predictions, answers."""
    for name in ("videos", "annotations"):
        (folder / name).mkdir(parents=True)
    pictures = photographs(360)
    shots = [Still(pictures[name], 4.0) for name in ("flower", "coffee", "rocket")]
    spoken = [Line(0.5, 3.0, "Good evening, and thank you all for coming."), Line(8.5, 11.0, "We have lift-off.")]
    compose(folder / "talk.mp4", shots, lines=spoken, size=(320, 180), rate=10)
    shutil.copy(folder / "talk.mp4", folder / "videos")
    answer = Prediction("a cup of coffee", (Moment(4.0, 7.0, 0.9),), 12.0, presence=0.9, video="talk.mp4")
    (folder / "answers.json").write_text(json.dumps([answer.to_dict()]))
    truth: dict[str, Any] = {
        "qid": 1,
        "query": answer.query,
        "vid": "talk",
        "duration": 12,
        "relevant_windows": [[4, 8]],
    }
    truth |= {"relevant_clip_ids": [2, 3], "saliency_scores": [[4, 4, 4], [4, 4, 3]]}
    for file in ("mine.jsonl", "annotations/highlight_train_release.jsonl", "annotations/highlight_val_release.jsonl"):
        (folder / file).write_text(json.dumps(truth) + "\n")
    row = answer.to_qvhighlights(1, "talk") | {"pred_saliency_scores": [0.1, 0.1, 0.9, 0.8, 0.1, 0.1]}
    (folder / "predictions.jsonl").write_text(json.dumps(row) + "\n")
    return folder


def blocks(page: Path) -> list[Block]:
    """All blocks of a page, in order. Code that is only indented could not say its language, so there is none."""
    text = page.read_text("utf-8")
    assert not INDENTED.search(FENCE.sub("", text)), f"{page.name} has indented code; use ```python or ```sh"
    found = []
    for match in FENCE.finditer(text):
        excuse = NOT_RUN.search(text[: match.start()])
        line = text.count("\n", 0, match.start()) + 2
        found.append(Block(page, line, match[1], match[2], excuse[1] if excuse else None))
    return found


def check(block: Block) -> None:
    """Assert that data can be parsed, that names can be imported and that options exist, without running anything."""
    match block.language:
        case "python":
            _check_names(block)
        case "sh" | "console":
            for _, command in _commands(block):
                for words in _invocations(command):
                    _check_options(block, words)
        case "json":
            for line in [block.code] if block.code.startswith(("{\n", "[\n")) else block.code.splitlines():
                json.loads(line)
        case "toml":
            tomllib.loads(block.code)
        case language:
            assert language == "text", f"{block} is neither python, sh, console, json, toml nor text"


def run(block: Block, folder: Path, namespace: dict[str, Any]) -> None:
    """Run a block in a folder; python shares `namespace` with the blocks before it. Skips where an extra is missing."""
    if block.not_run or block.language not in {"python", "sh", "console"}:
        return
    if block.language == "python":
        code = compile("\n" * (block.line - 1) + block.code, str(block.page), "exec")
        exec(code, namespace)
        for name in re.findall(r"^def (test_\w+)\(\)", block.code, re.MULTILINE):
            namespace[name]()
        return
    prompted = block.language == "console"
    for wanted, command in _commands(block):
        done = subprocess.run(
            ["sh", "-e", "-c", command],
            cwd=folder,
            env=_environment(folder),
            capture_output=True,
            text=True,
            check=False,
        )
        if "needs an extra" in done.stderr:
            pytest.skip(done.stderr.strip())
        assert done.returncode == 0, f"{block}: {command}\n{done.stdout}{done.stderr}"
        if prompted:
            assert _agree(wanted, done.stdout), f"{block}: {command}\nprints\n{done.stdout}\nand not\n{wanted}"


def _commands(block: Block) -> Iterator[tuple[str, str]]:
    """What is expected to be printed, and the command: all of a `sh` block at once, or what follows each `$`."""
    if block.language == "sh":
        yield "", block.code
        return
    for part in re.split(r"^\$ ", block.code, flags=re.MULTILINE)[1:]:
        command, _, printed = part.replace("\\\n", " ").partition("\n")
        yield printed, command


def _agree(wanted: str, printed: str) -> bool:
    """Whether a command prints what a page shows."""
    pieces = re.split(f"({NUMBER})", " ".join(wanted.split()))  # text, number, text, …
    text = [re.escape(piece).replace("\\ ", r"\s*").replace("…", ".*") for piece in pieces[::2]]
    found = re.fullmatch(rf"\s*{f'({NUMBER})'.join(text)}\s*", printed, re.DOTALL)
    return found is not None and [*map(float, found.groups())] == pytest.approx([*map(float, pieces[1::2])], rel=0.1)


def _environment(folder: Path) -> dict[str, str]:
    """The environment with a `whenabouts` on its path that is the package under test."""
    program = folder.parent / "bin" / "whenabouts"
    if not program.exists():
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m whenabouts "$@"\n')
        program.chmod(0o755)
    search = [str(program.parent), str(Path(sys.executable).parent), os.environ["PATH"]]
    return os.environ | {"PATH": os.pathsep.join(search), "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "120"}


def _invocations(script: str) -> Iterator[list[str]]:
    """The words after each `whenabouts` of a shell script, up to the end of that command."""
    plain = re.sub(r"(^|\s)#.*", r"\1", script.replace("\\\n", " "), flags=re.MULTILINE)
    lexer = shlex.shlex(plain, posix=True, punctuation_chars="|&;<>\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t", True, ""
    for ends, words in groupby(lexer, lambda word: not word.strip("|&;<>\n")):
        command = list(words)
        if "whenabouts" in command and not ends:
            yield command[len(command) - command[::-1].index("whenabouts") :]


def _check_options(block: Block, words: list[str]) -> None:
    """Every option of a line must be one of the command that the line names."""
    command: Any = typer.main.get_command(app)
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        assert words[0] in command.commands, f"{block}: there is no command {words[0]!r}"
        command, words = command.commands[words[0]], words[1:]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    for word in words:
        option = word.partition("=")[0]
        assert not option.startswith("--") or option in known | {"--help"}, f"{block}: no option {option}"


def _check_names(block: Block) -> None:
    """Python must compile, and what it imports from this package must be there."""
    for node in ast.walk(ast.parse(block.code, str(block.page))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "whenabouts":
            module = import_module(str(node.module))
            for name in node.names:
                there = hasattr(module, name.name) or find_spec(f"{node.module}.{name.name}")
                assert there, f"{block}: {node.module} has no {name.name}"
