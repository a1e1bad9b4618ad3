"""Chosen frames are told under their true times, whoever chooses them and whatever is asked.

Every picture of the videos shows its own number, so the truth is read back from what is sent.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from inspect import Parameter, signature
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

pytest.importorskip("httpx", reason="the extra llm is not installed")
Image = pytest.importorskip("PIL.Image", reason="the extra llm is not installed")

from chat_server import chat_server, refused  # noqa: E402
from media import even_times, make_video, read_number  # noqa: E402

from whenabouts import find, load  # noqa: E402
from whenabouts.errors import ModelError, WhenaboutsError  # noqa: E402
from whenabouts.grounders.llm.choosing import chosen  # noqa: E402
from whenabouts.grounders.llm.engines.openai import OpenAIEngine  # noqa: E402
from whenabouts.grounders.llm.grounder import VideoLLM  # noqa: E402
from whenabouts.grounders.llm.papers import PAPERS  # noqa: E402
from whenabouts.selection import SELECTORS, Selection  # noqa: E402
from whenabouts.video import Video  # noqa: E402
from whenabouts.video.frame import Frame  # noqa: E402
from whenabouts.video.in_memory import InMemoryVideo  # noqa: E402
from whenabouts.video.part import Part  # noqa: E402

Truth = tuple[Path, list[float]]
ROUNDED = 0.051  # seconds: times are written to a tenth
WORDED = [name for name, p in PAPERS.items() if p.status in {"prompt", "served"} and p.prompting.stamps != "even"]
LOADED = [
    name
    for name in SELECTORS.own
    if all(each.default is not Parameter.empty for each in signature(SELECTORS[name]).parameters.values())
]


@dataclass
class Crowded:
    """Chooses two pictures side by side, one much later, and then others side by side, by the words of the query."""

    name: ClassVar[str] = "crowded"
    looks: bool = True
    asked: list[tuple[str, int]] = field(default_factory=list)

    def select(self, video: Video, query: str, budget: int) -> Selection:
        self.asked.append((query, budget))
        numbers = [0, 1, len(video.times) - 8, *range(len(video.times) // 2, len(video.times) // 2 + budget)]
        shift = len(query) % 3 if self.looks else 0
        numbers = sorted({min(n + shift, len(video.times) - 1) for n in numbers[:budget]})
        times = tuple(float(video.times[n]) for n in numbers)
        scores = tuple(1.0 for _ in times) if self.looks else ()
        return Selection(self.name, query, times, scores, 7, {"scorer": "ab" * 32}, {"rule": 1}, ("one note",))


@pytest.fixture(scope="module", params=["25", "uneven", "late"])
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Truth:
    """A video and the time in seconds of each of its pictures."""
    path, offset = tmp_path_factory.mktemp("chosen") / "video.mp4", 0.0
    if request.param == "uneven":
        times = [Fraction(k, 30) for k in range(90)] + [Fraction(k) for k in range(3, 16)]
        make_video(path, times=times)
    elif request.param == "late":  # the sound begins at 0 s, the picture at 3 s
        times, offset = even_times(25, 9.0), 3.0
        make_video(path, times=times, offset=offset, audio=(0.0, 12.0))
    else:
        times = even_times(25, 12.0)
        make_video(path, times=times)
    return path, [float(time) + offset for time in times]


def pieces(request: dict[str, Any]) -> Iterator[str | int]:
    """Words, and the numbers that pictures show, in the order in which a server gets them."""
    for message in request["messages"]:
        content = message["content"]
        for part in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            if part["type"] == "text":
                yield part["text"]
            else:
                data = part["image_url"]["url"].removeprefix("data:image/jpeg;base64,")
                yield read_number(np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))))


def told_and_true(request: dict[str, Any], truth: list[float]) -> tuple[list[float], list[float]]:
    """For each picture the time in the words right before it, and when it was on show."""
    told, true, before = [], [], ""
    for piece in pieces(request):
        if isinstance(piece, str):
            before = piece
        else:
            found = re.search(r"(\d+\.\d+)\D*$", before)
            assert found, f"no time before a picture, but {before!r}"
            told.append(float(found[1]))
            true.append(truth[piece])
            before = ""
    return told, true


@pytest.mark.parametrize("name", WORDED)
def test_a_server_gets_each_chosen_picture_after_its_true_time(film: Truth, name: str) -> None:
    path, truth = film
    with chat_server(lambda request, number: "1.0 to 2.0") as (address, got), Video(path) as video:
        grounder = VideoLLM(OpenAIEngine(address, "x"), prompting=name, frames=8, select=Crowded())
        [prediction] = grounder.ground(video, ["it"])
    told, true = told_and_true(got[0], truth)
    assert told == pytest.approx(true, abs=ROUNDED + 0.05 * (name == "unitime")) and len(set(true)) == len(true) > 2
    assert prediction.best is not None and "one note" in prediction.notes
    assert prediction.receipt is not None
    assert prediction.receipt.settings["select"] == {"selector": "crowded", "rule": 1, "looked": 7}
    assert prediction.receipt.settings["frames"] == len(true) and prediction.receipt.settings["stamps"] == "frames"
    assert prediction.receipt.models["scorer"] == "ab" * 32


@pytest.mark.parametrize("select", LOADED)
def test_times_are_true_under_every_selector(film: Truth, select: str) -> None:
    path, truth = film
    with chat_server(lambda request, number: "1.0 to 2.0") as (address, got), Video(path) as video:
        grounder = VideoLLM(OpenAIEngine(address, "x"), prompting="qwen3-vl", frames=6, select=select, cache=False)
        [prediction] = grounder.ground(video, ["white bars"])
        with_stretch = VideoLLM(OpenAIEngine(address, "x"), prompting="unitime", frames=6, select=select, cache=False)
        with_stretch.ground(Part(video, 4.2, 10.0), ["white bars"])
    told, true = told_and_true(got[0], truth)
    assert told == pytest.approx(true, abs=ROUNDED) and 0 < len(true) <= 6
    told, true = told_and_true(got[1], truth)
    assert told == pytest.approx([max(0.0, t - 4.2) for t in true], abs=ROUNDED + 0.05) and 0 < len(true) <= 6
    assert prediction.receipt is not None and prediction.receipt.settings["select"]["selector"] == select


@pytest.mark.parametrize("kind", ["qwen2_vl", "qwen2_5_vl", "qwen3_vl", "llava"])
@pytest.mark.parametrize("name", ["qwen2-vl", "qwen2.5-vl", "qwen3-vl", "timelens-7b", "unitime"])
def test_a_model_on_this_machine_merges_no_two_chosen_pictures(film: Truth, kind: str, name: str) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("transformers", reason="the extra hub is not installed")
    from tiny_qwen import tiny_qwen

    from whenabouts.grounders.llm.engines.transformers import TransformersEngine
    from whenabouts.training.post.tiny.models import tiny_model

    network, processor = tiny_model() if kind == "llava" else tiny_qwen(kind)
    end = torch.tensor([processor.tokenizer.eos_token_id])
    network.lm_head.register_forward_hook(lambda _, args, out: out.index_fill(-1, end, 1e4))  # says nothing
    given: list[dict[str, Any]] = []
    network.register_forward_pre_hook(lambda _, args, named: given.append(named), with_kwargs=True)
    engine, selector = TransformersEngine.holding(network, processor), Crowded()
    with Video(film[0]) as video:
        [prediction] = VideoLLM(engine, prompting=name, frames=8, select=selector).ground(video, ["it"])
        paired = kind != "llava"
        planned = 4 if paired else 8
        assert selector.asked == [("it", planned)]
        assert any("counts as two frames" in note for note in prediction.notes) == paired
        selection = Crowded().select(video, "it", planned)
    text = processor.tokenizer.decode(given[0]["input_ids"][0])
    before = r"<\|vision_start\|>(?=<\|image_pad\|>)" if kind != "llava" else r"<(?:\|image\||image)>"
    told = [float(time) for time in re.findall(rf"(\d+\.\d+)[^\d<]*(?:>)?\s*{before}", text)]
    assert told == pytest.approx(selection.times, abs=ROUNDED + 0.05 * (name == "unitime"))
    if kind != "llava":
        assert "video_grid_thw" not in given[0]
        assert given[0]["image_grid_thw"][:, 0].tolist() == [1] * len(selection.times)


def test_each_query_is_shown_its_own_frames_and_a_blind_selector_is_asked_once(film: Truth) -> None:
    path, _ = film
    with chat_server(lambda request, number: "1.0 to 2.0") as (address, got), Video(path) as video:
        engine = OpenAIEngine(address, "x", parallel=1)
        looking, blind = Crowded(), Crowded(looks=False)
        found = VideoLLM(engine, frames=8, select=looking).ground(video, ["it", "them", "all"])
        VideoLLM(engine, frames=8, select=blind).ground(video, ["it", "them", "all"])
    assert [each.query for each in found] == ["it", "them", "all"] and all(each.moments for each in found)
    shown = [[piece for piece in pieces(request) if isinstance(piece, int)] for request in got]
    assert shown[0] != shown[1] != shown[2] and shown[3] == shown[4] == shown[5]
    assert [query for query, _ in looking.asked] == ["it", "them", "all"] and [q for q, _ in blind.asked] == ["it"]
    for query, request in zip(["it", "them", "all"], got, strict=False):
        assert query in [piece for piece in pieces(request) if isinstance(piece, str)][-1]


def test_long_videos_are_chosen_from_stretch_by_stretch(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    truth = [float(t) for t in make_video(path, times=[Fraction(k, 2) for k in range(520)], size=(72, 48))]
    with chat_server(lambda request, number: "1.0 to 2.0") as (address, got), Video(path) as video:
        engine, selector = OpenAIEngine(address, "x", parallel=1), Crowded()
        VideoLLM(engine, prompting="unitime", long="windows", frames=6, select=selector).ground(video, ["it"])
    assert len(got) == len(selector.asked) > 2
    for request in got:
        told, true = told_and_true(request, truth)
        assert told == pytest.approx(true, abs=ROUNDED + 0.05)  # UniTime is told times on the clock of the whole


def test_a_server_that_takes_fewer_frames_has_fewer_chosen(film: Truth) -> None:
    path, truth = film

    def few(request: dict[str, Any], number: int) -> Any:
        count = sum(isinstance(piece, int) for piece in pieces(request))
        return refused(400, f"at most 4 images, got {count}") if count > 4 else "1.0 to 2.0"

    with chat_server(few) as (address, got), Video(path) as video:
        selector = Crowded()
        [prediction] = VideoLLM(OpenAIEngine(address, "x"), frames=16, select=selector).ground(video, ["it"])
    assert [budget for _, budget in selector.asked] == [16, 4]
    told, true = told_and_true(got[-1], truth)
    assert told == pytest.approx(true, abs=ROUNDED) and len(true) <= 4
    assert any("takes at most 4 frames" in note for note in prediction.notes)


def test_the_size_is_that_of_the_rule_for_so_many_frames(film: Truth) -> None:
    path, _ = film
    with Video(path) as video:
        rule = PAPERS["qwen2.5-vl"].sampling
        few = chosen(Crowded(), video, rule, "it", frames=4)
        probe = video.probe
        wanted = rule.narrowed(None, 4).choose(len(video.times), 25.0, probe.width, probe.height).size
        assert few.frames.images[0].shape[1::-1] == wanted and few.budget == 4
        every = chosen(Crowded(), video, rule, "it", (2.0, 9.0), frames=8, merged=True)
        assert every.budget == 4 and every.selection.times == Crowded().select(Part(video, 2.0, 9.0), "it", 4).times


def test_the_papers_own_rule_is_not_the_uniform_selector(film: Truth) -> None:
    with chat_server(lambda request, number: "1.0 to 2.0") as (address, _), Video(film[0]) as video:
        engine = OpenAIEngine(address, "x")
        [own] = VideoLLM(engine, prompting="qwen3-vl", frames=8).ground(video, ["it"])
        [even] = VideoLLM(engine, prompting="qwen3-vl", frames=8, select="uniform").ground(video, ["it"])
    assert own.receipt is not None and even.receipt is not None
    assert "select" not in own.receipt.settings and own.receipt.settings["stamps"] == "pairs"
    assert even.receipt.settings["select"]["selector"] == "uniform" and even.receipt.settings["stamps"] == "frames"
    assert own.receipt.settings["prompt"] != even.receipt.settings["prompt"]


def test_numbers_of_chosen_frames_are_not_read_as_times(film: Truth) -> None:
    with chat_server(lambda request, number: "It happens at frames 2 to 4") as (address, _), Video(film[0]) as video:
        [prediction] = VideoLLM(OpenAIEngine(address, "x"), frames=8, select=Crowded()).ground(video, ["it"])
    assert prediction.failure == "frame numbers, but the frame rate is not known"


def test_what_would_be_wrong_is_refused_in_a_sentence(film: Truth, tmp_path: Path) -> None:
    path, _ = film
    address = "openai:http://127.0.0.1:9#x"  # never asked
    for options, sentence in (
        ({"model": address, "send": "video", "select": "uniform"}, "keeps the times of even frames only"),
        ({"model": address, "prompting": "videochat-flash", "select": "uniform"}, "frames are evenly spread"),
        ({"model": address, "select": "uniformly"}, "unknown selector 'uniformly'"),
        ({"model": "similarity", "select": "uniform"}, "has no setting select"),
        ({"model": f"videomind:{tmp_path}", "select": "uniform"}, "has no setting select"),
        ({"model": f"meco:{tmp_path}", "select": "uniform"}, "has no setting select"),
        ({"model": "stream:similarity", "select": "uniform"}, "has no setting select"),
    ):
        with pytest.raises(WhenaboutsError, match=sentence):
            find(path, "it", **options)  # type: ignore[arg-type]


def test_a_selector_that_chooses_nothing_or_too_much_is_named(film: Truth) -> None:
    class Wrong:
        name = "wrong"

        def __init__(self, times: tuple[float, ...]) -> None:
            self.times = times

        def select(self, video: Video, query: str, budget: int) -> Selection:
            return Selection(self.name, query, self.times)

    with Video(film[0]) as video:
        for times in ((), tuple(k / 10 for k in range(9))):
            with pytest.raises(ModelError, match=f"the selector wrong chose {len(times)} frames of at most 8"):
                VideoLLM(OpenAIEngine("http://127.0.0.1:9", "x"), frames=8, select=Wrong(times)).ground(video, ["it"])


def test_the_pictures_of_a_stream_are_chosen_too() -> None:
    pictures = [Frame(3.0 + t, np.full((48, 64, 3), 40 * k, np.uint8)) for k, t in enumerate([0, 0.4, 0.5, 2, 4.5])]
    with chat_server(lambda request, number: "1.0 to 2.0") as (address, got):
        grounder = load(f"openai:{address}#x", select="uniform", frames=4, cache=False)
        [prediction] = grounder.ground(InMemoryVideo(pictures, 3.0, 8.0), ["it"])
        watched = load(f"stream:window:openai:{address}#x", select="uniform")
        assert watched.model == f"window:openai:{address}#x"  # type: ignore[attr-defined]
    stamps = [float(t) for t in re.findall(r"<(\d+\.\d) seconds>", str(got[0]["messages"]))]
    assert stamps == [0.5, 2.0] and prediction.best is not None
