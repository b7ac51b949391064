"""Prometheus metrics of the process. Labels are names of routes, queues and outcomes, never ids or people.

What a runtime's database does is in ``kernel.monitoring``.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

HTTP_REQUESTS = Counter(
    "casebase_http_requests_total", "HTTP requests answered.", ["method", "route", "status"]
)
HTTP_DURATION = Histogram("casebase_http_request_seconds", "How long an answer took.", ["method", "route"])

JOBS = Counter("casebase_jobs_total", "Jobs by what became of them.", ["queue", "outcome"])
"""Outcomes: ``completed``, ``retry``, ``dead``, and ``lost`` for a result that came after the lease."""

JOB_SECONDS = Histogram("casebase_job_seconds", "How long a job's handler and its result took.", ["queue"])
JOBS_HELD = Gauge(
    "casebase_jobs_held", "Jobs that this worker holds a lease on.", ["queue"], multiprocess_mode="livesum"
)
SCHEDULE_RUNS = Counter("casebase_schedule_runs_total", "Ticks that this scheduler queued.", ["schedule"])
