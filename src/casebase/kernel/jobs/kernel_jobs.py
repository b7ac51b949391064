"""The kernel's own queues and schedules, declared as a module declares its."""

from __future__ import annotations

from typing import Final

from casebase.kernel.module import JobHandler, Schedule

OWNER: Final = "casebase"
"""Stands where a module's name does in ``casebase.schedules``."""

HANDLERS: Final = (
    JobHandler("casebase_maintenance", "casebase.kernel.jobs.maintenance:run", timeout_s=600, concurrency=1),
    JobHandler(
        "casebase_retention", "casebase.kernel.privacy.retention:run_job", timeout_s=3600, concurrency=1
    ),
    # Receivers are slow and many; a slow one must not keep the others waiting.
    JobHandler(
        "casebase_webhooks", "casebase.kernel.delivery.outbound:deliver", max_attempts=8, concurrency=16
    ),
    JobHandler(
        "casebase_alerts", "casebase.kernel.delivery.alerts:send", max_attempts=8, timeout_s=60, concurrency=4
    ),
    JobHandler("casebase_monitoring", "casebase.kernel.monitoring.jobs:run", timeout_s=60, concurrency=1),
)
SCHEDULES: Final = (
    Schedule("purge_idempotency_keys", "7 * * * *", "casebase_maintenance", '{"purge": "idempotency_keys"}'),
    Schedule("purge_job_records", "37 3 * * *", "casebase_maintenance", '{"purge": "job_records"}'),
    Schedule(
        "purge_webhook_deliveries", "47 3 * * *", "casebase_maintenance", '{"purge": "webhook_deliveries"}'
    ),
    Schedule("purge_monitoring", "27 * * * *", "casebase_maintenance", '{"purge": "monitoring"}'),
    Schedule("evaluate_alerts", "* * * * *", "casebase_monitoring", '{"task": "evaluate_alerts"}'),
    Schedule("sample_tables", "*/5 * * * *", "casebase_monitoring", '{"task": "sample_tables"}'),
)
