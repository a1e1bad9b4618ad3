"""The files of a dialogue: a video that opens, of the true length, black and silent where the script says so."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

import whenabouts
from whenabouts.evidence.subtitles import read_subtitle_file
from whenabouts.synthetic.dialogue import Dialogue, Script, expand, load_recipe, make_dialogue
from whenabouts.synthetic.dialogue.script import RATE, Cue

NAME = "museum_fr"  # has black, a frozen picture, a tone and applause


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Dialogue:
    return make_dialogue(tmp_path_factory.mktemp("dialogue"), NAME)


@pytest.fixture(scope="module")
def script() -> Script:
    return expand(load_recipe(NAME))


@pytest.fixture(scope="module")
def pictures(made: Dialogue) -> np.ndarray:
    with av.open(str(made.path)) as video:
        return np.stack([frame.to_ndarray(format="gray") for frame in video.decode(video=0)])


@pytest.fixture(scope="module")
def sound(made: Dialogue) -> tuple[int, np.ndarray]:
    with av.open(str(made.path)) as video:
        rate = video.streams.audio[0].rate
        return rate, np.concatenate([frame.to_ndarray()[0] for frame in video.decode(audio=0)])


def event(script: Script, show: str) -> Cue:
    return next(cue for cue in script.cues if cue.show == show)


def test_the_video_opens_with_its_true_length(made: Dialogue, script: Script, pictures: np.ndarray) -> None:
    with whenabouts.open(made.path) as video:
        assert video.duration == pytest.approx(script.duration, abs=1 / RATE)
    assert len(pictures) == round(script.duration * RATE)
    assert made.duration == script.duration and made.language == "fr"


def test_the_picture_is_black_in_the_event_alone(script: Script, pictures: np.ndarray) -> None:
    black = event(script, "black")
    dark = pictures.reshape(len(pictures), -1).mean(axis=1) < 20
    first, last = round(black.start * RATE), round(black.end * RATE)
    assert dark[first:last].all() and dark.sum() == last - first


def test_the_picture_stands_still_in_the_event_and_moves_elsewhere(script: Script, pictures: np.ndarray) -> None:
    frozen = event(script, "frozen")
    change = np.abs(np.diff(pictures.astype(float), axis=0)).max(axis=(1, 2))
    first, last = round(frozen.start * RATE), round(frozen.end * RATE)
    assert change[first : last - 1].max() < 12
    assert np.median(change) > 40 and (change[: first - 1] > 20).mean() > 0.95


def test_sound_is_absent_in_black_and_present_elsewhere(script: Script, sound: tuple[int, np.ndarray]) -> None:
    rate, samples = sound

    def level(cue: Cue, margin: float = 0.3) -> float:
        part = samples[round((cue.start + margin) * rate) : round((cue.end - margin) * rate)]
        return float(np.sqrt(np.mean(part**2)))

    assert level(event(script, "black")) < 1e-4
    assert level(event(script, "tone")) > 0.1 and level(event(script, "applause")) > 0.1
    assert 5e-4 < level(event(script, "frozen")) < 0.02  # a quiet room
    assert min(level(cue) for cue in script.cues if cue.show is None) > 0.03


def test_subtitles_and_questions_agree_with_the_script(made: Dialogue, script: Script) -> None:
    lines = read_subtitle_file(made.subtitles).lines
    spoken = [cue for cue in script.cues if cue.text]
    assert [(line.start, line.end) for line in lines] == [(cue.start, cue.end) for cue in spoken]
    content = json.loads(made.path.with_suffix(".questions.json").read_text("utf-8"))
    assert content["duration"] == made.duration
    assert [tuple(map(tuple, q["windows"])) for q in content["queries"]] == [q.windows for q in made.questions]
    assert set(content["queries"][0]) == {"query", "windows", "all", "kind", "language"}


def test_the_same_seed_gives_the_same_subtitles(made: Dialogue, tmp_path: Path) -> None:
    again = make_dialogue(tmp_path, NAME)
    assert again.subtitles.read_bytes() == made.subtitles.read_bytes()
    assert again.questions == made.questions


def test_colour_bars_are_seven_colours(tmp_path: Path) -> None:
    made = make_dialogue(tmp_path, "dam_press_conference")
    bars = event(expand(load_recipe("dam_press_conference")), "bars")
    with av.open(str(made.path)) as video:
        frames = (frame for frame in video.decode(video=0) if bars.start + 1 < frame.time < bars.end - 1)
        picture = next(frames).to_ndarray(format="rgb24")
    middles = picture[45, [round((i + 0.5) * picture.shape[1] / 7) for i in range(7)]] > 100
    assert [tuple(row) for row in middles.astype(int)] == [
        (1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1),
    ]  # fmt: skip
