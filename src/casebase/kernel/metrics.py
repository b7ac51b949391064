"""Prometheus metrics of the process. Labels are names of routes, queues and outcomes, never ids or people."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

HTTP_REQUESTS = Counter(
    "casebase_http_requests_total", "HTTP requests answered.", ["method", "route", "status"]
)
HTTP_DURATION = Histogram("casebase_http_request_seconds", "How long an answer took.", ["method", "route"])

POOL_WAITS = Counter("casebase_pool_waits_total", "Calls that found all database connections lent.")
POOL_EXHAUSTED = Counter("casebase_pool_exhausted_total", "Calls that waited for a connection in vain.")

JOBS = Counter("casebase_jobs_total", "Jobs by what became of them.", ["queue", "outcome"])
"""Outcomes: ``completed``, ``retry``, ``dead``, and ``lost`` for a result that came after the lease."""

JOB_SECONDS = Histogram("casebase_job_seconds", "How long a job's handler and its result took.", ["queue"])
JOBS_HELD = Gauge("casebase_jobs_held", "Jobs that this worker holds a lease on.", ["queue"])
SCHEDULE_RUNS = Counter("casebase_schedule_runs_total", "Ticks that this scheduler queued.", ["schedule"])


def exposition() -> tuple[bytes, str]:
    """Return all metrics as Prometheus text, and its media type."""
    return generate_latest(), CONTENT_TYPE_LATEST
