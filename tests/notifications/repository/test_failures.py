"""Every failure of the repository is a ``ScenarioRepositoryException`` that says which it was, and holds no value."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database
from casebase.kernel.errors import CasebaseError
from casebase.modules.notifications.errors import ScenarioRepositoryException
from casebase.modules.notifications.repository import ScenarioNotificationRepository
from tests.notifications.conftest import TODAY, MakeMentor, People

Repository = ScenarioNotificationRepository
Ask = Callable[[Repository], Awaitable[object]]
SOMEBODY = uuid4()
NOTIFICATION = {"user_id": SOMEBODY, "organization_id": uuid4(), "scenario_type": "inactivity"}

EVERY_METHOD: list[Ask] = [
    lambda repository: repository.insert_notification(NOTIFICATION),
    lambda repository: repository.get_last_sent_at(SOMEBODY, "inactivity"),
    lambda repository: repository.get_last_sent_times([SOMEBODY], "inactivity"),
    lambda repository: repository.has_been_sent_since_threshold(SOMEBODY, "inactivity", TODAY),
    lambda repository: repository.have_been_sent_since_threshold([SOMEBODY], "inactivity", TODAY),
    lambda repository: repository.get_milestone_record(SOMEBODY, 50),
    lambda repository: repository.get_milestone_records([SOMEBODY], 50),
]


@pytest.fixture
def repository(api: Database) -> Repository:
    return Repository(api)


async def failure(ask: Awaitable[object]) -> ScenarioRepositoryException:
    with pytest.raises(ScenarioRepositoryException) as failed:
        await ask
    assert isinstance(failed.value, CasebaseError)
    assert failed.value.__cause__ is not None
    return failed.value


@pytest.mark.parametrize("ask", EVERY_METHOD)
async def test_a_database_that_is_away(ask: Ask) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        url = f"postgresql://casebase_api@127.0.0.1:{nobody_listens.getsockname()[1]}/nowhere"
        async with await Database.connect(url) as away:
            error = await failure(ask(Repository(away)))
    assert (error.status, error.code) == (503, "database_unavailable")


@pytest.mark.parametrize("ask", EVERY_METHOD)
async def test_a_caller_who_may_not(api: Database, people: People, ask: Ask) -> None:
    error = await failure(ask(Repository(api.session(people.admin))))
    assert (error.status, error.code) == (403, "forbidden")


async def test_a_connection_that_is_lost_heals(
    repository: Repository, owner: asyncpg.Connection, make_mentor: MakeMentor
) -> None:
    mentor = await make_mentor(0)
    assert await repository.get_last_sent_at(mentor, "inactivity") is None
    await owner.fetch(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    # An idle connection learns of it from its socket, or by the first call.
    with suppress(ScenarioRepositoryException):
        await repository.get_last_sent_at(mentor, "inactivity")
    assert await repository.get_last_sent_at(mentor, "inactivity") is None


async def test_a_refusal_keeps_its_code(repository: Repository) -> None:
    error = await failure(repository.insert_notification(NOTIFICATION))
    assert (error.status, error.code) == (404, "organization_not_found")
    assert error.detail == {"field": "organization_id"}


@pytest.mark.parametrize(
    "ask",
    [
        lambda repository: repository.insert_notification({"scenario_type": "birthday"}),
        lambda repository: repository.insert_notification({**NOTIFICATION, "metadata": {"at": float("nan")}}),
        lambda repository: repository.get_last_sent_at(SOMEBODY, "birthday"),
        lambda repository: repository.get_last_sent_at("kari@example.no", "inactivity"),
        lambda repository: repository.get_last_sent_times([uuid4()] * 100_001, "inactivity"),
        lambda repository: repository.get_last_sent_times(None, "inactivity"),
        lambda repository: repository.has_been_sent_since_threshold(
            SOMEBODY,
            "inactivity",
            datetime(2026, 6, 15),
        ),
        lambda repository: repository.has_been_sent_since_threshold(SOMEBODY, "inactivity", None),
        lambda repository: repository.get_milestone_record(SOMEBODY, 0),
    ],
)
async def test_what_cannot_be_asked(repository: Repository, ask: Ask) -> None:
    error = await failure(ask(repository))
    assert "kari" not in f"{error} {error.detail} {error.hint}"


async def test_an_answer_that_is_not_understood(repository: Repository, owner: asyncpg.Connection) -> None:
    await owner.execute(
        """
        create or replace function public.list_milestone_records(user_ids uuid[], milestone_value int) returns jsonb
            language sql stable as $$ select '{"items": [{"id": "kari@example.no"}]}'::jsonb $$
        """
    )
    error = await failure(repository.get_milestone_record(UUID(int=1), 50))
    assert (error.status, error.code) == (500, "scenario_repository_failed")
    assert "kari" not in f"{error} {error.detail} {error.hint}"
