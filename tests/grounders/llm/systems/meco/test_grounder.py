"""`find --model meco:FOLDER` on real video, with a tiny folder in the official layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

from media import make_video  # noqa: E402
from tiny_meco import write_folder  # noqa: E402

from whenabouts.grounders import load  # noqa: E402
from whenabouts.grounders.llm.papers.meco import EverySecond  # noqa: E402
from whenabouts.grounders.llm.systems.meco.answering import prompt, write  # noqa: E402
from whenabouts.grounders.llm.systems.meco.loading import load as load_folder  # noqa: E402
from whenabouts.grounders.llm.systems.meco.pictures import MEAN, STD, pixels  # noqa: E402
from whenabouts.video import Video  # noqa: E402


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "v.mp4"
    make_video(path, fps=10, seconds=8.0)
    return path


@pytest.mark.parametrize("family", ["phi3", "qwen2"])
def test_structural_tokens_of_the_answer_are_matched_with_frames(tmp_path: Path, video: Path, family: str) -> None:
    write_folder(tmp_path, family, says="seE.")
    with Video(video) as opened:
        grounder = load(f"meco:{tmp_path}", device="cpu")
        found, again = grounder.ground(opened, ["a number", "a number"])
    assert found.said == ("se<ent>.",) and again.moments == found.moments
    assert found.moments and all(0 <= m.start < m.end <= 8 and 0 < m.score <= 1 for m in found.moments)
    assert found.receipt is not None and found.receipt.models[str(tmp_path)] != str(tmp_path)


def test_an_answer_without_an_event_gives_no_moment(tmp_path: Path, video: Path) -> None:
    write_folder(tmp_path, says="no")
    with Video(video) as opened:
        [found] = load(f"meco:{tmp_path}", device="cpu").ground(opened, ["a number"])
    assert found.moments == () and found.failure and found.said == ("no",)


def test_the_official_prompt() -> None:
    """pangzss/MeCo, meco/conversation.py: get_conv, with `<image>` taken out."""
    assert "<frames>".join(prompt("qwen2", "When?")) == (
        "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n<frames>\nWhen?<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def test_steps_from_the_cache_match_as_one_pass_over_the_answer_does(tmp_path: Path) -> None:
    write_folder(tmp_path, "qwen2")
    loaded = load_folder(tmp_path, "cpu")
    network = loaded.network
    before, after = (network.words(torch.tensor(ids)) for ids in ([1, 20], [30, 40, 50]))
    frames = torch.randn(6, 32, generator=torch.Generator().manual_seed(0))
    every = range(network.lm_head.out_features)
    written = write(network, before, frames, after, structural=every, ends=(), limit=5, temperature=0)
    assert written.structural == written.tokens and written.cosines.shape == (5, 6)
    with torch.inference_mode():
        said = network.words(torch.tensor(written.tokens[:-1]))
        step = network.read(torch.cat([before, frames, after, said]), frames=slice(2, 8))
        whole = network(step.last[2:8][None], step.before[10:][None])[0]
    torch.testing.assert_close(written.cosines, whole, atol=1e-5, rtol=0)


def test_pixels_are_the_middle_square() -> None:
    image = np.random.default_rng(0).integers(0, 255, (30, 40, 3), dtype=np.uint8)
    seen = pixels([image], 30)[0] * torch.tensor(STD)[:, None, None] + torch.tensor(MEAN)[:, None, None]
    torch.testing.assert_close(seen * 255, torch.from_numpy(image[:, 5:35]).permute(2, 0, 1).float(), atol=1e-3, rtol=0)
    assert pixels([image], 12).shape == (1, 3, 12, 12)


def test_the_official_frames() -> None:
    """pangzss/MeCo, meco/utils/io.py: _load_video."""
    rule = EverySecond()
    tenth = [0, 30, 60, 90, 120, 150, 180, 210, 240, 270, 299]
    assert rule.choose(300, 29.97, 640, 360) == (tenth, (398, 224))
    assert rule.choose(90, 24.0, 360, 640).indices == [0, 24, 48, 72]
    long = rule.choose(60000, 30.0, 640, 360).indices
    assert len(long) == 999 and long[:4] == [0, 60, 120, 180] and long[-3:] == [59850, 59910, 59970]


def test_windows_are_on_the_clock_of_the_video_at_any_rate(tmp_path: Path, video: Path) -> None:
    write_folder(tmp_path, says="E.")
    with Video(video) as opened:
        for settings in ({}, {"fps": 2.0}, {"frames": 4}):
            grounder = load(f"meco:{tmp_path}", device="cpu", **settings)
            [found] = grounder.ground(opened, ["a number"])
            times = grounder.show(opened, grounder.loaded).times
            clock = [*(times if settings else range(len(times))), opened.duration]  # a frame a second is counted
            assert found.moments and all({m.start, m.end} <= set(clock) for m in found.moments), (settings, clock)
