"""What holds whoever writes: the tables refuse it themselves, also from fifty who write at once."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.notifications.conftest import MakeMentor, People

AT: Final = datetime(2026, 6, 15, 10, tzinfo=UTC)
DAY: Final = timedelta(days=1)
Row = dict[str, Any]
Write = Callable[[str, Callable[[int], Row]], Awaitable[Counter[str]]]


@pytest.fixture
async def user_id(make_mentor: MakeMentor) -> UUID:
    return await make_mentor()


@pytest.fixture
def row_of(people: People, user_id: UUID) -> Callable[..., Row]:
    """A right row of each table, with changes."""

    def row(table: str, **changes: Any) -> Row:
        own = {"organization_id": people.default_tenant, "user_id": user_id}
        settings = {"organization_id": people.default_tenant}
        rows: dict[str, Row] = {
            "activities": {**own, "activity_date": AT.date()},
            "certifications": {**own, "name": "First aid", "expires_on": AT.date()},
            "device_tokens": {"user_id": user_id, "token": uuid4().hex, "platform": "ios"},
            "notification_preferences": {"user_id": user_id, "scenario_type": "inactivity"},
            "notifications.settings": settings,
            "scenario_evaluation_config": {
                **settings,
                "scenario_type": "inactivity",
                "threshold": [30],
                "cooldown": 30 * DAY,
            },
            "scenario_evaluation_runs": {
                **settings,
                "scenario_types": ["inactivity"],
                "evaluated_at": AT,
            },
            "scenario_notifications": {
                **own,
                "scenario_type": "inactivity",
                "triggered_at": AT,
                "cooldown_window_start": AT,
                "cooldown_until": AT + 30 * DAY,
                "dedupe_key": "a",
            },
            "notifications.templates": {
                "scenario_type": "inactivity",
                "language": "en",
                "plural": "other",
                "title": "Title",
                "body": "Body",
            },
        }
        return rows[table] | changes

    return row


async def insert(connection: asyncpg.Connection, table: str, row: Row) -> UUID | None:
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    result: UUID | None = await connection.fetchval(
        f"insert into {table} ({', '.join(row)}) values ({places}) returning to_jsonb({table}.*) ->> 'id'"
        if "." not in table
        else f"insert into {table} ({', '.join(row)}) values ({places})",
        *row.values(),
    )
    return result


MILESTONE: Final = {"scenario_type": "milestone", "milestone_value": 10}


@pytest.mark.parametrize(
    ("table", "changes", "constraint"),
    [
        ("activities", {"activity_date": date(1999, 12, 31)}, "activity_date_is_a_day"),
        ("activities", {"activity_date": date(2200, 1, 1)}, "activity_date_is_a_day"),
        ("activities", {"kind": "Home visit"}, "activity_kind_is_snake_case"),
        ("activities", {"kind": ""}, "activity_kind_is_snake_case"),
        ("certifications", {"name": ""}, "certification_name_is_short"),
        ("certifications", {"name": "a" * 121}, "certification_name_is_short"),
        ("certifications", {"expires_on": date(2200, 1, 1)}, "expires_on_is_a_day"),
        ("device_tokens", {"platform": "pager"}, "platform_is_known"),
        ("device_tokens", {"token": "a"}, "token_is_short"),
        ("notification_preferences", {"scenario_type": "birthday"}, "preferred_scenario_type_is_known"),
        ("notification_preferences", {"quiet_from": time(22)}, "preferred_quiet_hours_are_whole"),
        (
            "notification_preferences",
            {"quiet_from": time(22), "quiet_until": time(22)},
            "preferred_quiet_hours_are_whole",
        ),
        ("notification_preferences", {"timezone": ""}, "preferred_timezone_is_one"),
        ("notification_preferences", {"language": "se"}, "preferred_language_is_known"),
        ("notifications.settings", {"quiet_until": time(7)}, "quiet_hours_are_whole"),
        ("notifications.settings", {"timezone": "x" * 61}, "timezone_is_one"),
        ("notifications.settings", {"language": "EN"}, "language_is_known"),
        ("notifications.templates", {"scenario_type": "birthday"}, "template_scenario_type_is_known"),
        ("notifications.templates", {"language": "se"}, "template_language_is_known"),
        ("notifications.templates", {"plural": "few"}, "plural_is_known"),
        ("notifications.templates", {"title": ""}, "template_is_short"),
        ("notifications.templates", {"body": "a" * 501}, "template_is_short"),
        ("scenario_evaluation_config", {"scenario_type": "birthday"}, "configured_scenario_type_is_known"),
        ("scenario_evaluation_config", {"threshold": []}, "threshold_is_within_bounds"),
        ("scenario_evaluation_config", {"threshold": [0]}, "threshold_is_within_bounds"),
        ("scenario_evaluation_config", {"threshold": [None]}, "threshold_is_within_bounds"),
        ("scenario_evaluation_config", {"threshold": [367]}, "threshold_is_within_bounds"),
        ("scenario_evaluation_config", {"threshold": [30, 60]}, "threshold_is_within_bounds"),
        (
            "scenario_evaluation_config",
            {"scenario_type": "milestone", "threshold": [*range(1, 22)]},
            "threshold_is_within_bounds",
        ),
        (
            "scenario_evaluation_config",
            {"scenario_type": "milestone", "threshold": [1_000_001]},
            "threshold_is_within_bounds",
        ),
        ("scenario_evaluation_config", {"cooldown": timedelta(minutes=59)}, "cooldown_is_within_bounds"),
        ("scenario_evaluation_config", {"cooldown": 367 * DAY}, "cooldown_is_within_bounds"),
        ("scenario_evaluation_config", {"batch_size": 99}, "batch_size_is_within_bounds"),
        ("scenario_evaluation_config", {"last_evaluated_count": -1}, "last_evaluated_count_is_a_count"),
        ("scenario_evaluation_runs", {"scenario_types": []}, "scenario_types_are_known"),
        ("scenario_evaluation_runs", {"scenario_types": ["birthday"]}, "scenario_types_are_known"),
        (
            "scenario_evaluation_runs",
            {"evaluated_at": datetime(1999, 1, 1, tzinfo=UTC)},
            "evaluated_at_is_a_time",
        ),
        ("scenario_evaluation_runs", {"evaluated_count": -1}, "evaluated_count_is_a_count"),
        ("scenario_evaluation_runs", {"run_key": ""}, "run_key_is_short"),
        ("scenario_notifications", {"scenario_type": "birthday"}, "scenario_type_is_known"),
        ("scenario_notifications", {"delivery_status": "read"}, "delivery_status_is_known"),
        (
            "scenario_notifications",
            {"triggered_at": datetime(2200, 1, 1, tzinfo=UTC)},
            "triggered_at_is_a_time",
        ),
        ("scenario_notifications", {"milestone_value": 10}, "milestone_has_its_value"),
        ("scenario_notifications", {"scenario_type": "milestone"}, "milestone_has_its_value"),
        ("scenario_notifications", MILESTONE | {"milestone_value": 0}, "milestone_value_is_positive"),
        ("scenario_notifications", {"cooldown_until": AT - DAY}, "cooldown_follows_its_start"),
        ("scenario_notifications", {"dedupe_key": ""}, "dedupe_key_is_short"),
        ("scenario_notifications", {"metadata": "[]"}, "metadata_is_a_small_object"),
        (
            "scenario_notifications",
            {"metadata": json.dumps({"a": "a" * 8192})},
            "metadata_is_a_small_object",
        ),
        (
            "scenario_notifications",
            {"metadata": '{"to": "kari@example.no"}'},
            "metadata_holds_no_personal_data",
        ),
        (
            "scenario_notifications",
            {"delivery_status": "failed", "skip_reason": "bored"},
            "skip_reason_is_known",
        ),
        ("scenario_notifications", {"skip_reason": "no_device"}, "only_a_failed_one_was_skipped"),
        ("scenario_notifications", {"error_code": "It broke!"}, "error_code_is_snake_case"),
        ("scenario_notifications", {"attempts": -1}, "attempts_is_a_count"),
        ("scenario_notifications", {"delivery_status": "sent"}, "a_sent_one_has_its_time"),
        ("scenario_notifications", {"sent_at": AT}, "a_sent_one_has_its_time"),
    ],
)
async def test_a_wrong_value_is_refused_by_its_rule(
    owner: asyncpg.Connection,
    row_of: Callable[..., Row],
    table: str,
    changes: Row,
    constraint: str,
) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await insert(owner, table, row_of(table, **changes))
    assert refused.value.constraint_name == constraint


@pytest.mark.parametrize("table", ["notification_preferences", "notifications.settings"])
async def test_a_time_zone_nobody_knows_is_refused(
    owner: asyncpg.Connection, row_of: Callable[..., Row], table: str
) -> None:
    with pytest.raises(asyncpg.InvalidParameterValueError):
        await insert(owner, table, row_of(table, timezone="Europe/Atlantis"))


@pytest.mark.parametrize(
    "table",
    ["activities", "certifications", "device_tokens", "scenario_notifications", "scenario_evaluation_runs"],
)
async def test_a_right_row_is_taken(
    owner: asyncpg.Connection, row_of: Callable[..., Row], table: str
) -> None:
    assert await insert(owner, table, row_of(table))


async def test_who_is_erased_leaves_nothing(
    owner: asyncpg.Connection, row_of: Callable[..., Row], user_id: UUID
) -> None:
    tables = [
        "activities",
        "certifications",
        "device_tokens",
        "notification_preferences",
        "scenario_notifications",
    ]
    for table in tables[1:]:
        row = row_of(table)
        await owner.execute(
            f"insert into {table} ({', '.join(row)}) values ({', '.join(f'${n}' for n in range(1, len(row) + 1))})",
            *row.values(),
        )
    await owner.execute(
        "insert into notifications.certification_stages (certification_id, expires_on, stage, notification_id) "
        "select c.id, c.expires_on, 7, n.id from certifications c, scenario_notifications n"
    )
    await owner.execute("delete from auth.users where id = $1", user_id)
    for table in (*tables, "notifications.certification_stages"):
        assert await owner.fetchval(f"select count(*) from {table}") == 0, table


class TestOfFiftyWhoWriteAtOnce:
    """Each writes a row of its own, without looking; the table lets one through."""

    @pytest.fixture
    async def write(self, database: str) -> AsyncIterator[Write]:
        async with AsyncExitStack() as stack:
            writers = [await asyncpg.connect(database) for _ in range(50)]
            for writer in writers:
                stack.push_async_callback(writer.close)

            async def one(writer: asyncpg.Connection, table: str, row: Row) -> str:
                try:
                    await insert(writer, table, row)
                except (asyncpg.ExclusionViolationError, asyncpg.UniqueViolationError) as error:
                    return str(error.constraint_name)
                except asyncpg.DeadlockDetectedError:
                    # Of two rows that exclude each other each may wait for the other's end; the server refuses one.
                    return "scenario_notifications_cooldown"
                return "written"

            async def all_at_once(table: str, row: Callable[[int], Row]) -> Counter[str]:
                return Counter(
                    await asyncio.gather(*(one(writer, table, row(n)) for n, writer in enumerate(writers)))
                )

            yield all_at_once

    async def test_one_starts_the_cooldown(self, write: Write, row_of: Callable[..., Row]) -> None:
        def row(n: int) -> Row:
            at = AT + timedelta(minutes=n)
            return row_of(
                "scenario_notifications",
                triggered_at=at,
                cooldown_window_start=at,
                cooldown_until=at + DAY,
                dedupe_key=str(n),
            )

        assert await write("scenario_notifications", row) == {
            "written": 1,
            "scenario_notifications_cooldown": 49,
        }

    async def test_failed_ones_start_none(self, write: Write, row_of: Callable[..., Row]) -> None:
        written = await write(
            "scenario_notifications", lambda n: row_of("scenario_notifications", delivery_status="failed")
        )
        assert written == {"written": 50}

    async def test_one_after_the_other_is_no_overlap(
        self, owner: asyncpg.Connection, write: Write, row_of: Callable[..., Row]
    ) -> None:
        """Windows that touch: the end of one is the start of the next."""

        def row(n: int) -> Row:
            at = AT + n * DAY
            return row_of(
                "scenario_notifications",
                triggered_at=at,
                cooldown_window_start=at,
                cooldown_until=at + DAY,
                dedupe_key=str(n),
            )

        assert await write("scenario_notifications", row) == {"written": 50}

    async def test_a_milestone_is_written_once_over_all_organisations(
        self, write: Write, row_of: Callable[..., Row], people: People
    ) -> None:
        def row(n: int) -> Row:
            at = AT + n * DAY
            return row_of(
                "scenario_notifications",
                **MILESTONE,
                organization_id=people.other_tenant if n % 2 else people.default_tenant,
                triggered_at=at,
                cooldown_window_start=at,
                cooldown_until=at + DAY,
                dedupe_key=str(n),
                delivery_status="failed" if n % 3 else "pending",
            )

        assert await write("scenario_notifications", row) == {
            "written": 1,
            "scenario_notifications_milestone_key": 49,
        }

    async def test_a_key_is_written_once(self, write: Write, row_of: Callable[..., Row]) -> None:
        def row(n: int) -> Row:
            at = AT + n * DAY
            return row_of(
                "scenario_notifications",
                triggered_at=at,
                cooldown_window_start=at,
                cooldown_until=at + DAY,
            )

        assert await write("scenario_notifications", row) == {
            "written": 1,
            "scenario_notifications_dedupe_key": 49,
        }

    async def test_a_reminder_is_told_once(
        self, owner: asyncpg.Connection, write: Write, row_of: Callable[..., Row]
    ) -> None:
        certification_id = await insert(owner, "certifications", row_of("certifications"))
        notification_id = await insert(
            owner,
            "scenario_notifications",
            row_of("scenario_notifications", scenario_type="certification_expiry"),
        )
        stage = {
            "certification_id": certification_id,
            "expires_on": AT.date(),
            "stage": 30,
            "notification_id": notification_id,
        }
        assert await write("notifications.certification_stages", lambda n: stage) == {
            "written": 1,
            "certification_stages_pkey": 49,
        }

    async def test_a_token_is_one_devices(self, write: Write, row_of: Callable[..., Row]) -> None:
        written = await write(
            "device_tokens", lambda n: row_of("device_tokens", token="a_token_of_one_device")
        )
        assert written == {"written": 1, "device_tokens_token_key": 49}

    async def test_a_run_key_is_one_runs(self, write: Write, row_of: Callable[..., Row]) -> None:
        written = await write(
            "scenario_evaluation_runs", lambda n: row_of("scenario_evaluation_runs", run_key="tick 7")
        )
        assert written == {"written": 1, "scenario_evaluation_runs_run_key_key": 49}


async def test_a_writer_who_knows_the_specified_columns_alone_gets_a_window(
    owner: asyncpg.Connection, user_id: UUID
) -> None:
    row = await owner.fetchrow(
        "insert into scenario_notifications (user_id, organization_id, scenario_type, triggered_at, delivery_status) "
        "select $1, id, 'inactivity', $2, 'pending' from tenants where slug = 'default' returning *",
        user_id,
        AT,
    )
    assert row is not None
    assert (row["cooldown_window_start"], row["cooldown_until"]) == (AT, AT + 30 * DAY)
    assert row["dedupe_key"]
