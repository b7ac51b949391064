"""The worker: leases jobs in batches, runs their handlers side by side, and settles each under its fence.

A lease is renewed while its job is in hand. When the worker dies the lease ends and another worker starts the
job again; when it merely froze, the fence refuses whatever it still sends.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
import traceback
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

import structlog
from pydantic import ValidationError

from casebase.kernel.db.listener import listen
from casebase.kernel.errors import CasebaseError, ConfigurationError, DatabaseUnavailableError
from casebase.kernel.jobs import kernel_jobs
from casebase.kernel.jobs.listening import Listening
from casebase.kernel.jobs.queue import CHANNEL, Completion, Job, JobContext, Queues
from casebase.kernel.metrics import JOB_SECONDS, JOBS, JOBS_HELD
from casebase.kernel.module import JobHandler, resolve
from casebase.kernel.runtime import Runtime

Handler = Callable[[Job, JobContext], Awaitable[Completion | None]]

_log = structlog.get_logger(__name__)
_RETRY_S = 1.0
_LEAST_SLEEP_S = 0.05
_LOOKAHEAD_S = 0.25
_MAX_BATCH = 500


class Worker:
    """Run the installed modules' jobs and listeners, or the jobs of ``queues`` only."""

    def __init__(
        self,
        runtime: Runtime,
        queues: Collection[str] | None = None,
        *,
        lease_s: int = 30,
        poll_s: float = 5.0,
        grace_s: float = 20.0,
    ) -> None:
        """Take the handlers from the runtime's modules.

        ``lease_s`` is how soon another worker takes over from a dead one, ``poll_s`` how long a lost
        notification can delay a job, ``grace_s`` how long running jobs may go on after the stop.
        """
        handlers = {h.queue: h for module in runtime.modules for h in module.jobs}
        handlers |= {h.queue: h for h in kernel_jobs.HANDLERS}
        unknown = set(queues or ()) - handlers.keys()
        if unknown:
            raise ConfigurationError(
                f"No installed module handles the queue {sorted(unknown)[0]!r}.",
                hint=f"Handled: {', '.join(sorted(handlers))}.",
            )
        self._url = runtime.direct_url
        self._queues = Queues(runtime.database)
        self._grace_s = grace_s
        context = JobContext(runtime, runtime.session())
        self._consumers = {
            name: _Consumer(handler, context, self._queues, lease_s, poll_s)
            for name, handler in sorted(handlers.items())
            if queues is None or name in queues
        }
        self._listening = [
            Listening(listener, context, runtime.direct_url)
            for module in runtime.modules
            for listener in module.listeners
            if queues is None
        ]

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set, then let running jobs end within the grace and give the rest back."""
        async with asyncio.TaskGroup() as group:
            listener = group.create_task(listen(self._url, CHANNEL, self._wake))
            for consumer in self._consumers.values():
                group.create_task(consumer.run(stop, self._grace_s))
            for listening in self._listening:
                group.create_task(listening.run(stop, self._grace_s))
            _log.info("worker_started", queues=list(self._consumers))
            await stop.wait()
            _log.info("worker_stopping")
            listener.cancel()
        _log.info("worker_stopped")

    async def drain(self) -> None:
        """Work until no job is due and none is in hand; jobs that wait for a later time stay.

        Listeners look once, first: they queue jobs.
        """
        for listening in self._listening:
            await listening.look()
        async with asyncio.TaskGroup() as group:
            for consumer in self._consumers.values():
                group.create_task(consumer.drain(self._grace_s))

    def _wake(self, queue: str | None) -> None:
        for name, consumer in self._consumers.items():
            if queue is None or queue == name:
                consumer.wake.set()


@dataclass(slots=True, eq=False)
class _Lease:
    job: Job
    deadline: asyncio.Timeout | None = None
    is_settling: bool = False
    is_lost: bool = False

    @property
    def fence(self) -> tuple[int, int]:
        return self.job.msg_id, self.job.read_ct


@dataclass(eq=False)
class _Consumer:
    """Work one queue: a reader fills ``_waiting``, lanes empty it, a settler acknowledges, a heart beats."""

    handler: JobHandler
    context: JobContext
    queues: Queues
    lease_s: int
    poll_s: float
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.queue = self.handler.queue
        self._run_handler: Handler = resolve(self.handler.run)
        self._held: dict[int, _Lease] = {}
        self._waiting: asyncio.Queue[_Lease | None] = asyncio.Queue()
        self._done: list[_Lease] = []
        self._has_done = asyncio.Event()
        self._has_room = asyncio.Event()
        self._batch = self.handler.concurrency
        self._completed = JOBS.labels(self.queue, "completed")
        self._seconds = JOB_SECONDS.labels(self.queue)
        JOBS_HELD.labels(self.queue).set_function(lambda: len(self._held))

    async def run(self, stop: asyncio.Event, grace_s: float) -> None:
        """Consume until ``stop``."""
        reader = asyncio.create_task(self._read(until_idle=False))
        stopped = asyncio.create_task(stop.wait())
        await self._consume(reader, stopped, grace_s)

    async def drain(self, grace_s: float) -> None:
        """Consume until nothing is due."""
        reader = asyncio.create_task(self._read(until_idle=True))
        await self._consume(reader, reader, grace_s)

    async def _consume(self, reader: asyncio.Task[None], end: asyncio.Task[object], grace_s: float) -> None:
        lanes = [asyncio.create_task(self._work()) for _ in range(self.handler.concurrency)]
        support = [asyncio.create_task(self._settle()), asyncio.create_task(self._beat())]
        try:
            # None of these ends by itself but by a defect, which must not leave an idle worker behind.
            await asyncio.wait({end, reader, *lanes, *support}, return_when=asyncio.FIRST_COMPLETED)
            reader.cancel()
            await asyncio.wait({reader})
            await self._finish(lanes, grace_s)
        finally:
            ended = [reader, *lanes, *support]
            for task in (*ended, end):
                task.cancel()
            results = await asyncio.gather(*ended, end, return_exceptions=True)
            await self._give_back()
            for result in results:
                if isinstance(result, Exception):
                    raise result

    # -- reading -----------------------------------------------------------------------------------

    async def _read(self, *, until_idle: bool) -> None:
        await self._until_available(lambda: self.queues.create(self.queue, self.handler.max_attempts))
        while True:
            room = self._batch - len(self._held)
            # Fast jobs are read ahead in large batches; each slow one as soon as there is a lane for it.
            if room < (1 if self._batch == self.handler.concurrency else self._batch / 2):
                self._has_room.clear()
                await self._has_room.wait()
                continue
            self.wake.clear()
            try:
                jobs = await self.queues.read(self.queue, room, self.lease_s)
                for job in jobs:
                    self._held[job.msg_id] = lease = _Lease(job)
                    self._waiting.put_nowait(lease)
                if jobs and len(jobs) == room:
                    continue
                if until_idle:
                    if not jobs and not self._held:
                        return
                    if self._held:
                        self._has_room.clear()
                        await self._has_room.wait()
                    continue
                await self._sleep(await self.queues.seconds_until_due(self.queue))
            except CasebaseError as error:
                _log.warning("jobs_unreadable", queue=self.queue, error_code=error.code)
                await asyncio.sleep(_RETRY_S)

    async def _sleep(self, due_in_s: float | None) -> None:
        # Spread, so that many workers do not poll in step.
        patience = self.poll_s * random.uniform(0.75, 1)  # noqa: S311
        if due_in_s is not None:
            patience = min(patience, max(due_in_s, _LEAST_SLEEP_S))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self.wake.wait()

    async def _until_available(self, call: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await call()
            except DatabaseUnavailableError:
                await asyncio.sleep(_RETRY_S)
            else:
                return

    # -- running -----------------------------------------------------------------------------------

    async def _work(self) -> None:
        while (lease := await self._waiting.get()) is not None:
            # A lane is a task with a context of its own, so neighbours' log lines are told apart.
            structlog.contextvars.bind_contextvars(queue=self.queue, job_id=lease.job.msg_id)
            if lease.is_lost:
                self._drop(lease)
            elif lease.job.read_ct > self.handler.max_attempts:
                await self._fail(lease, "job_abandoned", "Its worker was lost at every attempt.")
            else:
                await self._run_one(lease)

    async def _run_one(self, lease: _Lease) -> None:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self.handler.timeout_s) as lease.deadline:
                completion = await self._run_handler(lease.job, self.context)
        except asyncio.CancelledError as error:
            if (lane := asyncio.current_task()) is None or lane.cancelling():
                raise
            await self._fail(lease, "job_cancelled", _describe(error))  # the handler's own doing
            return
        except Exception as error:
            if lease.is_lost:
                self._lose(lease)
            elif isinstance(error, TimeoutError) and lease.deadline is not None and lease.deadline.expired():
                await self._fail(lease, "job_timeout", f"It ran for more than {self.handler.timeout_s} s.")
            else:
                await self._fail(lease, getattr(error, "code", "job_failed"), _describe(error))
            return
        lease.deadline = None
        if completion is None:
            lease.is_settling = True
            self._done.append(lease)
            self._has_done.set()
        else:
            await self._complete(lease, completion)
        self._pace(time.perf_counter() - started)

    def _pace(self, seconds: float) -> None:
        self._seconds.observe(seconds)
        wanted = int(self.handler.concurrency * _LOOKAHEAD_S / max(seconds, 1e-6))
        # Grows by doubling at most, shrinks at once: jobs read ahead wait behind the slow one.
        self._batch = max(self.handler.concurrency, min(wanted, self._batch * 2, _MAX_BATCH))

    # -- settling ----------------------------------------------------------------------------------

    async def _complete(self, lease: _Lease, completion: Completion) -> None:
        lease.is_settling = True
        try:
            is_ours = await self.queues.complete(lease.job, completion)
        except DatabaseUnavailableError:
            # Whether it was committed is unknown. If not, the lease ends and the job is started again.
            _log.warning("job_outcome_unknown")
            self._drop(lease)
        except Exception as error:
            await self._fail(lease, getattr(error, "code", "job_failed"), _describe(error))
        else:
            if is_ours:
                self._completed.inc()
                self._drop(lease)
            else:
                self._lose(lease)

    async def _settle(self) -> None:
        """Acknowledge jobs without a result, all that ended during the previous statement with the next."""
        while True:
            await self._has_done.wait()
            self._has_done.clear()
            await self._acknowledge()

    async def _acknowledge(self) -> None:
        leases, self._done = self._done, []
        if not leases:
            return
        try:
            ours = await self.queues.complete_all(self.queue, [lease.fence for lease in leases])
        except CasebaseError as error:
            _log.warning("jobs_not_acknowledged", queue=self.queue, count=len(leases), error_code=error.code)
            self._done += leases
            self._has_done.set()
            await asyncio.sleep(_RETRY_S)
            return
        for lease in leases:
            if lease.job.msg_id in ours:
                self._completed.inc()
                self._drop(lease)
            else:
                self._lose(lease)

    async def _fail(self, lease: _Lease, code: str, error: str) -> None:
        job = lease.job
        lease.is_settling = True
        try:
            outcome = await self.queues.fail(job, code, error)
        except CasebaseError as failure:
            _log.warning("job_failure_not_recorded", error_code=failure.code)
        else:
            # The text may quote people; the database keeps it scrubbed, the log does without.
            _log.warning("job_failed", attempt=job.attempt, error_code=code, outcome=outcome)
            JOBS.labels(self.queue, outcome).inc()
            # The reader sleeps until the lease would have ended; the retry is due sooner.
            self.wake.set()
        self._drop(lease)

    def _lose(self, lease: _Lease) -> None:
        _log.warning("job_lost", queue=self.queue, job_id=lease.job.msg_id, attempt=lease.job.attempt)
        JOBS.labels(self.queue, "lost").inc()
        self._drop(lease)

    def _drop(self, lease: _Lease) -> None:
        if self._held.get(lease.job.msg_id) is lease:
            del self._held[lease.job.msg_id]
        self._has_room.set()

    # -- leases ------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        """Renew the leases in hand; stop the handler of a job that another worker has by now."""
        while True:
            await asyncio.sleep(self.lease_s / 3)
            leases = list(self._held.values())
            try:
                ours = await self.queues.extend(self.queue, [lease.fence for lease in leases], self.lease_s)
            except CasebaseError as error:
                _log.warning("leases_not_renewed", queue=self.queue, error_code=error.code)
                continue
            for lease in leases:
                if lease.job.msg_id not in ours and not lease.is_settling:
                    lease.is_lost = True
                    if lease.deadline is not None:
                        lease.deadline.reschedule(asyncio.get_running_loop().time())

    async def _finish(self, lanes: list[asyncio.Task[None]], grace_s: float) -> None:
        """Let running jobs end within the grace; jobs that no lane has begun go back at once."""
        unstarted = []
        while not self._waiting.empty():
            lease = self._waiting.get_nowait()
            if lease is not None:
                unstarted.append(lease)
        await self._give_back(unstarted)
        for _ in lanes:
            self._waiting.put_nowait(None)
        await asyncio.wait(lanes, timeout=grace_s)
        await self._acknowledge()

    async def _give_back(self, leases: Collection[_Lease] | None = None) -> None:
        leases = list(self._held.values()) if leases is None else leases
        if not leases:
            return
        _log.info("jobs_given_back", queue=self.queue, count=len(leases))
        with contextlib.suppress(CasebaseError):  # the leases end by themselves
            await self.queues.extend(self.queue, [lease.fence for lease in leases], 0)
        for lease in leases:
            self._drop(lease)


def _describe(error: BaseException) -> str:
    """Return the error's type, message and place; ``casebase.fail_job`` masks personal data in it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    text = f"{type(error).__name__}: {_message(error)[:1000]}{place}"
    # What PostgreSQL cannot store must not keep a failure from being recorded.
    return text.replace("\0", "").encode(errors="replace").decode()


def _message(error: BaseException) -> str:
    """Return what the error says; pydantic's quotes the input, so of that only fields and rules."""
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return ", ".join(f"{'.'.join(map(str, entry['loc']))} {entry['type']}" for entry in found)
    return str(error)
