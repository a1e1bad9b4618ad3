"""A new paper is one file: here one of another package, which every list of papers then shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PAPER = '''
"""A paper that answers in tenths of a minute."""

import re

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.recipe import GRPO, Selection
from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.rewards.compose import Term
from whenabouts.rewards.parse import Parser

QUESTION = "When, in tenths of a minute, is there {}?"


def shout(query):
    return query.upper()


def read(text):
    return [[6 * float(t) for t in pair] for pair in re.findall(r"(\\d+)~(\\d+)", text)]


def starts_right(completion, target):
    """Whether the start is the true one."""
    found = read(completion)
    return float(bool(found) and bool(target.windows) and found[0][0] == target.windows[0][0])


TENTHS = Paper(
    name="tenths",
    title="Tenths",
    prompting=Prompting(question=QUESTION, clean_query=shout),
    sampling=Sampling(fps=1.0, max_frames=8),
    parsers=(Parser("tenths", read),),
    rewards={"starts-right": starts_right},
    recipes=(
        GRPO(
            name="tenths",
            arxiv="0000.00000",
            prompt=QUESTION,
            clean_query=shout,
            answer="{}",
            frames=8,
            visual_tokens=512,
            learning_rate=1e-6,
            batch=8,
            terms=(Term("starts-right", starts_right),),
            selection=Selection(easiest=0.5, centre=0.2),
        ),
    ),
    licence="MIT",
    checkpoints=("nobody/Tenths-1B",),
)
'''


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process where a package with one paper is installed."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "tenths_paper.py").write_text(PAPER)
    about = folder / "tenths_paper-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tenths-paper\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[whenabouts.papers]\ntenths = tenths_paper:TENTHS\n")
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}


def run(installed: dict[str, str], *words: str, given: str = "") -> str:
    command = [sys.executable, *words]
    done = subprocess.run(command, env=installed, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_models_parse_and_post_train_show_it(installed: dict[str, str]) -> None:
    whenabouts = ("-m", "whenabouts")
    rows = {row["name"]: row for row in json.loads(run(installed, *whenabouts, "models", "--json"))}
    assert rows["tenths"]["prompting"]["question"].startswith("When, in tenths")
    assert (rows["tenths"]["recipes"], rows["tenths"]["status"]) == (["tenths"], "needs checkpoint")
    assert json.loads(run(installed, *whenabouts, "parse", "-p", "tenths", given="at 2~3\n")) == [[12.0, 18.0]]
    assert "tenths" in run(installed, *whenabouts, "parse", "--list").splitlines()
    assert "tenths          GRPO  arXiv:0000.00000" in run(installed, *whenabouts, "post-train", "--list")


def test_its_rewards_recipes_and_prompt_are_found_by_name(installed: dict[str, str], tmp_path: Path) -> None:
    program = f"""
import json
from pathlib import Path
from whenabouts.grounders.llm.grounder import VideoLLM
from whenabouts.grounders.llm.papers import RECIPES, REWARDS
from whenabouts.grounders.llm.recognition import paper_for, paper_of_run
from whenabouts.rewards.target import Target

assert REWARDS.named("starts-right")("2~9", Target(((12.0, 18.0),), 60.0)) == 1.0
assert paper_for("nobody/tenths-1b-awq").name == VideoLLM("tenths").paper.name == "tenths"
folder = Path({str(tmp_path)!r})
(folder / "receipt.json").write_text(json.dumps({{"recipe": RECIPES.named("tenths").facts()}}))
[turn] = paper_of_run(folder).prompting.conversation("a dog", [0.0])
print(turn.parts[-1])
"""
    assert run(installed, "-c", program) == "When, in tenths of a minute, is there A DOG?\n"


def test_a_run_of_a_paper_that_is_not_installed_is_not_asked_wrongly(installed: dict[str, str], tmp_path: Path) -> None:
    from whenabouts.errors import ModelError
    from whenabouts.grounders.llm.recognition import paper_of_run

    program = "import json, tenths_paper; print(json.dumps({'recipe': tenths_paper.TENTHS.recipes[0].facts()}))"
    (tmp_path / "receipt.json").write_text(run(installed, "-c", program))
    with pytest.raises(ModelError, match=r"receipt.json: the recipe does not say how .*KeyError: 'shout'"):
        paper_of_run(tmp_path)
