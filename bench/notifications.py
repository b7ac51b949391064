"""Measure the notifications module on one embedded server at its product settings.

500 mentors: the specification's size, all four rules in one command. Target: under 30 s (specified).
Racing engines: 50 at once, then 50 writers for each person past the engine's lock. Target: one notification each.
1,000,000 users with 10,000,000 activities: all four rules in one command. Target: under 60 s; peak memory that of 500.
Cooldown lookup at 1,000,000 notifications, by the repository. Target: p99 under 2 ms (specified: 50), by its index.
The per-user loop of repository calls, on a sample, for as many users. Target: at least 10 times as slow.

Everything that the command needs is in its time: start, rules, writing, jobs.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg

from casebase.app import prepare_database
from casebase.kernel.config import Settings
from casebase.kernel.db import SERVICE, Database
from casebase.kernel.platform.embedded import EmbeddedServer
from casebase.modules.notifications.enums import ScenarioType
from casebase.modules.notifications.errors import ScenarioRepositoryException
from casebase.modules.notifications.models import NewScenarioNotification
from casebase.modules.notifications.repository import ScenarioNotificationRepository
from tests.notifications.many_mentors import make_many_mentors

MENTORS = 500
MENTORS_S = 30.0
USERS = 1_000_000
ACTIVITIES = 10 * USERS
EVALUATION_S = 60.0
MEMORY_RATIO = 1.2
ENGINES = 50
LOOKUPS = 5_000
LOOKUP_MS = 2.0
SAMPLE = 1_000
LOOP_RATIO = 10.0

EVALUATE = """
from casebase.modules.notifications.commands import app
app(["evaluate", "--json"], standalone_mode=False)
# The process's own: what getrusage tells of a child begins with its parent's.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""

COOLDOWN = """
    select triggered_at from scenario_notifications
    where user_id = $1 and scenario_type = 'inactivity' and delivery_status <> 'failed'
    order by triggered_at desc limit 1
"""
AGAIN = """
    select count(*) from (
        select from scenario_notifications group by organization_id, user_id, scenario_type, triggered_at::date
        having count(*) > 1
    ) twice
"""


@dataclass(frozen=True)
class Evaluation:
    """One run of the command."""

    seconds: float
    peak_mb: float
    evaluated: int
    outcomes: Counter[str]


async def main() -> int:
    """Print the measures of one run; return 1 when a target is missed."""
    with tempfile.TemporaryDirectory(prefix="casebase-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        os.chmod(folder, 0o755)
        settings = Settings(home=folder / "home")
        server = EmbeddedServer(settings.home)
        try:
            await prepare_database(settings)
            owner = await asyncpg.connect(server.url())
            async with await Database.connect(
                server.api_url, pool_size=ENGINES, command_timeout_s=600
            ) as database:
                await make_many_mentors(owner, MENTORS, 10 * MENTORS)
                met = await measure_races(owner, database)
                few = await evaluate(settings.home, server.url())
                met &= told(f"{MENTORS} mentors", few, MENTORS_S)

                await owner.execute("truncate auth.users cascade")
                start = perf_counter()
                await make_many_mentors(owner, USERS, ACTIVITIES)
                print(
                    f"made {USERS:,} users with {ACTIVITIES:,} activities in {perf_counter() - start:4.0f} s"
                )
                many = await evaluate(settings.home, server.url())
                met &= told(f"{USERS:,} users, {ACTIVITIES:,} activities", many, EVALUATION_S)
                ratio = many.peak_mb / few.peak_mb
                met &= ratio <= MEMORY_RATIO
                print(f"peak memory {ratio:4.2f} times that of {MENTORS} mentors (at most {MEMORY_RATIO})")
                again = await evaluate(settings.home, server.url())
                met &= told("the same again, an hour in which nothing happened", again, EVALUATION_S)
                met &= again.outcomes["notified"] == 0

                met &= await measure_lookups(owner, database)
                met &= await measure_loop(owner, database, many.seconds)
            await owner.close()
        finally:
            server.discard()
    print("targets met" if met else "a target is MISSED")
    return 0 if met else 1


async def evaluate(home: Path, url: str) -> Evaluation:
    """Run the product's command in a process of its own."""
    start = perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", EVALUATE,
        env={**os.environ, "CASEBASE_HOME": str(home), "CASEBASE_DATABASE_URL": url},
        stdout=subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    seconds = perf_counter() - start
    if process.returncode != 0:
        raise SystemExit(f"the evaluation ended with {process.returncode}")
    report, peak = said.decode().rstrip().rsplit("\n", 1)
    found: dict[str, Any] = json.loads(report)
    outcomes: Counter[str] = Counter()
    for counts in found["scenarios"].values():
        outcomes.update(counts)
    return Evaluation(seconds, int(peak) / 1024, found["evaluated"], outcomes)


def told(name: str, evaluation: Evaluation, target_s: float) -> bool:
    """Print an evaluation; return whether it met its target."""
    print(
        f"{name}: {evaluation.seconds:5.1f} s   {evaluation.seconds / target_s:5.2f} of the target   "
        f"{evaluation.evaluated / evaluation.seconds:,.0f} people/s   peak {evaluation.peak_mb:4.0f} MB   "
        + ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(evaluation.outcomes.items()))
    )
    return evaluation.seconds < target_s


