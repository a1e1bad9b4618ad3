"""`find` and `search` by example, on videos of photographs that come with scikit-image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import whenabouts
from whenabouts.errors import ModelError, QueryError
from whenabouts.library.run import index_folder, open_library
from whenabouts.prediction import Prediction
from whenabouts.video.compose import Still, compose

data = pytest.importorskip("skimage.data", reason="scikit-image is not installed")
images = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`pets.mp4` shows a cat twice, from 0 and from 16 s, with three others between; `cat.jpg` is a part of it."""
    made = tmp_path_factory.mktemp("videos")
    shots = [data.chelsea(), data.rocket(), data.coffee(), data.astronaut(), data.chelsea()]
    compose(made / "pets.mp4", [Still(picture, 4) for picture in shots], size=(320, 180), rate=8)
    images.fromarray(data.chelsea()[20:250, 60:400]).save(made / "cat.jpg")
    images.fromarray(data.moon()).convert("RGB").save(made / "moon.png")
    return made


def starts(answer: Prediction) -> list[float]:
    return [round(moment.start) for moment in answer.moments]


def test_a_picture_finds_its_scene_and_the_receipt_names_it(folder: Path) -> None:
    [answer] = whenabouts.find(folder / "pets.mp4", [], like=str(folder / "cat.jpg"))
    assert answer.query == "like cat.jpg" and sorted(starts(answer)[:2]) == [0, 16] and not answer.absent
    assert answer.receipt is not None
    assert answer.receipt.settings["like"]["name"] == "cat.jpg"
    assert len(answer.receipt.settings["like"]["sha256"]) == 64
    [other] = whenabouts.find(folder / "pets.mp4", [], like=str(folder / "moon.png"))
    assert other.presence is not None and answer.presence is not None and other.presence < answer.presence


def test_more_like_this_gives_others_and_says_so(folder: Path) -> None:
    [answer] = whenabouts.find(folder / "pets.mp4", [], like="@1-3")
    assert starts(answer)[0] == 16 and 0 not in starts(answer)
    assert "the shot that the example is from is left out" in answer.notes
    named = whenabouts.find(folder / "pets.mp4", [], like=f"{folder / 'pets.mp4'}@1-3")
    assert named[0].moments == answer.moments


def test_an_example_of_the_whole_video_is_compared_with_nothing(folder: Path, tmp_path: Path) -> None:
    for words in ([], ["at night"]):
        [answer] = whenabouts.find(folder / "pets.mp4", words, like="@0.5-19.5")
        assert answer.presence is None and not answer.absent and not answer.moments
        assert any("nothing is left to compare" in note for note in answer.notes)
    pytest.importorskip("lancedb")
    (tmp_path / "pets.mp4").write_bytes((folder / "pets.mp4").read_bytes())
    library = open_library(tmp_path / "library")
    index_folder(library, tmp_path)
    found = whenabouts.search(None, library.path, like=f"{folder / 'pets.mp4'}@0.5-19.5")
    assert found.presence is None and not found.absent and not found.hits
    assert any("nothing is left to compare" in note for note in found.notes)


def test_what_an_example_lacks_is_said(folder: Path, tmp_path: Path) -> None:
    [answer] = whenabouts.find(folder / "pets.mp4", [], like="@16.5-90")
    assert any("the example ends at 20" in note for note in answer.notes) and answer.presence is not None
    assert answer.receipt is not None and answer.receipt.settings["like"]["end"] == pytest.approx(20, abs=0.1)
    images.fromarray(data.chelsea()[:1, :300]).save(tmp_path / "line.png")
    images.new("RGB", (200, 100), "blue").save(tmp_path / "blue.png")
    for name in ("line.png", "blue.png"):
        [answer] = whenabouts.find(folder / "pets.mp4", [], like=str(tmp_path / name))
        assert answer.presence is None and any("too little to judge by" in note for note in answer.notes)


def test_words_beside_a_picture_rank_and_constraints_hold(folder: Path) -> None:
    second, after, worded = whenabouts.find(
        folder / "pets.mp4", ["the second time", "after a cup of coffee", "a cat"], like=str(folder / "cat.jpg")
    )
    assert starts(second) == [16] and starts(after)[0] == 16
    assert worded.presence is None and any("scores only rank" in note for note in worded.notes)
    assert not any("compared with the picture only" in note for note in worded.notes)
    for other in whenabouts.find(
        folder / "pets.mp4", ["nobody speaks", "silence", "the sign reads EXIT"], like=str(folder / "cat.jpg")
    ):
        assert any("compared with the picture only" in note for note in other.notes)
    again = whenabouts.find(folder / "pets.mp4", [second.query], like=str(folder / "cat.jpg"))
    assert again[0].moments == second.moments  # the query of an answer may be asked again


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"like": "@900"}, QueryError, "starts after the video"),
        ({"like": "@1", "evidence": ["said"]}, QueryError, "an example is compared with what is seen"),
        ({"like": "@1", "model": "search"}, ModelError, "takes no example"),
        ({"like": "@1", "budget": "9s"}, ModelError, "budget cannot be used with an example"),
    ],
)
def test_what_cannot_be_is_refused(folder: Path, options: dict[str, object], error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        whenabouts.find(folder / "pets.mp4", [], **options)  # type: ignore[arg-type]


def test_a_library_is_searched_by_example_and_says_what_is_in_none(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("lancedb")
    for name, shown in {"rocket": data.rocket(), "coffee": data.coffee()}.items():
        compose(tmp_path / f"{name}.mp4", [Still(np.full_like(shown, 128), 3), Still(shown, 4)], size=(160, 90), rate=8)
    (tmp_path / "pets.mp4").write_bytes((folder / "pets.mp4").read_bytes())
    library = open_library(tmp_path / "library")
    index_folder(library, tmp_path)
    found = whenabouts.search(None, library.path, like=str(folder / "cat.jpg"))
    assert Path(found[0].path).name == "pets.mp4" and found.videos == 3 and not found.absent
    assert found.understood is not None and found.understood.event == "like cat.jpg"
    others = whenabouts.search(None, library.path, like=f"{tmp_path / 'rocket.mp4'}@5")
    best = others[0]
    assert Path(best.path).name == "pets.mp4" and round(best.moment.start) == 4  # not the shot itself
    nothing = whenabouts.search(None, library.path, like=str(folder / "moon.png"))
    assert nothing.presence is not None and nothing.presence < (found.presence or 0)
    last = whenabouts.search("the last time a cat appears", library.path)
    assert Path(last[0].path).name == "pets.mp4" and round(last[0].moment.start) == 16
    assert any("within each video" in note for note in last.notes)
    with pytest.raises(QueryError, match="refine cannot be used with an example"):
        whenabouts.search(None, library.path, like=str(folder / "cat.jpg"), refine=True)
    with pytest.raises(QueryError, match="names no video"):
        whenabouts.search(None, library.path, like="@3")
