"""Metrics: readings to record, and what became of them over time."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from casebase.kernel.models import Amount, Given, Stored

Step = Literal["auto", "minute", "hour", "day"]
Tag = bool | int | float | str | None
Tags = dict[str, Tag]


class NewMetric(Given):
    """A reading: its name is lowered and trimmed, its tags are few and flat."""

    name: str = Field(min_length=1, max_length=100, examples=["api.latency_ms"])
    value: float = Field(strict=True, gt=-1e30, lt=1e30, allow_inf_nan=False)
    tags: Tags | None = Field(default=None, max_length=16, examples=[{"route": "book"}])
    at: AwareDatetime | None = None


class NewTenantMetric(NewMetric):
    """A reading of a tenant's, by default of the default tenant's."""

    tenant_id: UUID | None = None


class NewMetrics(Given):
    """Readings of one tenant: recorded all, or none."""

    tenant_id: UUID | None = None
    metrics: tuple[NewMetric, ...] = Field(min_length=1, max_length=10_000)


class RecordedMetrics(Stored):
    """How many readings were written."""

    tenant_id: UUID
    recorded: int


class MetricQuery(Given):
    """Which metric to look at, from when until when, in which steps (``auto``: by the length of the period)."""

    model_config = ConfigDict(populate_by_name=True)

    tenant_id: UUID | None = None
    name: str = Field(min_length=1, max_length=100)
    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime | None = None
    step: Step | None = None
    tags: Tags | None = Field(default=None, max_length=16)
    percentiles: bool | None = None


class MetricPoint(Stored):
    """The readings of one step; percentiles are readings themselves (nearest rank), null where none were asked for."""

    starts_at: datetime
    count: int
    sum: Amount
    avg: Amount
    min: Amount
    max: Amount
    p50: Amount | None = None
    p95: Amount | None = None
    p99: Amount | None = None
    is_raw: bool
    """Whether it was counted from the readings just now, and not before, for the roll-ups."""


class MetricTotal(Stored):
    """All readings of a period; nulls where there is none."""

    count: int
    sum: Amount
    avg: Amount | None
    min: Amount | None
    max: Amount | None


class MetricSeries(Stored):
    """A metric over time; ``since`` and ``until`` are those of whole steps, which lie in UTC."""

    tenant_id: UUID
    name: str
    since: datetime = Field(alias="from")
    until: datetime
    step: Step
    points: tuple[MetricPoint, ...]
    total: MetricTotal
    raw_since: datetime | None
    """From when on readings are kept, which minutes and tags are counted from; null: all of them."""


class MetricName(Stored):
    """A metric that a tenant has, and the last hour that it has a reading in."""

    name: str
    latest_hour: datetime


class MetricNames(Stored):
    """A tenant's metrics, by name."""

    tenant_id: UUID
    items: tuple[MetricName, ...]


class MetricPartition(Stored):
    """A month of metrics in the database; ``expired``: it was taken out, and is being exported."""

    name: str
    month: str
    state: Literal["attached", "expired"]
    estimated_rows: int
    bytes: int


class MetricPartitions(Stored):
    """The months that the database holds, and how many rows wait for theirs to be made."""

    items: tuple[MetricPartition, ...]
    waiting_in_default: int


class MetricArchivePart(Stored):
    """A file of an archive in the file store: gzipped JSON lines."""

    part: int
    path: str
    sha256: str
    row_count: int
    size_bytes: int


class MetricArchive(Stored):
    """A month that had its time; dropped, once all of it is in files."""

    archive_id: UUID
    month: str
    detached_at: datetime
    dropped_at: datetime | None
    row_count: int | None
    part_count: int
    parts: tuple[MetricArchivePart, ...]


class MetricArchives(Stored):
    """The months that were taken out, oldest first."""

    items: tuple[MetricArchive, ...]
