"""VideoITG's network against the official one, with the same weights.

Official values come from NVlabs/VideoITG (`eagle/model/language_model/grounding_qwen2.py: EagleQwenG.forward`), run
with transformers 4.46.3 on `tiny_videoitg.values`, its flash attention replaced by a softmax over all keys.
"""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

from pathlib import Path  # noqa: E402

from tiny_videoitg import network, save, video  # noqa: E402

from whenabouts.errors import InputError  # noqa: E402
from whenabouts.selection.videoitg.loading import Loaded, load  # noqa: E402
from whenabouts.selection.videoitg.scoring import logits, words  # noqa: E402

QUESTION = "Which colour is shown? A. red B. blue"
OFFICIAL = {  # number of frames: logits of the first, the middle and the last, and the sum of all
    2: ([2.256456, 2.073889, 2.073889], 4.330345),
    13: ([2.490544, 2.334123, 2.357989], 31.533752),
    40: ([1.713521, 2.390326, 2.434901], 93.684269),
    150: ([2.110348, 2.726264, 2.545311], 348.948546),
    600: ([2.400414, 2.863001, 2.013047], 1363.99808),
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    folder: Path = tmp_path_factory.mktemp("videoitg")
    return load(save(folder, network()), "cpu")


@pytest.mark.parametrize("frames", OFFICIAL)
def test_logits_of_frames(loaded: Loaded, frames: int) -> None:
    """With 7 × 7 vision tokens a frame, 6 × 6, 3 × 3, 2 × 2 and one."""
    given = logits(loaded, video(frames), frames, QUESTION)
    three, total = OFFICIAL[frames]
    assert given[[0, frames // 2, frames - 1]].tolist() == pytest.approx(three, abs=1e-5)
    assert float(given.double().sum()) == pytest.approx(total, abs=1e-4 * frames**0.5)


def test_the_question_is_written_as_it_was_trained(loaded: Loaded) -> None:
    """Official: `tokenizer_image_token("<image>" + question + "\\n")`, 39 ids with that of the image."""
    before, after = words(loaded, QUESTION)
    assert (before, len(after)) == ([], 38) and loaded.tokens.decode(after) == QUESTION + "\n"


def test_every_frame_sees_those_that_follow(loaded: Loaded) -> None:
    frames = video(6)
    first = logits(loaded, frames, 6, QUESTION)[0]
    assert logits(loaded, [*frames[:5], video(1)[0]], 6, QUESTION)[0] != pytest.approx(float(first), abs=1e-4)
    assert logits(loaded, frames, 6, "Something else?")[0] != pytest.approx(float(first), abs=1e-4)


def test_what_cannot_be_read_is_refused(loaded: Loaded) -> None:
    with pytest.raises(InputError, match="600 vision tokens, which is less than one for each of 601"):
        logits(loaded, [], 601, QUESTION)
    with pytest.raises(InputError, match="cannot hold <image>"):
        logits(loaded, video(1), 1, "<image> what is it?")


def test_a_question_that_is_too_long_loses_its_end(loaded: Loaded) -> None:
    """As officially `tokenizer_model_max_length` cuts the sequence."""
    room = 900 - 588
    long = logits(loaded, video(12), 12, "x" * (room + 50))
    assert torch.equal(long, logits(loaded, video(12), 12, "x" * room))
