"""``casebase practice``, as an operator uses it."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from casebase.cli import whole
from casebase.kernel.errors import CasebaseError
from tests.support.postgres import run_sync
from tests.support.rows import all_rows

Command = Callable[..., Result]
PASSWORD = "a long enough password"


@pytest.fixture
def command(database: str, tmp_path: Path) -> Command:
    environment = {
        "CASEBASE_DATABASE_URL": database,
        "CASEBASE_HOME": str(tmp_path / "home"),
        "COLUMNS": "200",
    }

    def run(*arguments: str, typed: str | None = None, **settings: str) -> Result:
        result = CliRunner().invoke(
            whole(), ["practice", *arguments], env={**environment, **settings}, input=typed
        )
        if isinstance(result.exception, CasebaseError):
            raise result.exception
        return result

    return run


@pytest.fixture
def behind(database: str) -> Callable[[Callable[[asyncpg.Connection], Awaitable[Any]]], Any]:
    """A function that lets the owner look behind the command."""

    def look(work: Callable[[asyncpg.Connection], Awaitable[Any]]) -> Any:
        async def connected() -> Any:
            connection = await asyncpg.connect(database)
            try:
                return await work(connection)
            finally:
                await connection.close()

        return run_sync(connected)

    return look


Behind = Callable[[Callable[[asyncpg.Connection], Awaitable[Any]]], Any]
DUE = """
    insert into auth.users (email) values ('one@example.com'), ('two@example.com');
    insert into public.sessions (user_id, scenario_id, started_at, last_activity_at)
    select id, 1, now() - interval '9 days', now() - interval '8 days' from public.profiles;
    update public.profiles set completed_scenario_count = 2, current_week_completion_count = 2,
        week_reset_date = week_reset_date - interval '7 days' where email = 'one@example.com';
    insert into public.logs (level, event_type, created_at)
    select 'info', 'user_logout', now() - interval '31 days' from generate_series(1, 3);
