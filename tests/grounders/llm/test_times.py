"""Times survive selection and transport: what a model is told of each frame is when that frame truly was on show.

Every picture of the videos shows its own number, so the truth is read back from what is sent.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("httpx", reason="the extra llm is not installed")
Image = pytest.importorskip("PIL.Image", reason="the extra llm is not installed")

from chat_server import chat_server  # noqa: E402
from media import even_times, make_video, read_number  # noqa: E402

from whenabouts.grounders.llm.conversation import Frames  # noqa: E402
from whenabouts.grounders.llm.engines.openai import OpenAIEngine  # noqa: E402
from whenabouts.grounders.llm.grounder import VideoLLM  # noqa: E402
from whenabouts.grounders.llm.papers import PAPERS  # noqa: E402
from whenabouts.grounders.llm.papers.unitime import UNITIME  # noqa: E402
from whenabouts.grounders.llm.shown import shown, shown_coarsely  # noqa: E402
from whenabouts.grounders.search.showing import frames_of  # noqa: E402
from whenabouts.video import Video  # noqa: E402
from whenabouts.video.part import Part  # noqa: E402

WORDED = [name for name, paper in PAPERS.items() if paper.status in {"prompt", "served"}]
SEEING = [name for name, paper in PAPERS.items() if paper.status != "closed"]
UNEVEN = "the frames come at uneven distances, so their times were written before them"
ROUNDED = 0.051  # seconds: times are written to a tenth
Truth = tuple[Path, list[float]]


def _slowing() -> list[Fraction]:
    """30 frames per second for 3 s, then one a second."""
    return [Fraction(k, 30) for k in range(90)] + [Fraction(k) for k in range(3, 13)]


@pytest.fixture(scope="module", params=["24000/1001", "17", "uneven", "late"])
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Truth:
    """A video and the time in seconds of each of its pictures."""
    path, offset = tmp_path_factory.mktemp("times") / "video.mp4", 0.0
    if request.param == "uneven":
        times = _slowing()
        make_video(path, times=times)
    elif request.param == "late":  # the sound begins at 0 s, the picture at 3 s
        times, offset = even_times(25, 9.0), 3.0
        make_video(path, times=times, offset=offset, audio=(0.0, 12.0))
    else:
        times = even_times(Fraction(request.param), 12.0)
        make_video(path, fps=Fraction(request.param), times=times)
    return path, [float(time) + offset for time in times]


def numbers(frames: Frames) -> list[int]:
    return [read_number(image) for image in frames.images]


@pytest.mark.parametrize("name", SEEING)
def test_the_time_of_a_frame_is_when_its_picture_began(film: Truth, name: str) -> None:
    path, truth = film
    with Video(path) as video:
        frames = shown(video, PAPERS[name].sampling)
        assert frames.times == pytest.approx([truth[k] for k in numbers(frames)], abs=1e-4)
        assert numbers(frames)[-1] >= len(truth) * 0.85  # one a second leaves up to a second
        few = shown(video, PAPERS[name].sampling, (4.2, 9.5), frames=8)
        assert few.times == pytest.approx([max(0.0, truth[k] - 4.2) for k in numbers(few)], abs=1e-4)
        part = shown(Part(video, 4.2, 9.5), PAPERS[name].sampling, frames=8)
        assert part.times == pytest.approx([max(0.0, truth[k] - 4.2) for k in numbers(part)], abs=1e-4)


def test_the_numbers_shown_are_those_of_the_rule(film: Truth) -> None:
    path, truth = film
    with Video(path) as video:
        for name in SEEING:
            rule, probe = PAPERS[name].sampling, video.probe
            rate = len(truth) / video.duration if probe.variable_rate else float(probe.average_rate or 0)
            wanted = rule.choose(len(truth), rate, probe.width, probe.height)
            frames = shown(video, rule)
            assert numbers(frames) == wanted.indices, name
            assert frames.images[0].shape[1::-1] == wanted.size


def test_a_coarse_view_and_a_look_of_a_search_have_true_times(film: Truth) -> None:
    path, truth = film
    with Video(path) as video:
        frames, clip, stamps = shown_coarsely(video, UNITIME.sampling, frames=24)
        assert frames.times == pytest.approx([truth[k] for k in numbers(frames)], abs=1e-4)
        for number, stamp in enumerate(stamps):
            first, second = frames.times[number * clip : number * clip + 2]
            assert first - 1e-4 <= stamp <= second + 1e-4
        looked = frames_of(video, 2.3, 10.0, 16)
        assert looked.times == pytest.approx([max(0.0, truth[k] - 2.3) for k in numbers(looked)], abs=1e-4)
        assert list(looked.times) == sorted(set(looked.times))


def sent(request: dict[str, Any]) -> Iterator[str | float]:
    """Words and, for pictures, their numbers (negative, from -1), in the order in which a server gets them."""
    for message in request["messages"]:
        content = message["content"]
        for part in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            if part["type"] == "text":
                yield part["text"]
            else:
                data = part["image_url"]["url"].removeprefix("data:image/jpeg;base64,")
                yield -1 - read_number(np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))))


@pytest.mark.parametrize("name", WORDED)
def test_frames_on_a_server_bear_their_times(film: Truth, name: str) -> None:
    path, truth = film
    with chat_server(lambda request, number: "1.0 to 2.0") as (address, got), Video(path) as video:
        [prediction] = VideoLLM(OpenAIEngine(address, "x"), prompting=name, frames=16).ground(video, ["it"])
    pieces = list(sent(got[0]))
    shown_times = [truth[int(-1 - piece)] for piece in pieces if not isinstance(piece, str)]
    words = [piece for piece in pieces if isinstance(piece, str)]
    stamps = PAPERS[name].prompting.stamps
    if stamps == "list":
        listed = re.findall(r"sampled at ([\d., ]+) seconds", " ".join(words))[0]
        told = [float(time) for time in listed.split(", ")]
        wanted = shown_times
    elif stamps == "even" and UNEVEN not in prediction.notes:
        duration, count = re.findall(r"lasts for ([\d.]+) seconds, and (\d+) frames", " ".join(words))[0]
        told = [(k + 0.5) * float(duration) / int(count) for k in range(int(count))]
        assert told == pytest.approx(shown_times, abs=0.5 * float(duration) / int(count))
        return
    else:
        told = [float(found[0]) for word in words if (found := re.findall(r"^\D*(\d+\.\d)\D*$", word))]
        pairs = [sum(pair) / 2 for pair in zip(shown_times[::2], shown_times[1::2], strict=True)]
        wanted = pairs if stamps == "pairs" else shown_times
    assert told == pytest.approx(wanted, abs=ROUNDED + 0.05 * (name == "unitime"))


@pytest.mark.parametrize("name", ["qwen2.5-vl", "qwen3-vl", "time-r1", "timelens"])
def test_a_video_on_a_server_plays_its_frames_when_they_were_or_is_not_sent(
    film: Truth, name: str, tmp_path: Path
) -> None:
    path, truth = film
    with chat_server(lambda request, number: "1.0 to 2.0") as (address, got), Video(path) as video:
        grounder = VideoLLM(OpenAIEngine(address, "x", send="video"), prompting=name, frames=16)
        [prediction] = grounder.ground(video, ["it"])
    content = got[0]["messages"][-1]["content"]
    videos = [part for part in content if part["type"] == "video_url"]
    if videos:
        clip = tmp_path / "sent.mp4"
        clip.write_bytes(base64.b64decode(videos[0]["video_url"]["url"].partition(",")[2]))
        with Video(clip) as played:
            images = list(played.at(list(played.times)))
        step = images[1].time
        for image in images:
            assert abs(image.time - truth[read_number(image.image)]) <= step / 2
        assert not any(re.match(r"<\d", part.get("text", "")) for part in content)
    else:
        assert any("not evenly spaced" in note for note in prediction.notes)
        stamps = [float(part["text"][1:].split()[0]) for part in content if part.get("text", "").startswith("<")]
        pieces = [piece for piece in sent(got[0]) if not isinstance(piece, str)]
        times = [truth[int(-1 - piece)] for piece in pieces]
        pairs = [sum(pair) / 2 for pair in zip(times[::2], times[1::2], strict=True)]
        assert stamps == pytest.approx(times if len(stamps) == len(times) else pairs, abs=ROUNDED)


@pytest.mark.parametrize("kind", ["qwen2_vl", "qwen2_5_vl", "qwen3_vl", "llava"])
def test_a_model_on_this_machine_is_told_when_its_frames_were(film: Truth, kind: str) -> None:
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
    engine = TransformersEngine.holding(network, processor)
    with Video(film[0]) as video:
        for name in ("qwen2.5-vl", "qwen3-vl", "timelens-7b", "unitime"):
            given.clear()
            frames = shown(video, PAPERS[name].sampling, frames=8)
            [prediction] = VideoLLM(engine, prompting=name, frames=8).ground(video, ["it"])
            text = processor.tokenizer.decode(given[0]["input_ids"][0])
            told = [
                float(time) for time in re.findall(r"(\d+\.\d)\s*(?= seconds[>;]|<\|(?:vision_start|image)\|>)", text)
            ]
            stamps, by_positions = PAPERS[name].prompting.stamps, kind == "qwen2_5_vl" and name == "qwen2.5-vl"
            assert (UNEVEN in prediction.notes) == (by_positions and not frames.steady)
            if by_positions and frames.steady:  # as the authors count: the number of frames by the length
                assert not told
                seen = given[0]["input_ids"][0] == processor.tokenizer.convert_tokens_to_ids("<|video_pad|>")
                places = given[0]["position_ids"][0, 0, seen].unique()
                step = 2 / frames.fps
                for place, time in zip((places - places[0]).tolist(), frames.times[::2], strict=True):
                    assert abs(place / network.config.vision_config.tokens_per_second - time) <= step / 2 + 0.5
                continue
            pairs = [sum(pair) / 2 for pair in zip(frames.times[::2], frames.times[1::2], strict=True)]
            paired = stamps == "pairs" or kind != "llava"  # two frames are one step, and have one time
            wanted = pairs if paired else frames.times
            assert told == pytest.approx(wanted, abs=ROUNDED + 0.05 * (name == "unitime")), name
