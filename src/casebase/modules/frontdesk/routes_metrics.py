"""``/v1/frontdesk/metrics``: readings over time."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from casebase.kernel.http import VerifiedCaller
from casebase.kernel.payloads import jsonable
from casebase.modules.frontdesk.models.metrics import (
    MetricArchives,
    MetricNames,
    MetricPartitions,
    MetricQuery,
    MetricSeries,
    NewMetrics,
    NewTenantMetric,
    RecordedMetrics,
    Step,
)

router = APIRouter(prefix="/metrics")


@router.post("", status_code=201, response_model=RecordedMetrics, summary="Record a metric")
async def record_metric(metric: NewTenantMetric, caller: VerifiedCaller) -> Response:
    """Write a reading. For services."""
    return await caller.rpc("record_metric", {"payload": jsonable(metric)}, status_code=201)


@router.post("/batch", status_code=201, response_model=RecordedMetrics, summary="Record many metrics")
async def record_metrics(metrics: NewMetrics, caller: VerifiedCaller) -> Response:
    """Write up to 10,000 readings of a tenant, all or none. For services."""
    return await caller.rpc("record_metrics", {"payload": jsonable(metrics)}, status_code=201)


@router.get("", response_model=MetricSeries, summary="Query a metric")
async def query_metric(
    caller: VerifiedCaller,
    name: Annotated[str, Query(min_length=1, max_length=100)],
    since: Annotated[AwareDatetime, Query(alias="from")],
    until: AwareDatetime | None = None,
    step: Step = "auto",
    percentiles: bool = True,
    tenant_id: UUID | None = None,
) -> Response:
    """Return a metric over time, by the minute, hour or day in UTC. For administrators and services."""
    query = MetricQuery.model_construct(
        tenant_id=tenant_id, name=name, since=since, until=until, step=step, percentiles=percentiles
    )
    return await caller.rpc("query_metrics", {"payload": _wire(query)})


@router.post("/query", response_model=MetricSeries, summary="Query a metric by its tags")
async def query_metrics(query: MetricQuery, caller: VerifiedCaller) -> Response:
    """Return a metric over time, of the readings that have all of ``tags``. For administrators and services."""
    return await caller.rpc("query_metrics", {"payload": _wire(query)})


@router.get("/names", response_model=MetricNames, summary="List a tenant's metrics")
async def list_names(caller: VerifiedCaller, tenant_id: UUID | None = None) -> Response:
    """Return which metrics a tenant has, by name. For its administrators and services."""
    return await caller.rpc("list_metric_names", {"tenant_id": tenant_id})


@router.get("/partitions", response_model=MetricPartitions, summary="List the months of metrics")
async def list_partitions(caller: VerifiedCaller) -> Response:
    """Return the months that the database holds, and how many rows wait for theirs. For services."""
    return await caller.rpc("list_metric_partitions")


@router.get("/archives", response_model=MetricArchives, summary="List the months that were exported")
async def list_archives(caller: VerifiedCaller, only_open: bool = False) -> Response:
    """Return the months that had their time, with their files, or those not dropped yet. For services."""
    return await caller.rpc("list_metric_archives", {"only_open": only_open})


def _wire(query: MetricQuery) -> dict[str, object]:
    fields = jsonable(query)
    return {"from": fields.pop("since"), **fields}
