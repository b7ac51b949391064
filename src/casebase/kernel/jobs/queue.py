"""Jobs and the SQL functions that keep them: see ``sql/functions``, one file each."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from casebase.kernel.db import DRIVER_ERRORS, Database, Session, translate

if TYPE_CHECKING:
    from casebase.kernel.runtime import Runtime

CHANNEL = "casebase_jobs"
"""Where ``casebase.enqueue`` notifies the queue's name; a wake-up only, polling finds what gets lost."""

JobState = Literal["ready", "delayed", "running", "retrying", "dead"]
Failure = Literal["retry", "dead", "lost"]


@dataclass(frozen=True, slots=True)
class Job:
    """One leased job. ``(msg_id, read_ct)`` is its fence: a later reader has a higher ``read_ct``."""

    queue: str
    msg_id: int
    read_ct: int
    payload: dict[str, Any]
    enqueued_at: datetime

    @property
    def attempt(self) -> int:
        """The number of this start, from 1."""
        return self.read_ct


@dataclass(frozen=True, slots=True)
class Completion:
    """Name the SQL function ``<schema>.<name>(payload jsonb)`` that writes a job's result.

    It runs as service_role in the transaction that acknowledges the job, so its effect happens exactly once.
    """

    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a handler gets beside its job. ``session`` calls as service_role, in its own transactions."""

    runtime: Runtime
    session: Session


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """How many jobs of a queue are in each state, and how long the oldest due one has waited."""

    queue: str
    ready: int
    delayed: int
    running: int
    retrying: int
    dead: int
    oldest_ready_s: float | None
    max_attempts: int
    is_paused: bool


@dataclass(frozen=True, slots=True)
class JobStatus:
    """One job as an operator sees it, with its last failure."""

    job_id: int
    job_state: JobState
    attempts: int
    enqueued_at: datetime
    due_at: datetime | None
    payload: dict[str, Any]
    error_code: str | None
    error: str | None
    failed_at: datetime | None


class Queues:
    """Call the job functions; every method raises what ``kernel.db.translate`` makes of a database error."""

    def __init__(self, database: Database) -> None:
        self._pool = database.pool

    async def create(self, queue: str, max_attempts: int | None = None) -> None:
        """Make a queue unless it exists; set how often its jobs may be started."""
        await self._value("select casebase.create_queue($1, $2)", queue, max_attempts)

    async def enqueue(
        self, queue: str, payload: Mapping[str, Any], *, idempotency_key: str | None = None, delay_s: int = 0
    ) -> int:
        """Queue a job, ids only in its payload, and return its id; a known key returns the first job's id."""
        text = json.dumps(dict(payload), default=str, allow_nan=False)
        msg_id: int = await self._value(
            "select casebase.enqueue($1, $2, $3, $4)", queue, text, idempotency_key, delay_s
        )
        return msg_id

    async def read(self, queue: str, batch_size: int, lease_s: int) -> list[Job]:
        """Lease up to ``batch_size`` due jobs; one whose payload can't be read counts as failed."""
        rows = await self._rows("select * from casebase.read_jobs($1, $2, $3)", queue, batch_size, lease_s)
        jobs = []
        for msg_id, read_ct, at, text in rows:
            try:
                jobs.append(Job(queue, msg_id, read_ct, json.loads(text), at))
            except ValueError:  # somebody wrote to the queue's table: it must not stop the others
                unreadable = Job(queue, msg_id, read_ct, {}, at)
                await self.fail(unreadable, "job_unreadable", "Its payload is no JSON that Python reads.")
        return jobs

    async def seconds_until_due(self, queue: str) -> float | None:
        """Return how long until the next job is due, at most 0 for one that is; ``None`` without any."""
        seconds: float | None = await self._value("select casebase.seconds_until_due($1)", queue)
        return seconds

    async def extend(self, queue: str, fences: Collection[tuple[int, int]], lease_s: int) -> set[int]:
        """Renew leases and return the ids still held; 0 seconds gives the jobs back."""
        return await self._fenced("select casebase.extend_jobs($1, $2, $3, $4)", queue, fences, lease_s)

    async def complete(self, job: Job, completion: Completion | None = None) -> bool:
        """Write a job's result and acknowledge it in one transaction; false when it is no longer ours."""
        function = completion and completion.function
        arguments = json.dumps(dict(completion.arguments) if completion else {}, default=str, allow_nan=False)
        done: bool = await self._value(
            "select casebase.complete_job($1, $2, $3, $4, $5)",
            job.queue, job.msg_id, job.read_ct, function, arguments,
        )  # fmt: skip
        return done

    async def complete_all(self, queue: str, fences: Collection[tuple[int, int]]) -> set[int]:
        """Acknowledge jobs that have no result and return the ids that were still ours."""
        return await self._fenced("select casebase.complete_jobs($1, $2, $3)", queue, fences)

    async def fail(self, job: Job, error_code: str, error: str) -> Failure:
        """Say that a job failed; it is retried later, kept as dead, or was no longer ours."""
        outcome: Failure = await self._value(
            "select casebase.fail_job($1, $2, $3, $4, $5)",
            job.queue, job.msg_id, job.read_ct, error_code, error,
        )  # fmt: skip
        return outcome

    async def list_queues(self) -> list[QueueStatus]:
        """Return every queue with its counts."""
        return [QueueStatus(*row) for row in await self._rows("select * from casebase.list_queues()")]

    async def list_jobs(
        self, queue: str, *, state: JobState | None = None, msg_id: int | None = None, max_rows: int = 50
    ) -> list[JobStatus]:
        """Return live jobs by due time, then the dead, latest first."""
        rows = await self._rows(
            "select * from casebase.list_jobs($1, $2, $3, $4)", queue, state, msg_id, max_rows
        )
        return [JobStatus(**{**row, "payload": _shown(row["payload"])}) for row in map(dict, rows)]

    async def requeue(self, queue: str, msg_ids: Sequence[int] | None = None) -> list[int]:
        """Give dead jobs (all of the queue's without ``msg_ids``) a fresh start and return their new ids."""
        return [row[0] for row in await self._rows("select casebase.requeue_jobs($1, $2)", queue, msg_ids)]

    async def pause(self, queue: str) -> None:
        """Stop handing out a queue's jobs; it goes on taking new ones."""
        await self._value("select casebase.pause_queue($1, true)", queue)

    async def resume(self, queue: str) -> None:
        """Hand out a paused queue's jobs again."""
        await self._value("select casebase.pause_queue($1, false)", queue)

    async def drop(self, queue: str) -> int:
        """Delete a queue's waiting jobs for good and return how many there were."""
        count: int = await self._value("select casebase.drop_jobs($1)", queue)
        return count

    async def _fenced(
        self, statement: str, queue: str, fences: Collection[tuple[int, int]], *rest: object
    ) -> set[int]:
        msg_ids, read_cts = zip(*fences, strict=True) if fences else ((), ())
        return {row[0] for row in await self._rows(statement, queue, msg_ids, read_cts, *rest)}

    async def _value(self, statement: str, *arguments: object) -> Any:
        try:
            return await self._pool.fetchval(statement, *arguments)
        except DRIVER_ERRORS as error:
            raise translate(error) from error

    async def _rows(self, statement: str, *arguments: object) -> list[Any]:
        try:
            rows: list[Any] = await self._pool.fetch(statement, *arguments)
        except DRIVER_ERRORS as error:
            raise translate(error) from error
        return rows


def _shown(payload: str) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(payload)
    except ValueError:
        return {"unreadable": True}
    return read
