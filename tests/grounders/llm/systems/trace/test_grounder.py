"""`trace:FOLDER` on real videos, with a tiny network."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

from media import make_video, read_number  # noqa: E402
from tiny_trace import VOCABULARY as V  # noqa: E402
from tiny_trace import network, save  # noqa: E402

from whenabouts.errors import InputError, ModelError  # noqa: E402
from whenabouts.grounders import load  # noqa: E402
from whenabouts.grounders.llm.papers.trace import TRACE  # noqa: E402
from whenabouts.grounders.llm.systems.trace.asking import beginning, question  # noqa: E402
from whenabouts.grounders.llm.systems.trace.events import encode_event  # noqa: E402
from whenabouts.grounders.llm.systems.trace.grounder import Trace  # noqa: E402
from whenabouts.grounders.llm.systems.trace.network import TraceNetwork, trace_loss  # noqa: E402
from whenabouts.grounders.llm.systems.trace.pictures import pixels, spread, squared  # noqa: E402
from whenabouts.video import Video  # noqa: E402


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "numbers.mp4"
    make_video(path, fps=25, seconds=8.0)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("models") / "trace-tiny", network())


def taught(folder: Path, clip: Path, answer: list[int]) -> Path:
    """A folder whose network says this after any question about the video."""
    torch.manual_seed(0)
    made = network()
    save(folder, made)
    grounder = Trace(str(folder), frames=8)
    with Video(clip) as video:
        prompt = prompt_of(grounder, video).clone()
    ids = torch.tensor([*answer, 2])
    labels = torch.cat([torch.full((len(prompt),), -100), ids])[None]
    adam = torch.optim.Adam(made.parameters(), 3e-3)
    for _ in range(40):
        hidden = made.model(inputs_embeds=torch.cat([prompt, made.embed(ids)])[None]).last_hidden_state
        loss = trace_loss(made.logits(hidden), labels, made.ranges())
        adam.zero_grad()
        loss.backward()
        adam.step()
    return save(folder, made)


def prompt_of(grounder: Trace, video: Video) -> torch.Tensor:
    loaded = grounder.loaded
    with torch.no_grad():
        shown = beginning(loaded, grounder.show(video, loaded), TRACE)
        return torch.cat([shown, question(loaded, TRACE, "a dog jumps")])


@pytest.mark.parametrize(("fps", "frames", "count"), [(25, 100, 128), (25, 200, 128), (30, 333, 128), (12, 150, 8)])
def test_frames_are_the_official_ones_at_their_true_times(tmp_path: Path, fps: int, frames: int, count: int) -> None:
    """`mm_utils.py: process_video`, which rounds down: np.linspace(0, frames - 1, count, dtype=int)."""
    make_video(tmp_path / "v.mp4", fps=fps, seconds=Fraction(frames, fps))  # type: ignore[arg-type]
    official = np.linspace(0, frames - 1, count, dtype=int)
    with Video(tmp_path / "v.mp4") as video:
        shown = spread(video, TRACE.sampling.narrowed(None, count), 144, pad=True)
    assert np.allclose(shown.times, official / fps, atol=1e-3)
    assert [read_number(image) for image in shown.images] == official.tolist()


@pytest.mark.parametrize(
    ("shape", "pad", "total", "pixel"),
    [
        ((40, 70), True, 257.147, (-0.01125, -0.0112, -0.00133)),
        ((40, 70), False, 475.305, (0.30991, -1.16679, 0.15509)),
        ((75, 33), True, 198.47, (-0.01125, -0.0112, -0.00133)),
        ((75, 33), False, 505.85, (0.64567, 0.01882, 1.29269)),
    ],
)
def test_pictures_as_the_official_processor_makes_them(
    shape: tuple[int, int], pad: bool, total: float, pixel: tuple[float, ...]
) -> None:
    """`mm_utils.py: expand2square` and CLIPImageProcessor of transformers 4.40.1."""
    seed = 2 if shape == (40, 70) else 3
    image = np.random.RandomState(seed).randint(0, 256, (*shape, 3)).astype(np.uint8)
    [made] = pixels([squared(image, 28, pad=pad)])
    assert float(made.double().sum()) == pytest.approx(total, abs=2e-3)
    assert made[:, 3, 5].tolist() == pytest.approx(pixel, abs=1e-5)


def test_the_prompt_is_the_official_one(folder: Path, clip: Path) -> None:
    """`eval/evaluate.py` with `conversation.py: conv_llama_2`: words, frames, words and `<sync>`."""
    grounder = Trace(str(folder), frames=8)
    with Video(clip) as video:
        loaded = grounder.loaded
        shown = beginning(loaded, grounder.show(video, loaded), TRACE)
    after = question(loaded, TRACE, " a dog. ")
    tokens, net = loaded.tokens, loaded.network
    asked = (
        "\nLocalize the visual content described by the given textual query 'a dog.' in the video, and output the "
        "start and end timestamps in seconds. [/INST]"
    )
    words = net.embed(torch.tensor(tokens.encode(asked)))
    assert torch.equal(after, torch.cat([words, net.sync]))
    system = f"[INST] <<SYS>>\n{TRACE.prompting.system}\n<</SYS>>\n\n"
    assert system.startswith("[INST] <<SYS>>\nYou are a helpful, respectful and honest assistant. Always answer as")
    before = net.embed(torch.tensor([1, *tokens.encode(system)]))
    assert torch.equal(shown[: len(before)], before) and len(shown) == len(before) + 8 * 14


def test_answers_with_the_moments_of_its_events(tmp_path: Path, clip: Path) -> None:
    first = encode_event([1.5, 4.0], [4.5], vocabulary=V)
    second = encode_event([5.0, 99.0], vocabulary=V)
    one = encode_event([2.0], vocabulary=V)
    model = taught(tmp_path / "trace", clip, [*one, 300, V, *first, 301, 302, V, *second, 303])
    grounder = load(f"trace:{model}", frames=8)
    with Video(clip) as video:
        [found, again] = grounder.ground(video, ["a dog jumps", "a dog jumps"])
    assert [(m.start, m.end, m.score) for m in found.moments] == [(1.5, 4.0, 4.5), (5.0, 8.0, 1.0)]
    assert found.moments == again.moments and found.failure is None
    assert found.notes == ("an end after the end of the video was cut: 5 to 99",)
    assert found.said[0].splitlines()[1].startswith("1.5 - 4 (4.5): ")
    assert found.receipt is not None and found.receipt.grounder == "trace"
    assert found.receipt.settings["frames"] == 8 and len(found.receipt.models[str(model)]) == 64


@pytest.mark.parametrize(
    ("times", "failure"),
    [
        ([], "the answer has no interval"),
        ([4.0, 1.5], "the answer has no interval"),
        ([50.0, 60.0], "an interval after the end of the video: 50 to 60"),
    ],
)
def test_an_answer_without_an_interval_is_a_failure(
    tmp_path: Path, clip: Path, times: list[float], failure: str
) -> None:
    model = taught(tmp_path / "trace", clip, [*encode_event(times, vocabulary=V), 300])
    with Video(clip) as video:
        [found] = Trace(str(model), frames=8).ground(video, ["a dog jumps"])
    assert found.moments == () and found.failure == failure and found.said[0]


def test_a_video_whose_times_cannot_be_written_is_refused(folder: Path, tmp_path: Path) -> None:
    make_video(tmp_path / "long.mp4", times=[100.0 * k for k in range(102)])
    with Video(tmp_path / "long.mp4") as video, pytest.raises(InputError, match="writes times up to 9999 s"):
        Trace(str(folder)).ground(video, ["a dog"])


def test_at_most_the_frames_that_its_authors_show_and_at_no_other_rate(folder: Path, clip: Path) -> None:
    grounder = Trace(str(folder), frames=1000)
    with Video(clip) as video:
        assert len(grounder.show(video, grounder.loaded).times) == 128
        with pytest.raises(ModelError, match="leave fps out"):
            Trace(str(folder), fps=2.0).ground(video, ["a dog"])


def test_a_device_that_is_not_there_is_named(folder: Path, clip: Path) -> None:
    with Video(clip) as video, pytest.raises(ModelError, match="unknown device 'tpu9x'"):
        Trace(str(folder), device="tpu9x").ground(video, ["a dog"])


def test_the_network_is_loaded_once(folder: Path) -> None:
    grounder = Trace(str(folder))
    assert grounder.weight_bytes == 0
    assert isinstance(grounder.loaded.network, TraceNetwork) and grounder.loaded is grounder.loaded
    assert grounder.weight_bytes > 100_000


def test_chosen_frames_have_the_tokens_of_their_own_times(folder: Path, clip: Path) -> None:
    grounder = Trace(str(folder), frames=6, select="keyframes")
    with Video(clip) as video:
        selector = grounder.selector
        assert selector is not None
        frames, selection = grounder.choose(video, grounder.loaded, "it", selector)
        [own] = Trace(str(folder), frames=6).ground(video, ["it"])
        [answer] = grounder.ground(video, ["it"])
    assert frames.times == selection.times and len(frames.times) == 6
    assert answer.receipt is not None and answer.receipt.settings["select"]["selector"] == "keyframes"
    assert own.receipt is not None and "select" not in own.receipt.settings
