"""Values are lines at the pipe, printed words are not, and a server that has gone is no error."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap


def test_values_are_lines_and_a_reader_that_has_gone_is_no_error() -> None:
    program = textwrap.dedent("""
        import sys
        from whenabouts.server.telling import teller
        tell = teller()
        print("a word of a library")
        tell({"step": "안녕"})
        sys.stdin.readline()
        for number in range(3):
            tell({"number": number})
    """)
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        assert json.loads(process.stdout.readline()) == {"step": "안녕"}
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read().decode().split("\n") == ["a word of a library", ""]
    assert process.returncode == 0


def test_a_watch_that_was_never_asked_for_ends_without_a_word() -> None:
    child = [sys.executable, "-m", "whenabouts.server.live.child"]
    done = subprocess.run(child, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
