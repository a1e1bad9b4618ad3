"""Folders of features of pictures, sound and words become examples, and say by name what is missing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from whenabouts.benchmarks.example import Example
from whenabouts.errors import InputError
from whenabouts.training.supervised.reading import FeatureFolders


def written(folder: Path, **rows: np.ndarray) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in rows.items():
        np.savez(folder / f"{name}.npz", features=value.astype(np.float32))
    return folder


def receipt(folder: Path, encoder: str, seconds: float) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "receipt.json").write_text(json.dumps({"encoder": encoder, "clip_seconds": seconds}))
    return folder


def asked(qid: object = 7, windows: object = ((2.0, 4.0),)) -> Example:
    return Example(qid, "v", "a bell", np.array(windows, dtype=float).reshape(-1, 2), 10.0)


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    written(tmp_path / "slow", v=rng.normal(size=(6, 4)))
    written(tmp_path / "clip", v=rng.normal(size=(5, 3)))
    written(tmp_path / "words", qid7=rng.normal(size=(2, 3)))
    (tmp_path / "pann").mkdir()
    np.save(tmp_path / "pann" / "v.npy", rng.normal(size=(4, 2)).astype(np.float32))  # as official PANN features lie
    return tmp_path


def test_all_are_cut_to_the_shortest_and_scaled(folders: Path) -> None:
    read = FeatureFolders([folders / "slow", folders / "clip"], [folders / "pann"], folders / "words")
    [example] = read.examples([asked()])
    assert (example.video.shape, example.sound.shape, example.text.shape) == ((4, 7), (4, 2), (2, 3))  # type: ignore[union-attr]
    for part in (example.video[:, :4], example.video[:, 4:], example.sound, example.text):
        assert np.allclose(np.linalg.norm(part, axis=1), 1, atol=1e-3)  # type: ignore[arg-type]


def test_what_is_only_heard_has_no_pictures(folders: Path) -> None:
    [example] = FeatureFolders(sound=[folders / "pann"], text=folders / "words").examples([asked()])
    assert example.video.shape == (4, 0) and example.sound is not None and example.sound.shape == (4, 2)


def test_a_question_without_windows_is_kept_where_it_is_to_be_answered(folders: Path) -> None:
    read = FeatureFolders([folders / "clip"], text=folders / "words")
    assert read.examples([asked(windows=())]) == []
    assert len(read.examples([asked(windows=())], windows=False)) == 1


def test_what_is_missing_is_told_by_name_and_folder(folders: Path) -> None:
    written(folders / "other", w=np.ones((2, 2)))
    with pytest.raises(InputError, match=re.escape(f"no features of 'v' in {folders / 'other'} found")):
        FeatureFolders([folders / "clip"], [folders / "other"], folders / "words").examples([asked()])
    with pytest.raises(InputError, match=re.escape(f"no features of 'v' in {folders / 'other'} found")):
        FeatureFolders([folders / "clip", folders / "other"], text=folders / "words").examples([asked()])
    with pytest.raises(InputError, match=re.escape(f"no features of 'qid8' in {folders / 'words'} found")):
        FeatureFolders([folders / "clip"], text=folders / "words").examples([asked(8)])
    with pytest.raises(InputError, match="no features are given"):
        FeatureFolders(text=folders / "words")


def test_how_the_features_were_made(folders: Path) -> None:
    assert FeatureFolders([folders / "clip"], [folders / "pann"]).made() == {}
    pictures, sound = receipt(folders / "clip", "clip", 2.0), receipt(folders / "pann", "pann", 2.0)
    words = receipt(folders / "words", "clip", 2.0)
    made = {"encoder": "clip", "clip_seconds": 2.0}
    assert FeatureFolders([pictures], text=words).made() == made
    assert FeatureFolders([pictures], [sound], words).made() == made | {"encoder": "clip+pann", "words": "clip"}
    heard = {"encoder": "pann", "words": "clip", "clip_seconds": 2.0}
    assert FeatureFolders(sound=[sound], text=words).made() == heard


def test_rows_of_different_lengths_are_refused(folders: Path) -> None:
    pictures, sound = receipt(folders / "clip", "clip", 2.0), receipt(folders / "pann", "clap", 1.0)
    with pytest.raises(InputError, match=r"are 2 s and rows of .* 1 s"):
        FeatureFolders([pictures], [sound]).made()


def test_unlike_numbers_of_rows_are_told(folders: Path) -> None:
    rows = np.random.default_rng(1).normal(size=(12, 3))
    read = FeatureFolders([folders / "slow", written(folders / "fine", v=rows)], text=folders / "words")
    assert read.widths()[0] == 3 + read.columns()[0][1]
    assert read.uneven() == ()  # a look at the widths uses no video
    [example] = read.examples([asked()])
    assert len(example.video) == 6
    [note] = read.uneven()
    assert note.startswith(f"1 videos have unlike numbers of rows, such as v with 6 in {folders / 'slow'}, 12 in ")
