"""A trained head on raw video: from videos to features, to a checkpoint, to moments; and videos of any length."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from processes import LIMIT

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("accelerate", reason="accelerate is not installed")

from whenabouts import Prediction  # noqa: E402
from whenabouts.encoders.clips import load_maker  # noqa: E402
from whenabouts.encoders.folders import FeatureFolder  # noqa: E402
from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders import load  # noqa: E402
from whenabouts.grounders.learned import HEADS  # noqa: E402
from whenabouts.grounders.learned.checkpoint import from_checkpoint, save_head  # noqa: E402
from whenabouts.grounders.learned.grounder import Learned, answer_at_length, pieces  # noqa: E402
from whenabouts.moment import tiou  # noqa: E402
from whenabouts.synthetic.rendered import Rendered  # noqa: E402
from whenabouts.video import Video  # noqa: E402
from whenabouts.video.part import Part  # noqa: E402


@given(st.integers(1, 400), st.integers(1, 90))
def test_pieces_cover_every_row_and_overlap(count: int, longest: int) -> None:
    parts = pieces(count, longest)
    assert parts[0][0] == 0 and parts[-1][1] == count
    assert all(last - first == min(count, longest) for first, last in parts)
    assert all(b[0] <= a[1] for a, b in pairwise(parts))
    assert all(a[0] < b[0] for a, b in pairwise(parts))


@pytest.mark.parametrize("name", HEADS)
def test_any_length_is_answered_inside_the_video(name: str) -> None:
    torch.manual_seed(2)  # with other parameters, which were not trained, OnVTG may see no event in one row
    head = HEADS[name].sized(8, 6, small=True).eval()
    rng = np.random.default_rng(0)
    text = rng.normal(size=(5, 6)).astype(np.float32)
    for count in (1, 2, 75, 76, 400):
        answer = answer_at_length(head, rng.normal(size=(count, 8)).astype(np.float32), text, 2.0)
        windows = np.array(answer.windows).reshape(-1, 3)
        assert len(windows) and (windows[:, 0] >= -1e-4).all() and (windows[:, 1] <= 2 * count + 1e-3).all()
        assert (np.diff(windows[:, 2]) <= 0).all()
        assert answer.saliency is None or len(answer.saliency) == count


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "whenabouts", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)


@pytest.mark.slow
def test_videos_become_features_become_a_model_that_finds(tmp_path: Path) -> None:
    videos, features = tmp_path / "videos", tmp_path / "features"
    Rendered(20, scenes=6, queries=6).write(videos, "train")
    held_out = Rendered(6, seed=1, scenes=6, queries=6).write(videos, "val")
    queries = videos / "queries.jsonl"
    queries.write_text("".join(f.read_text() for f in sorted(videos.glob("highlight_*.jsonl"))))
    made = run("features", *sorted(videos.glob("*.mp4")), "--out", features, "--queries", queries)
    assert made.returncode == 0, made.stderr

    example, folder = held_out[0], FeatureFolder(features)
    with Video(videos / f"{example.video}.mp4") as video:
        raw = load_maker("builtin").rows(video, 2.0, cache=False)
    assert np.allclose(folder[example.video], raw, atol=1e-6)
    [words] = load_maker("builtin").words([example.query])
    assert np.allclose(FeatureFolder(features / "text")[f"qid{example.qid}"], words, atol=1e-6)

    source = ("--benchmark", "qvhighlights", "--data", videos, "--features", features)
    options = ("--size", "small", "--epochs", "30", "--batch", "8", "--every", "10")
    trained = run("train", "univtg", *source, *options, "--out", tmp_path / "run", "--json")
    assert trained.returncode == 0, trained.stderr
    assert json.loads(trained.stdout)["scores"]["MR-full-R1@0.5"] > 60

    model = tmp_path / "run" / "best.pt"
    found = run("find", "--model", model, videos / f"{example.video}.mp4", example.query, "--json")
    assert found.returncode == 0, found.stderr
    [prediction] = [Prediction.from_dict(row) for row in json.loads(found.stdout)]
    assert prediction.receipt is not None and "univtg" in prediction.receipt.models
    assert prediction.best is not None and prediction.presence is None
    best = [[prediction.best.start, prediction.best.end]]
    assert tiou(best, example.windows).max() > 0.4

    again = run("features", *sorted(videos.glob("*.mp4")), "--out", features, "--clip-seconds", "1")
    assert again.returncode == 1 and "made with clip_seconds 2.0, not 1.0" in again.stderr


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a video and a head for its features."""
    folder = tmp_path_factory.mktemp("rendered")
    Rendered(2, scenes=2).write(folder)
    head = HEADS["moment-detr"].sized(1436, 384, small=True)
    save_head(head, folder / "head.pt", {"encoder": "builtin", "clip_seconds": 2.0})
    return folder


