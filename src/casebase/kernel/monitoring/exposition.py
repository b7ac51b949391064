"""What ``/metrics`` says: the process's own metrics, its calls and pool, and the tables of its database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from time import monotonic
from typing import Final

import asyncpg
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from casebase.kernel.db import DRIVER_ERRORS, Database
from casebase.kernel.db.calls import BOUNDS_S, Tally
from casebase.kernel.errors import CasebaseError

_TABLES: Final = "select * from casebase.read_table_metrics()"
_TABLES_KEPT_S: Final = 30.0
_PATIENCE_S: Final = 2.0
_LE: Final = (*map(floatToGoString, BOUNDS_S), "+Inf")


class Exposition:
    """Write the metrics of a runtime's database beside those of its process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tables: Sequence[asyncpg.Record] = ()
        self._due_at = 0.0

    async def render(self) -> tuple[bytes, str]:
        """Return all metrics as Prometheus text, and its media type; without tables while the database is away."""
        await self._look_at_tables()
        # The text of some hundred functions takes a tenth of a second, in which requests are not to wait.
        return await asyncio.to_thread(_text, _Collected(self.collect())), CONTENT_TYPE_LATEST

    def collect(self) -> Iterable[Metric]:
        """Yield what is known at this moment."""
        calls = self._database.calls
        yield from _of_calls(
            calls.by_function(),
            "function",
            (
                "casebase_rpc_seconds",
                "How long a call of a function took, waiting for a connection included.",
            ),
            ("casebase_rpc_calls", "Calls of a function by how they ended."),
        )
        yield from _of_calls(
            calls.by_table(),
            "table",
            ("casebase_table_call_seconds", "How long the calls took that touch a table, as a whole."),
            ("casebase_table_calls", "Calls that touch a table by how they ended."),
        )
        pool = self._database.pool
        yield GaugeMetricFamily("casebase_pool_size", "Connections that may be open.", pool.use.size)
        yield GaugeMetricFamily("casebase_pool_in_use", "Connections that are lent.", pool.use.lent)
        yield GaugeMetricFamily(
            "casebase_pool_idle", "Connections that are open and lent to nobody.", pool.idle
        )
        yield GaugeMetricFamily(
            "casebase_pool_waiting", "Calls that wait for a connection.", pool.use.waiting
        )
        yield CounterMetricFamily(
            "casebase_pool_waits", "Calls that found all connections lent.", pool.use.waited
        )
        yield CounterMetricFamily(
            "casebase_pool_exhausted", "Calls that waited for a connection in vain.", pool.use.exhausted
        )
        yield from _of_tables(self._tables)

    async def _look_at_tables(self) -> None:
        if monotonic() < self._due_at:
            return
        # Before the answer: of scrapes side by side one asks, and a database that is away is not asked by each.
        self._due_at = monotonic() + _TABLES_KEPT_S
        try:
            async with asyncio.timeout(_PATIENCE_S):
                self._tables = await self._database.pool.fetch(_TABLES)
        except (*DRIVER_ERRORS, CasebaseError):
            self._tables = ()


class _Collected(Collector):
    """Metrics as they were, whatever is counted while they are written."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = tuple(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _text(collected: Collector) -> bytes:
    return generate_latest() + generate_latest(collected)


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


def _of_tables(tables: Sequence[asyncpg.Record]) -> Iterator[Metric]:
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
    for row in tables:
        name = [row["table_name"]]
        size.add_metric(name, row["bytes"])
        indexes.add_metric(name, row["index_bytes"])
        rows.add_metric(name, row["estimated_rows"])
        if row["row_growth"] is not None:
            growth.add_metric(name, row["row_growth"])
        scans.add_metric([*name, "index"], row["index_scans"])
        scans.add_metric([*name, "sequence"], row["sequential_scans"])
    yield from (size, indexes, rows, growth, scans)
