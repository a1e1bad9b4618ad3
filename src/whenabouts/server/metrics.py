"""Counters of the server, in the format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from whenabouts.errors import DataUnavailable
from whenabouts.server.disk import SENTENCES, Disk
from whenabouts.server.jobs.store import JobStore

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000)


class Metrics:
    """Counters of one server; the jobs in each state are counted when the metrics are read."""

    def __init__(self, store: JobStore, disk: Disk) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Jobs(store))
        self._registry.register(_DiskMetrics(disk))
        self.requests = Counter(
            "whenabouts_requests", "Responses sent.", ["method", "route", "status"], registry=self._registry
        )
        self.ended = Counter("whenabouts_jobs_ended", "Jobs ended.", ["kind", "state"], registry=self._registry)
        self.seconds = Histogram(
            "whenabouts_job_seconds",
            "Seconds from the start of a job to its end.",
            ["kind"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self.streamed = Counter("whenabouts_streamed_bytes", "Bytes of video sent.", registry=self._registry)
        self.uploaded = Counter("whenabouts_uploaded_bytes", "Bytes of video uploaded.", registry=self._registry)

    def text(self) -> bytes:
        """All counters, as Prometheus reads them."""
        return generate_latest(self._registry)


class _Jobs(Collector):
    def __init__(self, store: JobStore) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        try:
            counts = self._store.counts()
        except DataUnavailable:  # the other metrics tell why
            return
        jobs = GaugeMetricFamily("whenabouts_jobs", "Jobs in the database.", labels=["kind", "state"])
        for (kind, state), count in sorted(counts.items()):
            jobs.add_metric([kind, state], count)
        yield jobs
        waiting = sum(count for (_, state), count in counts.items() if state == "queued")
        yield GaugeMetricFamily("whenabouts_queue_length", "Jobs in the queue.", value=waiting)


class _DiskMetrics(Collector):
    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def collect(self) -> Iterator[Metric]:
        failures = CounterMetricFamily(
            "whenabouts_disk_failures", "Reads and writes that the disk refused.", labels=["reason"]
        )
        for reason in SENTENCES:
            failures.add_metric([reason], self._disk.failures[reason])
        yield failures
        degraded = float(self._disk.check() is not None)
        yield GaugeMetricFamily("whenabouts_degraded", "1 where the disk cannot be written.", value=degraded)
