"""A checkpoint in the published layout gives what the official code gives on the same files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")
from safetensors.torch import load_file, save_file
from tiny_videomind import tiny_videomind

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.systems.videomind.folder import Folder
from whenabouts.grounders.llm.systems.videomind.mind import Mind
from whenabouts.grounders.llm.systems.videomind.prompts import GROUNDER, PLANNER, VERIFIER
from whenabouts.grounders.llm.systems.videomind.question import Question

# yeliudev/VideoMind eval/infer_auto.py on the files of tiny_videomind, transformers 4.45.2, peft 0.14.0, float32.
TOKENS = {
    "planner": [16, 7, 16, 92, 176, 226, 211, 157, 242, 226, 10, 273, 176, 78, 157, 284, 176, 226, 176, 78],
    "grounder": [206, 25, 205, 213, 226, 157, 37, 37, 234, 234, 234, 37, 76, 227, 29, 213, 226, 270, 267, 23],
    "answerer": [3, 64, 91, 20, 111, 48, 145, 9, 227, 51, 108, 183, 183, 205, 92, 293, 273, 16, 145, 306],
}
READ = {"planner": 1136, "grounder": 627, "answerer": 136}  # tokens of the question with its 10 × 6 of video
SPANS = [
    [-0.00274, 0.15007, 0.78564],
    [0.59945, 0.62712, 0.7192],
    [0.49958, 0.54488, 0.68063],
    [0.3994, 0.43935, 0.65178],
    [0.29936, 0.38954, 0.64634],
    [0.09974, 0.192, 0.64584],
]
SUMS = [6.6201934814453125, 7.750430583953857, 9.130891799926758]  # of starts, ends and scores of all 18
LIKELY = {  # marks: P(Yes), P(No)
    (2, 8): (7.4320983003417496e-06, 0.00033323842217214406),
    (0, 5): (0.00033510211505927145, 0.00010348838986828923),
    (3, 10): (9.042581041285302e-06, 0.0003458913997747004),
    (4, 4): (8.694861207914073e-06, 0.00043748540338128805),
}
PICTURES = np.random.default_rng(7).integers(0, 256, (20, 56, 84, 3), dtype=np.uint8)
FRAMES = Frames(tuple(float(i) for i in range(20)), tuple(PICTURES), 1.0)
ASKED = {
    "planner": PLANNER.prompt.format("Why does it rain?"),
    "grounder": GROUNDER.prompt.format("a dog barks"),
    "answerer": "Why does it rain?",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_videomind(tmp_path_factory.mktemp("zoo"))


@pytest.fixture(scope="module")
def mind(folder: Path) -> Mind:
    return Mind.load(Folder.of(folder), "cpu")


@pytest.mark.parametrize("role", TOKENS)
def test_every_role_writes_what_the_official_code_writes(mind: Mind, role: str) -> None:
    question = Question.of(ASKED[role], FRAMES, mind.processor)
    assert len(question.ids) == READ[role]
    with mind.playing(role):
        tokens, _ = mind.written(question, longest=20)
    assert tokens == TOKENS[role]


def test_spans_are_the_official_ones(mind: Mind) -> None:
    with mind.playing("grounder"):
        spans, said = mind.ground(ASKED["grounder"], FRAMES)
    assert spans is not None and "<|reg|>" in said and len(spans) == 18
    assert spans[:6].tolist() == [pytest.approx(row, abs=1e-5) for row in SPANS]
    assert spans.sum(0).tolist() == pytest.approx(SUMS, abs=5e-5)


def test_the_verifier_is_as_sure_as_the_official_one(mind: Mind) -> None:
    with mind.playing("verifier"):
        likely = {marks: mind.agrees(VERIFIER.prompt.format("a dog barks"), FRAMES, marks) for marks in LIKELY}
    assert {marks: pytest.approx(said, rel=1e-4) for marks, said in LIKELY.items()} == likely


def test_roles_leave_nothing_behind(mind: Mind) -> None:
    with mind.playing("grounder"):
        first = mind.say(ASKED["answerer"], FRAMES)
    with mind.playing("answerer"):  # has no adapter: the base model
        plain = mind.say(ASKED["answerer"], FRAMES)
    with mind.playing("grounder"):
        again = mind.say(ASKED["answerer"], FRAMES)
    assert first == again != plain


def test_a_part_that_is_missing_is_named(tmp_path: Path) -> None:
    folder = tiny_videomind(tmp_path, roles=("grounder",))
    assert set(Folder.of(folder).adapters) == {"grounder"}
    base = folder.parent / "Qwen2-VL-2B-Instruct"
    base.rename(folder / base.name)
    assert Folder.of(folder).base == folder / base.name
    (folder / base.name).rename(tmp_path / "elsewhere")
    with pytest.raises(ModelError, match=f"needs its base model Qwen/{base.name}.*put that folder at {base}$"):
        Folder.of(folder)
    (folder / "pytorch_model.safetensors").rename(tmp_path / "head")
    with pytest.raises(ModelError, match=r"pytorch_model.safetensors is missing"):
        Folder.of(folder)
    with pytest.raises(ModelError, match=r"grounder/adapter_model.safetensors is missing"):
        Folder.of(tmp_path / "elsewhere")


def test_files_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    folder = tiny_videomind(tmp_path, roles=("grounder", "planner"))
    found, planner = Folder.of(folder), folder / "planner" / "adapter_model.safetensors"
    whole = load_file(planner)
    name, tensor = whole.popitem()
    for state, said in ((whole, "it lacks"), (whole | {name: tensor, f"{name}.more": tensor + 0}, "it has")):
        save_file(state, planner)
        with pytest.raises(ModelError, match=rf"planner is not an adapter of .*: {said} base_model"):
            Mind.load(found, "cpu")
    planner.write_bytes(b"broken")
    with pytest.raises(ModelError, match=r"planner/adapter_model.safetensors cannot be read"):
        Mind.load(found, "cpu")
    (folder / "grounder" / "adapter_model.safetensors").rename(folder / "pytorch_model.safetensors")
    with pytest.raises(ModelError, match=r"does not hold VideoMind's head"):
        Mind.load(found, "cpu")
    (folder / "grounder" / "adapter_model.safetensors").write_bytes(b"")
    (folder / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"config.json does not say which base model"):
        Folder.of(folder)