"""


class TestCreateUser:
    def test_makes_an_account_of_no_tenant(self, command: Command, behind: Behind) -> None:
        result = command("create-user", "Ada@Example.com", "--password-stdin", typed=f"{PASSWORD}\n")
        assert (result.exit_code, result.stdout) == (0, "ada@example.com can sign in at /practice.\n")
        assert PASSWORD not in result.output
        accounts = behind(
            lambda c: c.fetch(
                "select p.email, m.tenant_id from public.profiles p left join public.tenant_users m on m.user_id = p.id"
            )
        )
        assert accounts == [("ada@example.com", None)]

    def test_asks_for_the_password_twice(self, command: Command, behind: Behind) -> None:
        result = command("create-user", "ada@example.com", typed=f"{PASSWORD}\n{PASSWORD}\n")
        assert result.exit_code == 0
        assert behind(lambda c: c.fetchval("select count(*) from public.profiles")) == 1

    @pytest.mark.parametrize(
        ("email", "password", "code"),
        [
            ("not an address", PASSWORD, "email_invalid"),
            ("ada@example.com", "short", "invalid_input"),
            ("taken@example.com", PASSWORD, "user_exists"),
        ],
    )
    def test_a_refusal_writes_nothing(
        self, command: Command, behind: Behind, email: str, password: str, code: str
    ) -> None:
        behind(lambda c: c.execute("insert into auth.users (email) values ('taken@example.com')"))
        before = behind(all_rows)
        with pytest.raises(CasebaseError) as refused:
            command("create-user", f" {email} ", "--password-stdin", typed=f"{password}\n")
        assert refused.value.code == code
        assert refused.value.message.endswith(".")
        assert behind(all_rows) == before


class TestCleanup:
    def test_a_dry_run_counts_what_a_run_does_and_writes_nothing(
        self, command: Command, behind: Behind
    ) -> None:
        behind(lambda c: c.execute(DUE))
        before = behind(all_rows)
        counted = json.loads(command("cleanup", "--dry-run", "--json").stdout)
        assert counted == {
            "delete_expired_sessions": 2,
            "delete_old_logs": 3,
            "reset_weekly_limits": 1,
            "close_stale_answers": 0,
        }
        assert behind(all_rows) == before
        assert json.loads(command("cleanup", "--json").stdout) == counted
        assert set(json.loads(command("cleanup", "--json").stdout).values()) == {0}
        assert behind(lambda c: c.fetchval("select count(*) from public.sessions")) == 0

    def test_tells_each_cleanup(self, command: Command, behind: Behind) -> None:
        behind(lambda c: c.execute(DUE))
        header, *rows = command("cleanup").stdout.splitlines()
        assert header.split() == ["CLEANUP", "DONE"]
        assert [row.split() for row in rows][:2] == [
            ["delete_expired_sessions", "2"],
            ["delete_old_logs", "3"],
        ]


class TestLog:
    def test_tells_what_happened_newest_first(self, command: Command, behind: Behind) -> None:
        command("create-user", "ada@example.com", "--password-stdin", typed=f"{PASSWORD}\n")
        behind(
            lambda c: c.execute(
                "insert into public.logs (level, event_type, metadata, created_at) values "
                """('error', 'api_call_failed', '{"duration_ms": 900, "reason": "timeout"}', now() + interval '1 hour')"""
            )
        )
        header, newest, oldest = command("log").stdout.splitlines()
        assert header.split() == ["TIME", "LEVEL", "EVENT", "WHO", "MEASURES"]
        assert newest.split()[1:] == ["error", "api_call_failed", "–", "reason=timeout", "duration_ms=900"]
        assert oldest.split()[1:3] == ["info", "user_registered"]
        # The key of who it was may have these letters among its digits.
        who = oldest.split()[3]
        assert re.fullmatch("[0-9a-f]+…?", who)
        assert "ada" not in oldest.replace(who, "")

    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            (("--level", "error"), ["api_call_failed"]),
            (("--type", "user_logout"), ["user_logout"]),
            (("--since", "2026-06-15"), ["user_logout"]),
            (("--limit", "1"), ["user_logout"]),
            (("--level", "debug"), []),
        ],
    )
    def test_filters(
        self, command: Command, behind: Behind, filters: tuple[str, ...], found: list[str]
    ) -> None:
        behind(
            lambda c: c.execute(
                "insert into public.logs (level, event_type, created_at) values "
                "('error', 'api_call_failed', '2026-06-14T23:59:59Z'), ('info', 'user_logout', '2026-06-15Z')"
            )
        )
        events = json.loads(command("log", "--json", *filters).stdout)
        assert [event["event_type"] for event in events] == found

    @pytest.mark.parametrize("option", ["--level", "--type"])
    def test_an_unknown_word_is_told_with_those_that_are_known(self, command: Command, option: str) -> None:
        refused = command("log", option, "coffee")
        assert refused.exit_code == 2
        assert option in refused.stderr


class TestPrompts:
    def test_names_the_file_of_each(self, command: Command, tmp_path: Path) -> None:
        mine = tmp_path / "helper.md"
        mine.write_text("Help.")
        found = json.loads(
            command("prompts", "--json", CASEBASE_PRACTICE_PROMPT_HELPER_PATH=str(mine)).stdout
        )
        by_name = {each["prompt"]: each for each in found}
        assert by_name["helper"] == {"prompt": "helper", "path": str(mine), "characters": 5}
        assert by_name["kebab"]["path"] is None
        assert "the package's" in command("prompts").stdout

    def test_a_missing_one_is_named_by_its_variable(self, command: Command, tmp_path: Path) -> None:
        with pytest.raises(CasebaseError, match="CASEBASE_PRACTICE_PROMPT_KEBAB_PATH"):
            command("prompts", CASEBASE_PRACTICE_PROMPT_KEBAB_PATH=str(tmp_path / "none.md"))


class TestSample:
    def test_tells_weeks_that_lie_in_the_past(self, command: Command, behind: Behind) -> None:
        result = command("sample", "--people", "4", "--yes")
        assert result.exit_code == 0, result.output
        assert result.stdout.startswith("4 people, ")
        found = behind(
            lambda c: c.fetchrow(
                """
                select (select count(*) from public.profiles) as people,
                       (select count(*) from public.sessions where is_completed) as completed,
                       (select min(duration_seconds) from public.sessions where is_completed) as shortest,
                       (select count(*) from public.sessions where completed_at > now()) as future,
                       (select max(n) from (
                           select count(*) as n from public.sessions where is_completed
                           group by user_id, date_trunc('week', completed_at at time zone 'utc')) w) as busiest,
                       (select count(*) from practice.answers where status <> 'completed') as unanswered,
                       (select count(distinct event_type) from public.logs) as event_types,
                       (select count(distinct created_at::date) from public.logs) as days
                """
            )
        )
        assert found["people"] == 4
        assert found["completed"] >= 4
        assert found["shortest"] >= 30
        assert (found["future"], found["unanswered"]) == (0, 0)
        assert found["busiest"] <= 3
        assert found["event_types"] >= 5
        assert found["days"] >= 3

    def test_writes_nothing_without_a_yes(self, command: Command, behind: Behind) -> None:
        before = behind(all_rows)
        result = command("sample", typed="n\n")
        assert result.exit_code == 1
        assert "invented people" in result.stderr
        assert behind(all_rows) == before


@pytest.mark.parametrize("name", ["create-user", "cleanup", "log", "prompts", "sample"])
def test_help_has_examples_and_exit_codes(command: Command, name: str) -> None:
    text = command(name, "--help").stdout
    assert f"casebase practice {name}" in text
    assert "Exit status" in text
