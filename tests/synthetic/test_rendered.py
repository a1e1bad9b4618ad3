"""Rendered videos show what their annotations say, and their annotations are read as QVHighlights."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whenabouts.benchmarks import dataset
from whenabouts.synthetic.rendered import COLOURS, Rendered
from whenabouts.video import Video


def test_the_named_colour_is_on_show_in_the_windows_only_with_its_shape(tmp_path: Path) -> None:
    examples = Rendered(2, queries=3).write(tmp_path)
    for e in examples:
        colour = np.array(COLOURS[e.query.split()[1]])
        with Video(tmp_path / f"{e.video}.mp4") as video:
            assert abs(video.duration - e.duration) < 1e-6
            middle = [float(np.mean(w)) for w in e.windows]
            for frame in video.sample(1.0):
                near = (np.abs(frame.image.astype(int) - colour).sum(axis=2) < 90).any()
                if any(abs(float(frame.time) - m) <= 0.5 for m in middle):
                    assert near, (e.query, float(frame.time))


def test_annotations_are_read_as_qvhighlights(tmp_path: Path) -> None:
    examples = Rendered(2).write(tmp_path, "val")
    read = dataset("qvhighlights").load(tmp_path, "val").examples
    assert [e.qid for e in read] == [e.qid for e in examples]
    assert all(np.array_equal(a.windows, b.windows) for a, b in zip(read, examples, strict=True))
    other = Rendered(2, seed=1).write(tmp_path, "train")
    assert not {e.qid for e in other} & {e.qid for e in examples}


def test_videos_that_exist_are_kept(tmp_path: Path) -> None:
    Rendered(1).write(tmp_path)
    [video] = tmp_path.glob("*.mp4")
    video.write_bytes(b"mine")
    Rendered(1).write(tmp_path)
    assert video.read_bytes() == b"mine"
