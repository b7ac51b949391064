"""The scheduler: looks which cron rules are due and queues a job for each tick, once per cluster.

Any number of schedulers may run: the database takes each (schedule, tick) once. Time is the database's, so
machines whose clocks differ agree on what is due.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from cronsim import CronSim, CronSimError

from casebase.kernel.db import DRIVER_ERRORS, Database, translate
from casebase.kernel.errors import CasebaseError, ConfigurationError
from casebase.kernel.jobs import kernel_jobs
from casebase.kernel.metrics import SCHEDULE_RUNS
from casebase.kernel.module import Schedule
from casebase.kernel.runtime import Runtime

_log = structlog.get_logger(__name__)
_LOOK_AGAIN_S = 30.0
_RETRY_S = 2.0


@dataclass(frozen=True, slots=True)
class ScheduleStatus:
    """A cron rule as the database has it; ``now`` is the database's clock at the reading."""

    name: str
    module: str
    cron: str
    queue: str
    payload: dict[str, Any]
    is_enabled: bool
    active_since: datetime
    last_tick: datetime | None
    now: datetime

    @property
    def latest_tick(self) -> datetime:
        """The last instant, not after ``now``, that the rule matches."""
        return next(CronSim(self.cron, self.now.replace(microsecond=0) + timedelta(seconds=1), reverse=True))

    @property
    def next_tick(self) -> datetime:
        """The first instant after ``now`` that the rule matches."""
        return next(CronSim(self.cron, self.now))

    @property
    def is_due(self) -> bool:
        """Whether the latest tick was not run. Of several missed ones only this one still is."""
        since = max(self.active_since, self.last_tick or self.active_since)
        return self.is_enabled and self.latest_tick > since


class Schedules:
    """Call the schedule functions of the database."""

    def __init__(self, database: Database) -> None:
        self._pool = database.pool

    async def sync(self, module: str, rules: tuple[Schedule, ...]) -> None:
        """Make the database hold a module's rules; disable those it no longer declares."""
        listing = [
            {"name": r.name, "cron": r.cron, "queue": r.queue, "payload": json.loads(r.payload)}
            for r in rules
        ]
        await self._fetch("select casebase.sync_schedules($1, $2)", module, json.dumps(listing))

    async def list(self) -> list[ScheduleStatus]:
        """Return every rule by name."""
        rows = await self._fetch("select * from casebase.list_schedules()")
        return [ScheduleStatus(**{**row, "payload": json.loads(row["payload"])}) for row in map(dict, rows)]

    async def start(self, schedule: str, tick: datetime) -> int | None:
        """Queue a schedule's job for one tick and return its id; ``None`` when that tick was run already."""
        rows = await self._fetch("select casebase.start_schedule_run($1, $2)", schedule, tick)
        msg_id: int | None = rows[0][0]
        return msg_id

    async def _fetch(self, statement: str, *arguments: object) -> Any:
        try:
            return await self._pool.fetch(statement, *arguments)
        except DRIVER_ERRORS as error:
            raise translate(error) from error


class Scheduler:
    """Queue the jobs of the installed modules' schedules when they are due."""

    def __init__(self, runtime: Runtime) -> None:
        """Check every rule; raise ``ConfigurationError`` for a bad cron rule or payload."""
        self._rules = {module.name: module.schedules for module in runtime.modules}
        self._rules[kernel_jobs.OWNER] = kernel_jobs.SCHEDULES
        for rule in (rule for rules in self._rules.values() for rule in rules):
            _check(rule)
        self._schedules = Schedules(runtime.database)

    async def sync(self) -> None:
        """Bring the table up to what the modules declare; their queues must exist."""
        for module, rules in self._rules.items():
            await self._schedules.sync(module, rules)

    async def tick(self) -> float:
        """Start what is due and return the seconds until the next tick."""
        wait_s = _LOOK_AGAIN_S
        for schedule in await self._schedules.list():
            if not schedule.is_enabled or schedule.module not in self._rules:
                continue
            tick = schedule.latest_tick
            if schedule.is_due and await self._schedules.start(schedule.name, tick) is not None:
                _log.info("schedule_started", schedule=schedule.name, tick=tick.isoformat())
                SCHEDULE_RUNS.labels(schedule.name).inc()
            wait_s = min(wait_s, (schedule.next_tick - schedule.now).total_seconds())
        return wait_s

    async def run(self, stop: asyncio.Event) -> None:
        """Schedule until ``stop`` is set; while the database is away, try again."""
        is_synced = False
        while not stop.is_set():
            try:
                if not is_synced:
                    await self.sync()
                    is_synced = True
                wait_s = await self.tick()
            except CasebaseError as error:
                _log.warning("scheduler_waits", error_code=error.code)
                wait_s = _RETRY_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s + 0.01):
                    await stop.wait()


def _check(rule: Schedule) -> None:
    try:
        if len(rule.cron.split()) != 5:
            raise CronSimError("Wrong number of fields")
        CronSim(rule.cron, datetime.min)
    except CronSimError as error:
        problem = f"Schedule {rule.name!r}: {rule.cron!r} is no five-field cron rule ({error})."
        raise ConfigurationError(problem) from error
    try:
        is_object = isinstance(json.loads(rule.payload), dict)
    except ValueError:
        is_object = False
    if not is_object:
        raise ConfigurationError(f"Schedule {rule.name!r}: its payload is not a JSON object.")
