"""`whenabouts select`: the same choice through Python and the command line, and pictures that show their times."""

from __future__ import annotations

import json
from pathlib import Path

import av
import pytest
from media import make_video, read_number
from typer.testing import CliRunner

import whenabouts
from whenabouts.cli.app import app
from whenabouts.errors import InputError, ModelError, QueryError


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    path = tmp_path_factory.mktemp("select") / "film.mp4"
    times = make_video(path, fps=5, seconds=8.0, offset=1.0, audio=(0.0, 9.0))
    return path, [float(time) + 1.0 for time in times]


def test_pictures_are_written_with_their_true_times(film: tuple[Path, list[float]], tmp_path: Path) -> None:
    path, truth = film
    selection = whenabouts.select(path, "white bars", select="mmr", frames=5, out=tmp_path / "chosen", cache=False)
    written = json.loads((tmp_path / "chosen" / "selection.json").read_text("utf-8"))
    assert [row["time"] for row in written["frames"]] == list(selection.times) and len(selection.times) == 5
    assert [row["score"] for row in written["frames"]] == list(selection.scores)
    assert written["selector"] == "mmr" and len(written["video_sha256"]) == 64 and written["models"]
    files = sorted(each.name for each in (tmp_path / "chosen").iterdir())
    assert files == sorted([*(row["file"] for row in written["frames"]), "selection.json"])
    for row in written["frames"]:
        with av.open(str(tmp_path / "chosen" / row["file"])) as picture:
            image = next(picture.decode(video=0)).to_ndarray(format="rgb24")
        assert row["time"] == pytest.approx(truth[read_number(image)], abs=1e-3)
    assert not list(tmp_path.glob(".*")), "nothing unfinished is left"


def test_a_folder_that_holds_other_things_is_left_alone(film: tuple[Path, list[float]], tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    for name in ("mine", "file", "link"):
        with pytest.raises(InputError, match="not an empty folder"):
            whenabouts.select(film[0], "x", select="uniform", frames=2, out=str(tmp_path / name))
    whenabouts.select(film[0], "x", select="uniform", frames=2, out=tmp_path / "empty")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear" and len(list((tmp_path / "empty").iterdir())) == 3


def test_the_command_line_says_the_same(film: tuple[Path, list[float]]) -> None:
    path, _ = film
    selection = whenabouts.select(path, "white bars", select="aks", frames=3)
    done = CliRunner().invoke(app, ["select", str(path), "white bars", "--select", "aks", "--frames", "3", "--json"])
    assert done.exit_code == 0 and json.loads(done.stdout)["times"] == list(selection.times)
    table = CliRunner().invoke(app, ["select", str(path), "white bars", "--frames", "3"]).stdout
    assert all(f"{time:.3f}" in table for time in selection.times) and "looked at" in table


def test_what_cannot_be_chosen_is_said(film: tuple[Path, list[float]]) -> None:
    with pytest.raises(ModelError, match="unknown selector 'akss'"):
        whenabouts.select(film[0], "x", select="akss")
    with pytest.raises(ModelError, match="no setting model"):
        whenabouts.select(film[0], "x", select="uniform:folder")
    with pytest.raises(QueryError):
        whenabouts.select(film[0], " ")
    with pytest.raises(QueryError, match="frames"):
        whenabouts.select(film[0], "x", frames=0)
