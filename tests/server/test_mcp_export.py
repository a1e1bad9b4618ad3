"""Files that assistants hand on: markers, stringouts and transcripts of answers, never over another; and their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import subtitled

pytest.importorskip("mcp", reason="mcp is not installed")

from whenabouts.errors import InputError
from whenabouts.interchange.exchange import read_predictions
from whenabouts.server.mcp.arguments import read_arguments
from whenabouts.server.mcp.calls import CallCancelled
from whenabouts.server.mcp.folders import Folders
from whenabouts.server.mcp.protocol import _result
from whenabouts.server.mcp.toolbox import Tool, Toolbox

WORDS = "1\n00:00:01,000 --> 00:00:03,000\nAnna: the boat leaves the harbour\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("exports")
    (home / "videos").mkdir()
    colours = [np.full((48, 64, 3), rgb, np.uint8) for rgb in ((20, 40, 220), (225, 20, 20))]
    sound = np.sin(np.arange(6 * 16_000) / 10)
    for name in ("boat", "ferry"):
        subtitled.video(home / "videos" / f"{name}.mp4", seconds=6, pictures=colours, fps=25, sound=sound)
        (home / "videos" / f"{name}.srt").write_text(WORDS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHENABOUTS_CACHE", str(home / "cache"))
        yield home


@pytest.fixture(scope="module")
def toolbox(home: Path) -> Toolbox:
    return Toolbox(Folders([home / "videos"]), clips=home / "clips", library=home / "library")


def call(toolbox: Toolbox, name: str, progress: Callable[[str, float], None] = lambda *_: None, **given: Any) -> Any:
    tool = next(tool for tool in toolbox.tools() if tool.name == name)
    arguments = read_arguments(tool.arguments, given, toolbox.model_names, toolbox.defaults)
    return _result(tool, arguments, tool.run(arguments, progress), toolbox, ())


@pytest.fixture(scope="module")
def answer(toolbox: Toolbox) -> str:
    """The address of what `find` answered."""
    given = {"video": "boat.mp4", "queries": ["the boat leaves the harbour"], "evidence": ["said"]}
    return str(call(toolbox, "find", **given).content[-1].uri)


def test_markers_and_cuts_of_an_answer_are_read_back(toolbox: Toolbox, home: Path, answer: str) -> None:
    for more in ({}, {"cuts": True}, {"format": "premiere-csv"}):
        told = call(toolbox, "export", **{"format": "edl", "answers": [answer], **more}).structured_content
        path = home / "clips" / told["path"]
        [back] = read_predictions(path, video=home / "videos" / "boat.mp4")
        assert back.query == "the boat leaves the harbour"
        assert [(moment.start, moment.end) for moment in back.moments] == [(1.0, 3.0)], more
        assert told["text"] == path.read_bytes().decode("utf-16" if "premiere" in told["path"] else "utf-8")
        assert str(home) not in told["text"] and told["written"]
    assert {each.name for each in (home / "clips").iterdir()} >= {"boat.edl", "selects.edl", "boat.premiere.csv"}


def test_moments_that_were_chosen_are_cut_with_handles_from_several_videos(
    toolbox: Toolbox, home: Path, answer: str
) -> None:
    chosen = {"video": "ferry.mp4", "moments": [{"start": 3.0, "end": 4.0, "label": "a red picture"}]}
    given = {"format": "edl", "cuts": True, "handles": 0.2, "answers": [answer], **chosen}
    told = call(toolbox, "export", **given).structured_content
    spans = []
    for name in ("boat.mp4", "ferry.mp4"):
        [back] = read_predictions(home / "clips" / told["path"], video=home / "videos" / name)
        spans.append((back.query, round(back.moments[0].start, 2), round(back.moments[0].end, 2)))
    assert spans == [("the boat leaves the harbour", 0.8, 3.2), ("a red picture", 2.8, 4.2)]
    with pytest.raises(InputError, match=r"a file of edl holds moments of one video, and these are of 2"):
        call(toolbox, "export", **given | {"cuts": False, "handles": 0.0})


def test_a_transcript_is_a_document_with_its_moments_marked(toolbox: Toolbox, home: Path, answer: str) -> None:
    plain = call(toolbox, "export", format="txt", answers=[answer]).structured_content
    assert "* the boat leaves the harbour" in plain["text"] and "Anna" in plain["text"]
    docx = pytest.importorskip("docx")
    result = call(toolbox, "export", format="docx", video="ferry.mp4")
    told = result.structured_content
    assert told["text"] is None
    resource, data = toolbox.resources.read(told["uri"])
    assert "wordprocessingml" in resource.type and result.content[-1].uri == resource.uri
    said = "\n".join(paragraph.text for paragraph in docx.Document(BytesIO(data)).paragraphs)
    assert "the boat leaves the harbour" in said


def test_nothing_is_written_over_another_file(toolbox: Toolbox, home: Path) -> None:
    given = {"format": "youtube", "video": "boat.mp4", "moments": [{"start": 1, "end": 2, "label": "one"}]}
    first = call(toolbox, "export", **given).structured_content
    again = call(toolbox, "export", **given).structured_content
    assert (again["path"], again["written"], first["written"]) == (first["path"], False, True)
    (home / "clips" / first["path"]).write_text("notes of somebody")
    other = call(toolbox, "export", **given).structured_content
    assert other["path"] != first["path"] and other["written"] and other["text"] == first["text"]
    assert (home / "clips" / first["path"]).read_text() == "notes of somebody"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"format": "edl"}, "nothing to export"),
        ({"format": "docx"}, "a transcript is of one video: name it"),
        ({"format": "pdf", "video": "boat.mp4", "cuts": True}, "has no cuts"),
        (
            {"format": "srt", "cuts": True, "video": "boat.mp4", "moments": [{"start": 1, "end": 2}]},
            "no timeline of cuts",
        ),
        ({"format": "edl", "moments": [{"start": 1, "end": 2}]}, "of one video: name it as `video`"),
        ({"format": "edl", "video": "none.mp4", "moments": [{"start": 1, "end": 2}]}, "'none.mp4' is not a video"),
        ({"format": "edl", "answers": ["whenabouts://answers/none"]}, "is not a resource of this server"),
        (
            {"format": "edl", "video": "boat.mp4", "moments": [{"start": 60, "end": 61}]},
            "after the end of boat.mp4, at 6",
        ),
    ],
)
def test_what_cannot_be_written_is_one_sentence(toolbox: Toolbox, given: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError, match=why):
        call(toolbox, "export", **given)


LONG: dict[str, dict[str, Any]] = {
    "find": {"video": "boat.mp4", "queries": ["red"], "fps": 7.0, "cache": False},
    "index": {},
    "search": {"query": "red"},
    "frames": {"video": "boat.mp4", "count": 4},
    "listen": {"video": "ferry.mp4", "start": 0, "seconds": 3},
    "transcript": {"video": "boat.mp4"},
    "videos": {},
    "export": {"format": "txt", "video": "boat.mp4"},
}
SHORT = {"frame", "clip"}  # one picture; a clip that has begun is finished


def test_every_long_tool_ends_at_whatever_progress_it_is_cancelled(toolbox: Toolbox, home: Path) -> None:
    pytest.importorskip("lancedb", reason="lancedb is not installed")
    tools: dict[str, Tool] = {tool.name: tool for tool in toolbox.tools()}
    assert set(LONG) | SHORT == set(tools)
    for name, given in LONG.items():
        arguments = tools[name].arguments.of(**given)
        steps = 0
        while True:  # cancelled at its first progress, at its second, until it comes to its end
            left = [steps]

            def progress(_what: str, _fraction: float, left: list[int] = left) -> None:
                left[0] -= 1
                if left[0] < 0:
                    raise CallCancelled

            try:
                tools[name].run(arguments, progress)
            except CallCancelled:
                steps += 1
                continue
            assert left[0] >= 0, f"{name} went on after it was cancelled"
            break
        assert steps, f"{name} cannot be cancelled"


def test_a_moment_that_ends_after_its_video_is_cut_off_with_a_note(toolbox: Toolbox) -> None:
    moments = {"video": "ferry.mp4", "moments": [{"start": 3.0, "end": 90.0, "label": "a red picture"}]}
    for more in ({"format": "csv"}, {"format": "edl", "cuts": True}, {"format": "txt"}):
        notes = call(toolbox, "export", **moments, **more).structured_content["notes"]
        assert [note for note in notes if "ends after the end of ferry.mp4, at 6.000 s" in note], more


def test_what_is_asked_of_cuts_alone_is_refused_where_there_are_none(toolbox: Toolbox) -> None:
    moments = {"video": "ferry.mp4", "moments": [{"start": 3.0, "end": 4.0, "label": "a red picture"}]}
    for more in ({"handles": 2.0}, {"order": "score"}, {"start": "10:00:00:00"}):
        with pytest.raises(InputError, match="of a stringout: ask for `cuts` too"):
            call(toolbox, "export", format="edl", **moments, **more)
