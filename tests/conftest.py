"""Fixtures shared by all tests: the conformance data and a private cache."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from processes import children

# One thread in each process, whatever was asked: several in each of several processes wait for one another, sums come
# in one order on every machine, and OpenMP complains on stderr, which tests read, of a value that it cannot use.
os.environ["OMP_NUM_THREADS"] = "1"

# Messages are compared in English, whatever the developer speaks.
for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
    os.environ.pop(name, None)
os.environ["LANG"] = "C.UTF-8"

# A machine that is busy is slow, and nothing is wrong with it.
# Fixtures made once for all examples of a property are meant so, and parameters of a test with properties.
ALLOWED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
settings.register_profile("tests", deadline=None, suppress_health_check=ALLOWED)
settings.load_profile("tests")

# A shell that starts the suite in the background lets it ignore Ctrl-C, and so would every process of a test.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

FAILED = pytest.StashKey[bool]()

DATA = Path(os.environ.get("WHENABOUTS_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of reference data; tests that need it skip where it is absent."""
    if not DATA.is_dir():
        pytest.skip(f"reference data not found at {DATA}; set WHENABOUTS_DATA")
    return DATA


def pytest_collection_finish() -> None:
    """Twelve thousand tests and what they import stay to the end: let no collection of garbage look through them."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _weights_are_read_once() -> Iterator[None]:
    """Encoders of one process share their networks while one holds them: here from the first test to the last."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("whenabouts.encoders.session._sessions", {})
        patch.setattr("whenabouts.grounders.warm.WARM.limit_bytes", 256 << 20)
        yield


@pytest.fixture(scope="module", autouse=True)
def _grounders_are_let_go() -> Iterator[None]:
    """`find` keeps grounders for the next question, and no module of tests asks those of another."""
    yield
    if warm := sys.modules.get("whenabouts.grounders.warm"):
        warm.WARM.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know whether their test failed."""
    report = yield
    item.stash[FAILED] = report.failed or item.stash.get(FAILED, False)
    return report


@pytest.fixture(autouse=True)
def _no_process_outlives_a_failure(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that fails has no more chance to end what it started: a server, a watch, an index."""
    before = children()
    yield
    if request.node.stash.get(FAILED, False):
        for process in children() - before:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)


@pytest.fixture(autouse=True)
def _private_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own cache."""
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
