"""A grounder cannot tell a video from the view of it that no edit has changed, and follows those that have."""

from __future__ import annotations

from pathlib import Path

import pytest
from coloured import coloured

from whenabouts.grounders.similarity import Similarity
from whenabouts.video.edit import Edited, Swap


@pytest.mark.slow
def test_similarity_answers_alike_and_follows_edits(tmp_path: Path) -> None:
    video = coloured(tmp_path / "talk.mp4", ("blue", 4), ("red", 3), ("green", 5))
    (tmp_path / "talk.srt").write_text("1\n00:00:08,000 --> 00:00:10,000\nwe mention the harbour\n", "utf-8")
    grounder = Similarity(evidence=("seen", "said"), cache=False)
    queries = ["the harbour is mentioned", "a red wall"]
    for ours, theirs in zip(grounder.ground(Edited(video), queries), grounder.ground(video, queries), strict=True):
        assert ours.moments == theirs.moments and ours.presence == theirs.presence
        assert ours.saliency == theirs.saliency
    said, _ = grounder.ground(Edited(video, [Swap((0, 4), (8, 11))]), queries)
    assert said.best is not None and (said.best.start, said.best.end) == pytest.approx((0.0, 2.0), abs=0.01)
