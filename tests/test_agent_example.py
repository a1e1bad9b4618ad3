"""The example that answers with a chat model: a scripted one on a real server, and an hour of video.

A red car passes five times in the hour, and each time somebody says another sentence. The script plays a model that
takes what it is told into its next call; what it was sent is the evidence that the tools answered right.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from chat_server import chat_server, spoken
from processes import LIMIT

pytest.importorskip("mcp", reason="mcp is not installed")

AGENT = Path(__file__).parents[1] / "examples" / "agent.py"
QUESTION = "What does she say the third time the red car passes?"
PASSES = (300, 900, 1710, 2400, 3300)  # seconds
SAID = ("There it goes.", "Again!", "I left the keys in the piano.", "And again.", "The last one.")
HOUR = 3600


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An hour of one small picture a second: a grey street, and a red car for twenty seconds at each pass."""
    folder = tmp_path_factory.mktemp("hour") / "videos"
    folder.mkdir()
    street = np.full((96, 160, 3), 110, np.uint8)
    street[60:] = 70
    car = street.copy()
    car[40:80, 20:140] = (225, 20, 20)
    with av.open(str(folder / "street.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=1, options={"preset": "ultrafast", "g": "30"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for second in range(HOUR):
            image = car if any(start <= second < start + 20 for start in PASSES) else street
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = second, Fraction(1)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    cues = [
        f"{k + 1}\n{_clock(start + 4)},000 --> {_clock(start + 9)},000\n{line}\n"
        for k, (start, line) in enumerate(zip(PASSES, SAID, strict=True))
    ]
    (folder / "street.srt").write_text("\n".join(cues))
    return folder


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def _call(tool: str, **arguments: Any) -> dict[str, Any]:
    function = {"name": tool, "arguments": json.dumps(arguments)}
    return spoken(None, "tool_calls", tool_calls=[{"id": f"call-{tool}", "type": "function", "function": function}])


def _told(request: dict[str, Any]) -> Any:
    """The result of the last tool, as the model was sent it."""
    return json.loads([message for message in request["messages"] if message["role"] == "tool"][-1]["content"])


def _model(request: dict[str, Any], number: int) -> dict[str, Any] | str:
    """A model that lists, finds, looks, quotes and answers, each with what it was told before."""
    if number == 0:
        return _call("videos")
    if number == 1:
        [video] = _told(request)["videos"]
        return _call("find", video=video["video"], queries=["the third time a red car passes"], evidence=["seen"])
    if number == 2:
        moment = _told(request)["predictions"][0]["moments"][0]
        return _call("frame", video="street.mp4", time=(moment["start"] + moment["end"]) / 2)
    if number == 3:
        return _call("transcript", video="street.mp4", time=_told(request)["time"], radius=15)
    [line] = _told(request)["lines"]
    return f"At {line['start']:g} s she says: “{line['quoted']}”"


def test_an_ordinal_question_about_an_hour_is_answered_with_the_tools(hour: Path, tmp_path: Path) -> None:
    with chat_server(_model) as (address, got):
        done = _run(hour, tmp_path, address)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"At {PASSES[2] + 4} s she says: “{SAID[2]}”"
    assert len(got) == 5 and got[0]["_path"] == "/v1/chat/completions" and got[0]["_key"] == "Bearer secret"
    assert got[0]["messages"][-1] == {"role": "user", "content": QUESTION}
    offered = {tool["function"]["name"]: tool["function"] for tool in got[0]["tools"]}
    assert {"find", "frame", "frames", "listen", "transcript"} <= set(offered) and "clip" not in offered
    assert set(offered["frame"]["parameters"]["required"]) == {"video", "time"}
    moment = _told(got[2])["predictions"][0]["moments"][0]
    assert PASSES[2] - 2 <= moment["start"] < moment["end"] <= PASSES[2] + 22
    _check_is_the_car(got[3]["messages"][-1])
    assert str(hour) not in json.dumps(got)


def _check_is_the_car(message: dict[str, Any]) -> None:
    """The picture that the model was shown is red in the middle."""
    [picture] = [part for part in message["content"] if part["type"] == "image_url"]
    head, _, data = picture["image_url"]["url"].partition(",")
    assert message["role"] == "user" and head == "data:image/jpeg;base64"
    with av.open(BytesIO(base64.b64decode(data))) as file:
        red, green, _ = next(file.decode(video=0)).to_ndarray(format="rgb24")[48:70, 40:120].mean((0, 1))
    assert red > 180 and green < 70


def test_mistakes_of_the_model_are_told_to_it(hour: Path, tmp_path: Path) -> None:
    def model(request: dict[str, Any], number: int) -> dict[str, Any] | str:
        calls = [_call("see"), _call("frame", video="../secret.mp4", time=1), _call("frame", video="street.mp4")]
        calls[0]["choices"][0]["message"]["tool_calls"][0]["function"]["name"] = "see"
        if number < len(calls):
            return calls[number]
        return json.dumps([each["content"] for each in request["messages"] if each["role"] == "tool"])

    with chat_server(model) as (address, _):
        done = _run(hour, tmp_path, address)
    assert done.returncode == 0, done.stderr
    unknown, secret, missing = json.loads(done.stdout)
    assert "unknown tool 'see'" in unknown and "is not a video in the allowed folders" in secret
    assert missing == "error: time: field required"


def test_a_model_that_never_answers_is_given_up(hour: Path, tmp_path: Path) -> None:
    with chat_server(lambda request, number: _call("videos")) as (address, got):
        done = _run(hour, tmp_path, address)
    assert done.returncode == 1 and "gave no answer" in done.stderr and len(got) == 12


def test_what_is_missing_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    nobody = os.environ | {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "WHENABOUTS_CACHE": str(tmp_path / "cache")}
    for arguments, told in (
        ([], "give a folder of videos and a question: "),
        ([str(tmp_path / "nowhere"), "When?"], f"{tmp_path / 'nowhere'} is not a folder; "),
        ([str(tmp_path / "videos"), "When?"], "there is no model's server at http://127.0.0.1:9/v1/ "),
    ):
        command = [sys.executable, str(AGENT), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, env=nobody, check=False)
        assert done.returncode == 1 and done.stderr.splitlines()[-1].startswith(told), done.stderr
        assert "Traceback" not in done.stderr


def _run(hour: Path, home: Path, address: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "OPENAI_BASE_URL": f"{address}/v1",
        "OPENAI_MODEL": "scripted",
        "OPENAI_API_KEY": "secret",
        "WHENABOUTS_CACHE": str(home / "cache"),
    }
    return subprocess.run(
        [sys.executable, str(AGENT), str(hour), QUESTION],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
        env=environment,
    )
