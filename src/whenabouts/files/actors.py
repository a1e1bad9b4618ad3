"""A pool of Ray actors, on one machine or many; this process hands out tasks and collects the results.

All machines must see files under the same paths. An actor that dies is started again and its task with it.
"""

from __future__ import annotations

import atexit
import logging
import os
import secrets
import shutil
import warnings
from collections.abc import Generator, Iterable
from importlib import import_module
from itertools import chain
from tempfile import mkdtemp
from typing import Any, Protocol

from whenabouts.errors import MissingExtra, WhenaboutsError

__all__ = ["Worker", "actors"]


class Worker(Protocol):
    """What runs in an actor: made once, then called for one task after another."""

    def work(self, task: Any) -> Any:
        """The result of one task; an exception ends the whole run."""
        ...


def actors(
    kind: type[Worker],
    arguments: tuple[Any, ...],
    tasks: Iterable[Any],
    *,
    workers: int = 2,
    cpus: float = 1.0,
    address: str | None = None,
) -> Generator[tuple[Any, Any]]:
    """Each task with its result, as they are done; a task is taken from `tasks` only when a worker is free for it.

    `address` is that of a running cluster, else one is started on this machine. Raises MissingExtra, WhenaboutsError.
    """
    queue = iter(tasks)
    first = next(queue, None)
    if first is None:
        return  # do not start a cluster for nothing
    ray = _started(address)
    maker = ray.remote(num_cpus=cpus, max_restarts=-1, max_task_retries=-1)(kind)
    free: list[Any] = [maker.remote(*arguments) for _ in range(workers)]
    everyone, queue, more = tuple(free), chain([first], queue), True
    under_way: dict[Any, tuple[Any, Any]] = {}
    try:
        while more or under_way:
            while more and free:
                task = next(queue, None)
                if more := task is not None:
                    actor = free.pop()
                    under_way[actor.work.remote(task)] = actor, task
            if under_way:
                [done], _ = ray.wait(list(under_way), num_returns=1)
                actor, task = under_way.pop(done)
                free.append(actor)
                yield task, _result(ray, done)
    finally:
        for actor in everyone:
            ray.kill(actor)


def _started(address: str | None) -> Any:
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import ray
    except ImportError as error:
        raise MissingExtra("ray", "running on Ray") from error
    if not ray.is_initialized():
        # Output of the workers would mix with ours; their errors reach us as exceptions.
        quiet: dict[str, Any] = {"log_to_driver": False, "include_dashboard": False, "logging_level": logging.ERROR}
        try:
            if address:
                ray.init(address=address, **quiet)
            else:
                _start_here(ray, quiet)
        except (ConnectionError, ValueError, RuntimeError) as error:
            where = f"at {address}" if address else "on this machine"
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            raise WhenaboutsError(f"cannot reach a Ray cluster {where}: {reason}") from error
    return ray


def _start_here(ray: Any, quiet: dict[str, Any]) -> None:
    """Start a cluster that only this machine can reach, and that leaves no file and asks nobody anything.

    Ray would keep its session in /tmp/ray and a token in the user's home, and the process of its dashboard, which runs
    without a dashboard too, asks for the cloud that it may be in (169.254.169.254, metadata.google.internal).
    """
    if not any(os.environ.get(name) for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")):
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    # Ray's own default, as paths of sockets must be short, and folders for temporary files may not be
    folder = mkdtemp(prefix="whenabouts-ray-", dir="/tmp" if os.name == "posix" else None)  # noqa: S108
    atexit.register(_end_here, ray, folder)
    services = import_module("ray._private.services")
    dashboard, services.start_api_server = services.start_api_server, lambda *_, **__: (None, None)  # type: ignore[attr-defined]
    try:
        ray.init(address="local", _temp_dir=folder, _node_ip_address="127.0.0.1", **quiet)
    finally:
        services.start_api_server = dashboard  # type: ignore[attr-defined]


def _end_here(ray: Any, folder: str) -> None:
    ray.shutdown()
    shutil.rmtree(folder, ignore_errors=True)


def _result(ray: Any, done: Any) -> Any:
    try:
        return ray.get(done)
    except ray.exceptions.RayTaskError as error:
        raise error.cause if isinstance(error.cause, WhenaboutsError) else error from error
    except ray.exceptions.RayError as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise WhenaboutsError(f"a Ray worker was lost: {reason}") from error