LISTENING: list[list[str]] = []


@pytest.fixture(scope="module")
def _hook() -> None:
    """An audit hook, which stays for the life of a process."""

    def record(event: str, args: tuple[object, ...]) -> None:
        if event == "open":
            for names in LISTENING:
                names.append(str(args[0]))

    sys.addaudithook(record)


@pytest.fixture
def opened(_hook: None) -> Iterator[list[str]]:
    """Names of all files opened during a test."""
    LISTENING.append([])
    yield LISTENING[-1]
    LISTENING.pop()


def test_a_checkpoint_is_opened_once_in_the_life_of_a_grounder(rendered: Path, opened: list[str]) -> None:
    path = rendered / "head.pt"
    grounder = Learned(checkpoint=path)
    assert grounder.weight_bytes == 0
    for name in ("rendered_0_0.mp4", "rendered_0_1.mp4"):
        with Video(rendered / name) as video:
            grounder.top = 1
            [prediction] = grounder.ground(video, ["a red circle"])
            assert len(prediction.moments) == 1
    assert opened.count(str(path)) == 1
    assert grounder.weight_bytes >= sum(p.nbytes for p in from_checkpoint(path).parameters())


def test_five_parts_of_a_video_load_head_and_encoders_once(
    rendered: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    loads: list[object] = []
    load_file = torch.load
    monkeypatch.setattr(torch, "load", lambda *args, **more: (loads.append(args), load_file(*args, **more))[1])
    grounder = Learned(checkpoint=rendered / "head.pt", cache=False)
    with Video(rendered / "rendered_0_0.mp4") as video:
        for number in range(5):
            part = Part(video, video.duration * number / 5, video.duration * (number + 1) / 5)
            [prediction] = grounder.ground(part, ["a red circle"])
            assert all(0 <= m.start < m.end <= part.duration for m in prediction.moments)
            read = [name for name in opened if name.endswith((".onnx", ".pt", ".npz"))]
            assert number == 0 or not read, "weights were read again"
            opened.clear()
    assert len(loads) == 1


def test_a_head_runs_on_the_device_that_is_named(rendered: Path) -> None:
    path = rendered / "head.pt"
    with Video(rendered / "rendered_0_0.mp4") as video:
        with pytest.raises(ModelError, match="unknown device 'toaster'"):
            Learned(checkpoint=path, device="toaster").ground(video, ["x"])
        if torch.cuda.is_available():
            pytest.skip("there is a GPU")
        with pytest.raises(ModelError, match="needs a GPU, but torch finds none"):
            Learned(checkpoint=path, device="cuda").ground(video, ["x"])
        stated, default = (Learned(checkpoint=path, device=name).ground(video, ["x"]) for name in ("cpu", None))
    assert stated == default


def test_an_encoder_that_does_not_fit_is_refused_in_a_sentence(rendered: Path, tmp_path: Path) -> None:
    save_head(HEADS["2d-tan"].sized(20, 384, small=True), tmp_path / "head.pt", {"encoder": "builtin"})
    with (
        Video(rendered / "rendered_0_0.mp4") as video,
        pytest.raises(ModelError, match=r"takes 20 numbers per clip, an"),
    ):
        Learned(checkpoint=tmp_path / "head.pt").ground(video, ["a red circle"])


def test_rows_are_as_long_as_official_options_say(rendered: Path, tmp_path: Path) -> None:
    head = HEADS["moment-detr"].sized(1436, 384, small=True)
    for seconds in (1, 2):
        torch.save(
            {"model": head.model.state_dict(), "opt": {"nheads": 4, "v_feat_dim": 1438, "clip_length": seconds}},
            tmp_path / "m.ckpt",
        )
        grounder = Learned(checkpoint=tmp_path / "m.ckpt", encoder="builtin")
        with Video(rendered / "rendered_0_0.mp4") as video:
            [prediction] = grounder.ground(video, ["a red circle"])
        assert prediction.saliency is not None and prediction.receipt is not None
        assert len(prediction.saliency.times) == math.ceil(prediction.duration / seconds)
        assert prediction.receipt.settings["clip_seconds"] == seconds


@pytest.mark.parametrize("name", ["moment-detr", "2d-tan", "actionformer"])
def test_a_run_on_folders_without_a_receipt_asks_for_the_encoder(tmp_path: Path, name: str) -> None:
    [example, *_] = Rendered(1, scenes=2).write(tmp_path)
    (tmp_path / "videos").mkdir()
    (tmp_path / "text").mkdir()
    rng = np.random.default_rng(0)
    for video in ("v0", "v1"):
        np.savez(tmp_path / "videos" / video, features=rng.normal(size=(20, 8)).astype(np.float32))
        np.savez(tmp_path / "text" / video, features=rng.normal(size=(3, 4)).astype(np.float32))
    if name == "actionformer":
        action = {"duration": 40.0, "annotations": [{"segment": [4, 12], "label": "jump"}]}
        content = {"v0": {"subset": "training"} | action, "v1": {"subset": "validation"} | action}
        (tmp_path / "activity_net.v1-3.min.json").write_text(json.dumps({"database": content}))
        source: list[object] = ["activitynet-1.3", "--data", tmp_path]
    else:
        rows = [
            {"qid": v, "query": "a dog", "vid": v, "duration": 40.0, "relevant_windows": [[4, 12]], "split": split}
            for v, split in (("v0", "train"), ("v1", "val"))
        ]
        (tmp_path / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        source = [tmp_path / "own.jsonl", "--text", tmp_path / "text"]
    trained = run(
        "train", name, "--benchmark", *source, "--features", tmp_path / "videos", "--size", "small", "--epochs", "1",
        "--device", "cpu", "--out", tmp_path / "run",
    )  # fmt: skip
    assert trained.returncode == 0, trained.stderr
    older = torch.load(tmp_path / "run" / "best.pt", weights_only=True)
    older["whenabouts"]["facts"]["features"] = older["whenabouts"]["facts"].pop("folders")
    torch.save(older, tmp_path / "older.pt")
    for model in (tmp_path / "run", tmp_path / "older.pt"):
        found = run("find", "--model", model, tmp_path / f"{example.video}.mp4", "jump")
        assert found.returncode == 1
        assert found.stderr.endswith("does not say how its features were made; give it with --encoder\n"), found.stderr


def test_a_checkpoint_that_does_not_tell_its_features_asks_for_them(tmp_path: Path) -> None:
    [example, *_] = Rendered(1, scenes=2).write(tmp_path)
    save_head(HEADS["moment-detr"].sized(1436, 384, small=True), tmp_path / "head.pt", {})
    without = run("find", "--model", tmp_path / "head.pt", tmp_path / f"{example.video}.mp4", "a red circle")
    assert without.returncode == 1 and "does not say how its features were made" in without.stderr
    with Video(tmp_path / f"{example.video}.mp4") as video:
        grounder = load(str(tmp_path / "head.pt"), encoder="builtin", clip_seconds=2.0)
        [prediction] = grounder.ground(video, ["a red circle"])
    assert all(0 <= m.start < m.end <= prediction.duration for m in prediction.moments)
    unknown = run("find", "--model", tmp_path / "head.pt", tmp_path / f"{example.video}.mp4", "x", "--fps", "3")
    assert unknown.returncode == 1 and "has no setting fps" in unknown.stderr