async def measure_races(owner: asyncpg.Connection, database: Database) -> bool:
    """Let engines, then writers, race for the same people; take back what they wrote."""
    session = database.session(SERVICE)
    earlier = await owner.fetchval("select count(*) from scenario_notifications")
    start = perf_counter()
    replies = await asyncio.gather(
        *(session.call("evaluate_scenarios", {"payload": {}}) for _ in range(ENGINES))
    )
    seconds = perf_counter() - start
    claimed = sum(counts.get("notified", 0) for reply in replies for counts in reply["scenarios"].values())
    written = await owner.fetchval("select count(*) from scenario_notifications") - earlier
    twice = await owner.fetchval(AGAIN)
    is_met: bool = claimed == written and twice == 0
    print(
        f"{ENGINES} racing engines: {seconds:5.1f} s   {written} notifications, {claimed} claimed, {twice} twice"
    )

    # Past the lock that engines take, the constraint alone stands between them.
    await owner.execute("delete from scenario_notifications")
    people = await owner.fetch("select tenant_id, user_id from tenant_users order by user_id limit 20")
    repository = ScenarioNotificationRepository(database)
    now = datetime.now(UTC)

    async def write(person: asyncpg.Record, n: int) -> int:
        try:
            await repository.insert_notification(
                NewScenarioNotification(
                    user_id=person["user_id"],
                    organization_id=person["tenant_id"],
                    scenario_type=ScenarioType.INACTIVITY,
                    triggered_at=now + timedelta(minutes=n),
                )
            )
        except ScenarioRepositoryException as refused:
            if refused.code != "cooldown_active":
                raise
            return 0
        return 1

    start = perf_counter()
    wins = [sum(await asyncio.gather(*(write(person, n) for n in range(ENGINES)))) for person in people]
    seconds = perf_counter() - start
    is_met &= wins == [1] * len(people)
    print(
        f"{ENGINES} racing writers for {len(people)} people each: {seconds:5.1f} s   {sum(wins)} notifications"
    )
    await owner.execute("truncate auth.users cascade")
    await make_many_mentors(owner, MENTORS, 10 * MENTORS)
    return is_met


async def measure_lookups(owner: asyncpg.Connection, database: Database) -> bool:
    """Time the repository's cooldown lookup of one person at a time, and look at its plan."""
    notifications: int = await owner.fetchval("select count(*) from scenario_notifications")
    await owner.execute("vacuum analyze scenario_notifications")
    people = await sample(owner, LOOKUPS)
    plan = "\n".join(
        row[0] for row in await owner.fetch("explain " + COOLDOWN.replace("$1", f"'{people[0]}'"))
    )
    is_by_index = "using scenario_notifications_user_id_idx" in plan and "Sort" not in plan
    repository = ScenarioNotificationRepository(database)
    times = []
    for person in people[:100] + people:
        start = perf_counter()
        await repository.get_last_sent_at(person, ScenarioType.INACTIVITY)
        times.append((perf_counter() - start) * 1000)
    cuts = quantiles(times[100:], n=100)
    print(
        f"cooldown lookup among {notifications:,}: p50 {cuts[49]:5.2f} ms   p99 {cuts[98]:5.2f} ms   "
        f"{cuts[98] / LOOKUP_MS:5.2f} of the target   {'by its index' if is_by_index else plan}"
    )
    return is_by_index and notifications >= USERS and cuts[98] < LOOKUP_MS


async def measure_loop(owner: asyncpg.Connection, database: Database, engine_s: float) -> bool:
    """Time what an engine of repository calls would ask of each person; its activities and its writes not counted."""
    repository = ScenarioNotificationRepository(database)
    since = datetime.now(UTC) - timedelta(days=30)
    people = await sample(owner, SAMPLE)
    start = perf_counter()
    for person in people:
        for scenario_type in ScenarioType:
            await repository.has_been_sent_since_threshold(person, scenario_type, since)
        await repository.get_milestone_record(person, 10)
        await repository.get_last_sent_at(person, ScenarioType.INACTIVITY)
    loop_s = (perf_counter() - start) / SAMPLE * USERS
    ratio = loop_s / engine_s
    print(
        f"per-user loop of repository calls, {SAMPLE:,} people: {loop_s:,.0f} s for {USERS:,}   "
        f"{ratio:5.1f} times the engine's time (at least {LOOP_RATIO:.0f})"
    )
    return ratio >= LOOP_RATIO


async def sample(owner: asyncpg.Connection, count: int) -> list[UUID]:
    """Draw people, in no order."""
    rows = await owner.fetch("select user_id from tenant_users order by md5(user_id::text) limit $1", count)
    return [row["user_id"] for row in rows]


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
