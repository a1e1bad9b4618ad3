"""`Find`: bad values are one sentence, long videos are searched first, and weights are read once."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from media import make_video

import whenabouts
from whenabouts.commands import Find
from whenabouts.commands.grounding import LONG
from whenabouts.errors import InputError, ModelError, QueryError
from whenabouts.grounders.grounder import Grounder
from whenabouts.grounders.llm.grounder import VideoLLM
from whenabouts.grounders.search.regions import Whole
from whenabouts.grounders.search.retrieve_then_ground import RetrieveThenGround
from whenabouts.grounders.similarity import Similarity
from whenabouts.grounders.warm import WarmGrounders
from whenabouts.video import Video


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"queries": ["a cat", "\t"]}, "a query is empty; say in a few words what to look for"),
        (
            {"evidence": ["\ud800"]},
            "evidence.0: unknown evidence kind '\\ud800'; choose from: seen, said, written, signal, heard",
        ),
        ({"queries": []}, "no query given; say in a few words what to look for"),
        ({"queries": ["a" * 2001]}, "queries.0: string should have at most 2000 characters"),
        ({"queries": ["a"], "top": 0}, "top: input should be greater than or equal to 1"),
        ({"queries": ["a"], "long": "short"}, "long: input should be 'windows', 'coarse-to-fine' or 'shortlist'"),
    ],
)
def test_bad_values_are_one_sentence(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(QueryError) as error:
        Find.of(**fields)
    assert str(error.value) == sentence


def test_an_unknown_option_is_named_with_those_there_are() -> None:
    with pytest.raises(QueryError, match=r"^unknown option paht; choose from: model, top, .*queries, brief$"):
        Find.of(queries=["a"], paht="x")


def grounder(duration: float, **options: Any) -> Grounder:
    with ExitStack() as stack:
        return stack.enter_context(Find(queries=["a cat"], **options).grounder(duration, warm=WarmGrounders()))


COSTLY = "openai:http://localhost:1#x"


def test_long_videos_are_searched_first_by_models_whose_look_is_costly() -> None:
    assert isinstance(grounder(LONG - 1, model=COSTLY), VideoLLM)
    assert isinstance(grounder(LONG, model=COSTLY), RetrieveThenGround)
    assert isinstance(grounder(LONG, model=COSTLY, search=False), VideoLLM)
    assert isinstance(grounder(LONG), Similarity), "a cheap look has everything"
    assert isinstance(grounder(LONG, fps=30.0), RetrieveThenGround), "the same look, so often that it is costly"


@pytest.mark.parametrize(
    ("head", "options", "searched"),
    [
        ("qd-detr", {}, False),  # in windows of 75 clips
        ("qd-detr", {"longest": None}, True),  # learned from whole videos, none of them so long
        ("2d-tan", {}, True),  # the whole video as so many clips, however long
        ("actionformer", {"classes": ("a cat",)}, False),  # looks around each clip
    ],
)
def test_a_head_over_cheap_features_looks_everywhere_where_it_can(
    head: str, options: dict[str, Any], searched: bool, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    from whenabouts.grounders.learned import HEADS
    from whenabouts.grounders.learned.checkpoint import save_head

    made = HEADS[head].sized(1436, 384, small=True, **options)
    save_head(made, tmp_path / "head.pt", {"encoder": "builtin", "clip_seconds": 2.0})
    chosen = grounder(LONG, model=str(tmp_path / "head.pt"))
    assert isinstance(chosen, RetrieveThenGround) == searched


def test_a_command_says_whether_to_search() -> None:
    assert isinstance(grounder(1.0, search=True), RetrieveThenGround)
    assert isinstance(grounder(1.0, budget="3s"), RetrieveThenGround)
    assert isinstance(grounder(LONG, fps=30.0, evidence=("said",)), Similarity), "only pictures are searched"


def test_what_is_verified_is_found_by_a_cheap_look_everywhere_and_else_on_a_shortlist() -> None:
    everywhere, inside = grounder(LONG, verify=COSTLY), grounder(LONG, verify=COSTLY, model=COSTLY)
    assert isinstance(everywhere, RetrieveThenGround) and isinstance(everywhere.retriever, Whole)
    for chosen in (inside, grounder(LONG, verify=COSTLY, search=True), grounder(LONG, model="search")):
        assert isinstance(chosen, RetrieveThenGround) and chosen.retriever is None


def test_a_search_divides_the_options_between_itself_and_the_model_inside() -> None:
    search = grounder(1.0, budget="3s", top=2, encoder="builtin", fps=1.0, evidence=("seen", "said"))
    assert isinstance(search, RetrieveThenGround)
    inner = search.grounder
    assert isinstance(inner, Similarity)
    assert (inner.top, inner.encoder, inner.fps, inner.evidence) == (2, "builtin", 1.0, ("seen",))
    assert (search.top, search.encoder, search.evidence) == (2, inner.frame_encoder, ("seen", "said"))


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"budget": "soon"}, InputError, "a budget is 30s"),
        ({"budget": ""}, InputError, "a budget is 30s"),
        ({"samples": 3}, ModelError, "the model similarity has no setting samples; leave it out"),
        ({"budget": "3s", "search": False}, ModelError, "the model similarity has no setting budget; leave it out"),
        ({"verify": "openai:http://localhost:1#x", "search": False}, ModelError, "leave verify out"),
        ({"verify": "similarity"}, ModelError, "similarity is not a video-language model, so it cannot verify"),
        ({"model": "crystal-ball"}, ModelError, "unknown model 'crystal-ball'; choose one of: similarity, "),
        ({"model": "qd-detr"}, ModelError, "qd-detr is a head that needs a checkpoint: .*whenabouts train qd-detr"),
        ({"model": "learned"}, ModelError, "the model learned needs a checkpoint; "),
        ({"model": "best.pt", "reader": "hub:x"}, ModelError, "the model best.pt has no setting reader; leave it out"),
    ],
)
def test_what_a_model_does_not_have_is_refused(options: dict[str, Any], error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        grounder(1.0, **options)


def test_a_brief_answer_has_neither_curve_nor_steps(tmp_path: Path) -> None:
    make_video(tmp_path / "video.mp4", fps=10, seconds=2)
    with Video(tmp_path / "video.mp4") as video:
        options: dict[str, Any] = {"queries": ["a cat"], "evidence": ("seen",), "search": True}
        [whole], [brief] = (Find(**options, brief=brief).run(video) for brief in (False, True))
    assert whole.trace and brief.trace == () and brief.saliency is None
    assert brief.moments == whole.moments and brief.receipt == whole.receipt


def test_one_kind_of_evidence_is_a_string_and_a_model_may_be_a_path(tmp_path: Path) -> None:
    command = Find.of(queries="a dog", evidence="said", model=tmp_path / "best.pt")
    assert (command.evidence, command.model) == (("said",), str(tmp_path / "best.pt"))


@pytest.mark.parametrize("queries", [None, 5, [5], ["a dog", None]])
def test_queries_that_are_not_text_are_refused_in_a_sentence(queries: Any) -> None:
    with pytest.raises(QueryError, match=r"must be text|valid list|valid string"):
        whenabouts.find("nowhere.mp4", queries)
