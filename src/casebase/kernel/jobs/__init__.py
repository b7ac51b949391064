"""Durable jobs on pgmq: queues, workers and schedules.

A handler returns a ``Completion`` naming the SQL function that writes its result; that call and the job's
acknowledgement are one transaction, so the effect happens once, whatever dies when.
"""

from casebase.kernel.jobs.queue import Completion, Job, JobContext, JobStatus, Queues, QueueStatus
from casebase.kernel.jobs.scheduler import Scheduler, Schedules, ScheduleStatus
from casebase.kernel.jobs.worker import Worker

__all__ = [
    "Completion",
    "Job",
    "JobContext",
    "JobStatus",
    "QueueStatus",
    "Queues",
    "ScheduleStatus",
    "Scheduler",
    "Schedules",
    "Worker",
]
