"""`find --model timesuite:FOLDER` on real video, with a tiny folder in the official layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from media import make_video  # noqa: E402
from tiny_timesuite import write_folder  # noqa: E402

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders import load  # noqa: E402
from whenabouts.grounders.llm.papers.timesuite import TIMESUITE  # noqa: E402
from whenabouts.grounders.llm.systems.timesuite.grounder import prompt  # noqa: E402
from whenabouts.grounders.llm.systems.timesuite.pictures import MEAN, STD, pixels  # noqa: E402
from whenabouts.video import Video  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("timesuite")
    write_folder(folder, says="2.5-4")
    return folder


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "v.mp4"
    make_video(path, fps=15, seconds=6.0)
    return path


def test_the_answer_is_read_as_the_authors_read_it(folder: Path, video: Path) -> None:
    with Video(video) as opened:
        grounder = load(f"timesuite:{folder}", device="cpu")
        found, again = grounder.ground(opened, ["a person opens a door.", "a dog"])
    assert [(m.start, m.end) for m in found.moments] == [(2.5, 4.0)] and found.said == ("2.5-4",)
    assert again.moments == found.moments and found.failure is None
    assert found.receipt is not None and found.receipt.settings["frames"] == 128
    assert set(found.receipt.models) >= {"timesuite.pth", "Mistral-7B-Instruct-v0.2"}


def test_an_answer_without_a_range_in_the_video_gives_no_moment(tmp_path: Path, video: Path) -> None:
    for says in ("no", "70-89"):
        write_folder(tmp_path / says, says=says)
        with Video(video) as opened:
            [found] = load(f"timesuite:{tmp_path / says}", device="cpu").ground(opened, ["a dog"])
        assert found.moments == () and found.failure and found.said == (says,)


def test_other_numbers_of_frames_than_it_takes_are_refused(folder: Path, video: Path) -> None:
    with Video(video) as opened:
        [few] = load(f"timesuite:{folder}", device="cpu", frames=64).ground(opened, ["a dog"])
        assert few.receipt is not None and few.receipt.settings["frames"] == 64
        with pytest.raises(ModelError, match="a multiple of 64, not 100"):
            load(f"timesuite:{folder}", device="cpu", frames=100).ground(opened, ["a dog"])


def test_a_folder_that_is_not_there_is_named(video: Path) -> None:
    with Video(video) as opened, pytest.raises(ModelError, match=r"nowhere.config.json cannot be read"):
        load("timesuite:nowhere").ground(opened, ["a dog"])


@given(st.integers(1, 40), st.integers(1, 60), st.integers(8, 60))
def test_pixels_are_the_middle_square(width: int, height: int, side: int) -> None:
    rows = np.arange(height, dtype=np.uint8)[:, None, None].repeat(width, 1).repeat(3, 2)
    seen = pixels([rows], side)
    assert seen.shape == (1, 3, side, side)
    if width == height == side:
        restored = seen[0] * torch.tensor(STD)[:, None, None] + torch.tensor(MEAN)[:, None, None]
        torch.testing.assert_close(restored * 255, torch.from_numpy(rows).permute(2, 0, 1).float())


def test_the_official_prompt() -> None:
    """OpenGVLab/TimeSuite, eval/eval_infer.py: get_prompt, without the name of a data set that its question has."""
    before, after = prompt(TIMESUITE.prompting.conversation("person opens a door.", [0.4, 1.77, 10.0]))
    assert before == (
        "You are able to understand the visual content that the user provides. Follow the instructions carefully and "
        "explain your answers in detail. [INST] <Video>"
    )
    assert after.startswith(
        "</Video> [/INST] [INST] The video contains 3 frames sampled at 0.4, 1.8, 10.0 seconds. Please find the visual"
    )
    assert after.endswith("sentence: person opens a door. Please return its start time and end time. [/INST]")
