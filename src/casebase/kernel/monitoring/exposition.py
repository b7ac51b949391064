"""What ``/metrics`` says: the process's own metrics, its calls and pool, and the tables of its database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import accumulate
from time import monotonic
from typing import Any, Final

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from casebase.kernel.db import DRIVER_ERRORS, Database
from casebase.kernel.db.calls import BOUNDS_S, Tally
from casebase.kernel.errors import CasebaseError
from casebase.kernel.monitoring.sharing import Counts, SharedCounts, Tables

_log = structlog.get_logger(__name__)
_TABLES: Final = "select * from casebase.read_table_metrics()"
_TABLES_KEPT_S: Final = 30.0
_PATIENCE_S: Final = 2.0
_TOLD_EVERY_S: Final = 1.0
_LE: Final = (*map(floatToGoString, BOUNDS_S), "+Inf")


class Exposition:
    """Write the metrics of a runtime's database beside those of its process; of all that share its port, if some do."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shared = SharedCounts.from_environment()
        self._tables = Tables()
        self._due_at = 0.0

    async def render(self) -> tuple[bytes, str]:
        """Return all metrics as Prometheus text, and its media type; without tables while the database is away."""
        await self._look_at_tables()
        counts = self._counts()
        # The text of some hundred functions takes a tenth of a second, in which requests are not to wait.
        return await asyncio.to_thread(self._text, counts), CONTENT_TYPE_LATEST

    @asynccontextmanager
    async def shared(self) -> AsyncIterator[None]:
        """Tell those that share the port what is counted in the block, once a second and at its end."""
        if self._shared is None:
            yield
            return
        telling = asyncio.create_task(self._tell())
        try:
            yield
        finally:
            telling.cancel()
            await asyncio.wait({telling})
            self._counts()

    def collect(self) -> Iterable[Metric]:
        """Yield what is known at this moment."""
        return _of_all(self._counts() if self._shared is None else self._shared.sums())

    async def _tell(self) -> None:
        while True:
            self._counts()
            await asyncio.sleep(_TOLD_EVERY_S)

    def _counts(self) -> Counts:
        counts = Counts.of(self._database, self._tables)
        if self._shared is not None:
            # At once, and before the others' are read: a sum must not have what the next one to be asked cannot know.
            try:
                self._shared.write(counts)
            except OSError as error:
                _log.warning("metrics_not_shared", reason=error.strerror)
        return counts

    def _text(self, counts: Counts) -> bytes:
        if self._shared is None:
            return generate_latest() + generate_latest(_Collected(_of_all(counts)))
        files = self._shared.files_of_libraries()
        own = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
        return generate_latest(_Collected([*own, *_of_all(self._shared.sums())]))

    async def _look_at_tables(self) -> None:
        if monotonic() < self._due_at:
            return
        asked_at = monotonic()
        # Before the answer: of scrapes side by side one asks, and a database that is away is not asked by each.
        self._due_at = asked_at + _TABLES_KEPT_S
        if self._shared is not None:
            known = (await asyncio.to_thread(self._shared.sums)).tables
            if asked_at < known.asked_at + _TABLES_KEPT_S:
                self._due_at = known.asked_at + _TABLES_KEPT_S
                return
        try:
            async with asyncio.timeout(_PATIENCE_S):
                rows = await self._database.pool.fetch(_TABLES)
        except (*DRIVER_ERRORS, CasebaseError):
            rows = []
        self._tables = Tables(asked_at, rows)


class _Collected(Collector):
    """Metrics as they were, whatever is counted while they are written."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = tuple(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _of_all(counts: Counts) -> Iterator[Metric]:
    yield from _of_calls(
        counts.by_function,
        "function",
        ("casebase_rpc_seconds", "How long a call of a function took, waiting for a connection included."),
        ("casebase_rpc_calls", "Calls of a function by how they ended."),
    )
    yield from _of_calls(
        counts.by_table,
        "table",
        ("casebase_table_call_seconds", "How long the calls took that touch a table, as a whole."),
        ("casebase_table_calls", "Calls that touch a table by how they ended."),
    )
    pool = counts.pool
    yield GaugeMetricFamily("casebase_pool_size", "Connections that may be open.", pool.size)
    yield GaugeMetricFamily("casebase_pool_in_use", "Connections that are lent.", pool.lent)
    yield GaugeMetricFamily("casebase_pool_idle", "Connections that are open and lent to nobody.", pool.idle)
    yield GaugeMetricFamily("casebase_pool_waiting", "Calls that wait for a connection.", pool.waiting)
    yield CounterMetricFamily("casebase_pool_waits", "Calls that found all connections lent.", pool.waited)
    yield CounterMetricFamily(
        "casebase_pool_exhausted", "Calls that waited for a connection in vain.", pool.exhausted
    )
    yield from _of_tables(counts.tables.rows)


def _of_calls(
    counts: dict[str, Tally], label: str, seconds: tuple[str, str], calls: tuple[str, str]
) -> Iterator[Metric]:
    histogram = HistogramMetricFamily(*seconds, labels=[label])
    counter = CounterMetricFamily(*calls, labels=[label, "outcome"])
    for name, tally in counts.items():
        histogram.add_metric([name], list(zip(_LE, accumulate(tally.buckets), strict=True)), tally.seconds)
        counter.add_metric([name, "ok"], tally.ok)
        counter.add_metric([name, "refused"], tally.refused)
        counter.add_metric([name, "failed"], tally.failed)
    yield histogram
    yield counter


def _of_tables(tables: Sequence[Sequence[Any]]) -> Iterator[Metric]:
    if not tables:
        return
    size = GaugeMetricFamily("casebase_table_bytes", "A table on disk, with its indexes.", labels=["table"])
    indexes = GaugeMetricFamily("casebase_table_index_bytes", "A table's indexes on disk.", labels=["table"])
    rows = GaugeMetricFamily("casebase_table_rows", "Rows of a table, estimated.", labels=["table"])
    growth = GaugeMetricFamily(
        "casebase_table_row_growth", "Rows more than a day ago, or since the first sample.", labels=["table"]
    )
    scans = CounterMetricFamily(
        "casebase_table_scans", "Scans of a table, through its indexes or sequential.", labels=["table", "by"]
    )
    for table, on_disk, on_disk_of_indexes, estimated, more, by_sequence, by_index in tables:
        name = [table]
        size.add_metric(name, on_disk)
        indexes.add_metric(name, on_disk_of_indexes)
        rows.add_metric(name, estimated)
        if more is not None:
            growth.add_metric(name, more)
        scans.add_metric([table, "index"], by_index)
        scans.add_metric([table, "sequence"], by_sequence)
    yield from (size, indexes, rows, growth, scans)
