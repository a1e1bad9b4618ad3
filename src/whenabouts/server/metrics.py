"""What the server counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from whenabouts.server.jobs.store import Store

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000)


class Metrics:
    """Counters of one server; jobs by state are counted in the store when somebody looks."""

    def __init__(self, store: Store) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Jobs(store))
        self.requests = Counter(
            "whenabouts_requests", "Requests answered.", ["method", "route", "status"], registry=self._registry
        )
        self.ended = Counter("whenabouts_jobs_ended", "Jobs ended.", ["kind", "state"], registry=self._registry)
        self.seconds = Histogram(
            "whenabouts_job_seconds", "From begin to end.", ["kind"], buckets=SECONDS, registry=self._registry
        )
        self.streamed = Counter("whenabouts_streamed_bytes", "Bytes of videos sent.", registry=self._registry)
        self.uploaded = Counter("whenabouts_uploaded_bytes", "Bytes of videos kept.", registry=self._registry)

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self._registry)


class _Jobs(Collector):
    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[GaugeMetricFamily]:
        counts = self._store.counts()
        jobs = GaugeMetricFamily("whenabouts_jobs", "Jobs that are remembered.", labels=["kind", "state"])
        for (kind, state), count in sorted(counts.items()):
            jobs.add_metric([kind, state], count)
        yield jobs
        waiting = sum(count for (_, state), count in counts.items() if state == "queued")
        yield GaugeMetricFamily("whenabouts_queue_length", "Jobs that wait.", value=waiting)
