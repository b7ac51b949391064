"""``casebase jobs`` and ``casebase schedule``, as an operator uses them."""

from __future__ import annotations

import json
from collections.abc import Callable

import asyncpg
import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from casebase.cli import jobs, schedule
from casebase.kernel.errors import CasebaseError, ConfigurationError, RpcError
from tests.support.postgres import run_sync

QUEUE = "casebase_maintenance"
Command = Callable[..., Result]


@pytest.fixture
def environment(kernel_database: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("home")
    return {"CASEBASE_DATABASE_URL": kernel_database, "CASEBASE_HOME": str(home), "CASEBASE_MODULES": ""}


@pytest.fixture
def casebase(environment: dict[str, str]) -> Command:
    groups: dict[str, Typer] = {"jobs": jobs.app, "schedule": schedule.app}

    def run(group: str, *arguments: str, answer: str | None = None) -> Result:
        result = CliRunner().invoke(groups[group], arguments, env=environment, input=answer)
        if isinstance(result.exception, CasebaseError):
            raise result.exception
        return result

    return run


@pytest.fixture
def sql(kernel_database: str) -> Callable[[str], object]:
    def execute(statement: str) -> object:
        async def run() -> object:
            connection = await asyncpg.connect(kernel_database)
            try:
                return await connection.fetchval(statement)
            finally:
                await connection.close()

        return run_sync(run)

    return execute


@pytest.fixture
def dead_job(sql: Callable[[str], object]) -> str:
    """The id of a job that failed once and may not be tried again."""
    sql(f"select casebase.create_queue('{QUEUE}', 1)")
    sql(f"""select casebase.enqueue('{QUEUE}', '{{"purge": "job_records"}}')""")
    msg_id = sql(f"select msg_id from casebase.read_jobs('{QUEUE}', 1, 30)")
    sql(f"select casebase.fail_job('{QUEUE}', {msg_id}, 1, 'job_failed', 'ValueError: [no] reply')")
    return str(msg_id)


class TestList:
    def test_queues(self, casebase: Command) -> None:
        assert QUEUE in casebase("jobs", "list").output

    def test_queues_as_json(self, casebase: Command, dead_job: str) -> None:
        queues = {queue["queue"]: queue for queue in json.loads(casebase("jobs", "list", "--json").output)}
        assert (queues[QUEUE]["dead"], queues[QUEUE]["ready"]) == (1, 0)

    def test_jobs_of_a_state(self, casebase: Command, dead_job: str) -> None:
        assert "job_failed" in casebase("jobs", "list", QUEUE, "--state", "dead").output
        assert json.loads(casebase("jobs", "list", QUEUE, "--state", "ready", "--json").output) == []

    def test_an_unknown_state_is_refused(self, casebase: Command) -> None:
        assert casebase("jobs", "list", QUEUE, "--state", "asleep").exit_code == 2

    def test_an_unknown_queue_is_refused(self, casebase: Command) -> None:
        with pytest.raises(RpcError) as refusal:
            casebase("jobs", "list", "no_such_queue")
        assert refusal.value.code == "queue_not_found"


class TestShow:
    def test_payload_and_error(self, casebase: Command, dead_job: str) -> None:
        output = casebase("jobs", "show", QUEUE, dead_job).output
        assert '{"purge": "job_records"}' in output
        assert "ValueError: [no] reply" in output

    def test_an_unknown_job_is_refused(self, casebase: Command) -> None:
        with pytest.raises(jobs.JobNotFoundError):
            casebase("jobs", "show", QUEUE, "404")


class TestRequeue:
    def test_one(self, casebase: Command, dead_job: str) -> None:
        assert "Requeued 1" in casebase("jobs", "requeue", QUEUE, dead_job).output
        assert "Drained; left: none." in casebase("jobs", "drain", QUEUE).output

    def test_all_asks_first(self, casebase: Command, dead_job: str) -> None:
        assert casebase("jobs", "requeue", QUEUE, "--all", answer="n\n").exit_code == 1
        assert "Requeued 1" in casebase("jobs", "requeue", QUEUE, "--all", answer="y\n").output

    def test_neither_ids_nor_all_is_refused(self, casebase: Command) -> None:
        assert casebase("jobs", "requeue", QUEUE).exit_code == 2

    def test_a_job_that_is_not_dead_is_refused(self, casebase: Command) -> None:
        with pytest.raises(jobs.JobNotFoundError):
            casebase("jobs", "requeue", QUEUE, "404")


def test_pause_and_resume(casebase: Command, sql: Callable[[str], object]) -> None:
    is_paused = f"select is_paused from casebase.queues where name = '{QUEUE}'"
    casebase("jobs", "pause", QUEUE)
    assert sql(is_paused)
    assert "paused" in casebase("jobs", "drain", QUEUE).output
    casebase("jobs", "resume", QUEUE)
    assert not sql(is_paused)


class TestDrain:
    def test_drop_asks_first(self, casebase: Command, sql: Callable[[str], object]) -> None:
        sql(f"select casebase.enqueue('{QUEUE}', '{{}}')")
        assert casebase("jobs", "drain", QUEUE, "--drop", answer="n\n").exit_code == 1
        assert "Deleted 1." in casebase("jobs", "drain", QUEUE, "--drop", "--yes").output

    def test_a_queue_that_no_module_handles_is_refused(self, casebase: Command) -> None:
        with pytest.raises(ConfigurationError, match="no_such_queue"):
            casebase("jobs", "drain", "no_such_queue")


class TestSchedule:
    def test_list(self, casebase: Command) -> None:
        rules = {rule["name"]: rule for rule in json.loads(casebase("schedule", "list", "--json").output)}
        assert rules["purge_idempotency_keys"]["cron"] == "7 * * * *"
        assert "purge_idempotency_keys" in casebase("schedule", "list").output

    def test_run_queues_the_job_now(self, casebase: Command) -> None:
        assert "Queued job" in casebase("schedule", "run", "purge_job_records").output
        assert "Drained; left: none." in casebase("jobs", "drain", QUEUE).output

    def test_an_unknown_schedule_is_refused(self, casebase: Command) -> None:
        with pytest.raises(schedule.ScheduleNotFoundError):
            casebase("schedule", "run", "no_such_schedule")
