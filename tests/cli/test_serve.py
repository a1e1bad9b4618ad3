"""`whenabouts serve` as an operator runs it: one line, an end at once, and one sentence where it cannot begin."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from media import make_video
from processes import LIMIT
from serving import serving, start

pytest.importorskip("fastapi")


def refused(*arguments: str | Path) -> str:
    command = [sys.executable, "-m", "whenabouts", "serve", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 1 and done.stdout == "" and "Traceback" not in done.stderr, done
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


@pytest.mark.skipif(os.name == "nt", reason="there are no signals of that kind")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once_though_somebody_listens_and_a_job_runs(tmp_path: Path, sign: signal.Signals) -> None:
    make_video(tmp_path / "video.mp4", seconds=4)
    server = start(tmp_path, "--data", tmp_path / "data", WHENABOUTS_CACHE=str(tmp_path / "cache"))
    video = server.video("video.mp4")
    ask = {"queries": ["x"], "fps": 120, "evidence": ["seen"], "cache": False}
    jobs = [server.json("POST", f"/api/videos/{video}/find", json=ask) for _ in range(3)]
    told: list[str] = []

    def listen() -> None:
        try:
            with httpx.stream("GET", f"{server.address}/api/jobs/{jobs[2]['id']}/events", timeout=LIMIT) as events:
                told.extend(events.iter_lines())
        except httpx.HTTPError:
            pass

    listener = threading.Thread(target=listen)
    listener.start()
    while server.json("GET", f"/api/jobs/{jobs[0]['id']}")["state"] == "queued":
        time.sleep(0.05)
    server.process.send_signal(sign)
    assert server.process.wait(timeout=LIMIT) == 0
    listener.join(timeout=LIMIT)
    assert not listener.is_alive()
    assert server.process.stdout is not None
    assert server.process.stdout.read() == "", "one line was printed, and no more"
    assert server.said == []
    with serving(tmp_path, "--data", tmp_path / "data") as again:
        assert {job["state"] for job in again.json("GET", "/api/jobs")["jobs"]} <= {"queued", "running", "done"}
        assert len(again.json("GET", "/api/jobs")["jobs"]) == 3


def test_without_its_extra_it_says_what_to_install(tmp_path: Path) -> None:
    program = "import sys; sys.modules['fastapi'] = None; from whenabouts.cli.app import main; main()"
    command = [sys.executable, "-c", program, "serve", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "whenabouts: the server needs an extra: pip install 'whenabouts[serve]'\n",
    )


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert "choose another with --port" in refused("--data", tmp_path / "data", "--port", str(port))


def test_folders_and_addresses_that_are_none_are_told(tmp_path: Path) -> None:
    assert "is not a directory" in refused(tmp_path / "none", "--data", tmp_path / "data", "--port", "0")
    assert "is not an address of this machine" in refused("--host", "no.such.host.invalid", "--data", tmp_path / "data")
    (tmp_path / "file").write_text("")
    assert "cannot be used" in refused("--data", tmp_path / "file" / "data", "--port", "0")


def test_an_address_that_others_reach_makes_a_token_and_tells_it(tmp_path: Path) -> None:
    with serving("--data", tmp_path / "data", "--host", "0.0.0.0") as server:
        token = server.line.partition("?token=")[2].split()[0]
        assert len(token) >= 32
        local = f"http://127.0.0.1:{server.port}"
        assert httpx.get(f"{local}/api/videos").status_code == 401
        assert httpx.get(f"{local}/api/videos", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert httpx.get(f"{local}/", params={"token": token}).status_code == 303
        foreign = {"Authorization": f"Bearer {token}", "Host": "evil.example"}
        assert httpx.get(f"{local}/api/videos", headers=foreign).status_code == 403
        assert "another server is using" in refused("--data", tmp_path / "data", "--port", "0")
