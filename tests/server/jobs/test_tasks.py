"""Tasks as worker processes do them, here in the process of the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from media import make_video
from subtitled import video as subtitled_video
from weight_files import weight_reads

from whenabouts.grounders.warm import WARM
from whenabouts.server.jobs.report import SILENT
from whenabouts.server.jobs.tasks import TASKS
from whenabouts.server.jobs.worker import limit_warm_models


@pytest.fixture
def cold() -> Iterator[None]:
    """No grounder is loaded before or after, and the limit of memory is as it was."""
    limit = WARM.limit_bytes
    WARM.clear()
    yield
    WARM.limit_bytes = limit
    WARM.clear()


def find(video: Path, **fields: object) -> dict[str, object]:
    answer: dict[str, object] = TASKS["find"]({"path": str(video), "find": fields}, SILENT)
    return answer


@pytest.mark.usefixtures("cold")
def test_a_worker_reads_weights_once_for_all_videos_and_again_where_it_may_keep_none(tmp_path: Path) -> None:
    videos = [tmp_path / f"{name}.mp4" for name in "abc"]
    for video in videos:
        make_video(video, seconds=2)
    asked = {"queries": ["bars"], "evidence": ["seen"], "cache": False}
    with weight_reads() as first:
        find(videos[0], **asked)
    with weight_reads() as second:
        find(videos[1], **asked)
    assert first and not second
    limit_warm_models(0)
    find(videos[1], **asked)
    assert WARM.limit_bytes == 0
    with weight_reads() as third:
        find(videos[2], **asked)
    assert third == first


def test_words_that_were_read_on_the_way_are_given_whatever_the_model(tmp_path: Path) -> None:
    video = subtitled_video(
        tmp_path / "video.mp4", seconds=4, codec="mov_text", lines=[(1.0, 2.0, "welcome to the harbour")]
    )
    for fields in ({"evidence": ["said"]}, {"evidence": ["said", "seen"], "search": True}):
        words = find(video, queries=["they say welcome"], **fields)["words"]
        assert words == {
            "lines": [{"start": 1.0, "end": 2.0, "kind": "said", "text": "welcome to the harbour", "speaker": ""}],
            "complete": False,
        }
    assert find(video, queries=["bars"], evidence=["seen"])["words"] is None
