"""``casebase frontdesk``, as an operator uses it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from casebase.app import Casebase
from casebase.cli import whole
from casebase.kernel.config import load_settings
from casebase.kernel.errors import CasebaseError
from casebase.modules.frontdesk.errors import BookingError
from tests.support.postgres import run_sync
from tests.support.rows import all_rows

Command = Callable[..., Result]
Behind = Callable[[Callable[[Casebase], Awaitable[Any]]], Any]
ADA = ("--name", "Ada Byron", "--email", "ada@example.com")


@pytest.fixture
def command(database: str, tmp_path: Path) -> Command:
    environment = {
        "CASEBASE_DATABASE_URL": database,
        "CASEBASE_HOME": str(tmp_path / "home"),
        "COLUMNS": "200",
    }

    def run(*arguments: str, typed: str | None = None) -> Result:
        result = CliRunner().invoke(whole(), ["frontdesk", *arguments], env=environment, input=typed)
        if isinstance(result.exception, CasebaseError):
            raise result.exception
        return result

    return run


@pytest.fixture
def behind(database: str, tmp_path: Path) -> Behind:
    """A function that lets the service do something beside the command."""

    def look(work: Callable[[Casebase], Awaitable[Any]]) -> Any:
        async def connected() -> Any:
            settings = load_settings(database_url=database, home=tmp_path / "home")
            async with Casebase.connect(settings=settings) as cb:
                return await work(cb)

        return run_sync(connected)

    return look


class TestBookings:
    def test_a_slot_is_seen_booked_and_given_back(self, command: Command, behind: Behind) -> None:
        nine = (datetime.now(UTC) + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
        slot = {
            "slot_id": "chair-1",
            "resource": "[bold]chair",
            "starts_at": nine,
            "ends_at": nine + timedelta(hours=1),
        }
        behind(lambda cb: cb.frontdesk.add_slots({"slots": [slot]}))
        shown = command("slots", f"{nine:%Y-%m-%d}")
        assert (shown.exit_code, shown.stderr) == (0, f"1 free on {nine:%Y-%m-%d} (UTC).\n")
        assert shown.stdout.split("\n")[1].split("  ")[:2] == ["chair-1", "[bold]chair"]

        booked = command("book", "chair-1", *ADA, "--hold")
        booking_id = booked.stdout.split()[0]
        assert "held until" in booked.stdout
        with pytest.raises(BookingError) as refused:
            command("book", "chair-1", *ADA)
        assert refused.value.code == "SLOT_UNAVAILABLE"
        [listed] = json.loads(command("bookings", "--status", "pending", "--json").stdout)
        assert (listed["booking_id"], listed["user_name"]) == (booking_id, "Ada Byron")
        told = command("bookings", "--since", f"{nine:%Y-%m-%d}").stdout
        assert "[bold]chair" in told
        assert "Ada Byron" in told
        assert json.loads(command("slots", f"{nine:%Y-%m-%d}", "--json").stdout) == []

        assert command("cancel", booking_id).stdout == "chair-1 is free.\n"
        assert command("cancel", booking_id).stdout == f"{booking_id} was cancelled before.\n"

    def test_another_tenants_desk_is_named_by_its_slug(self, command: Command, behind: Behind) -> None:
        behind(lambda cb: cb.call("create_tenant", slug="acme", name="Acme"))
        for tenant in ((), ("--tenant", "acme")):
            assert command("book", "s", *ADA, *tenant).exit_code == 0
        assert len(json.loads(command("bookings", "--tenant", "acme", "--json").stdout)) == 1
        with pytest.raises(CasebaseError, match="no tenant"):
            command("bookings", "--tenant", "nobody")

    @pytest.mark.parametrize(
        "wrong",
        [
            ("slots", "tomorrow"),
            ("cancel", "chair-1"),
            ("bookings", "--status", "lost"),
            ("bookings", "--limit", "0"),
            ("metrics", "query", "visits", "--tag", "home"),
            ("phi", "scan", "-", "--min-score", "2"),
        ],
    )
    def test_wrong_options_are_named_before_anything_is_asked(
        self, command: Command, wrong: tuple[str, ...]
    ) -> None:
        assert command(*wrong).exit_code == 2


def test_orders_are_listed(command: Command, behind: Behind) -> None:
    items = [{"name": "Lamp", "quantity": 2, "unit_price": "12.50"}]
    order = behind(
        lambda cb: cb.frontdesk.create_order({"items": items, "customer_email": "Ada@example.com"})
    )
    shown = command("orders", "--status", "pending", "--email", "ada@example.com").stdout
    assert all(each in shown for each in (order.order_id, "25.00 USD", "ada@example.com"))
    assert json.loads(command("orders", "--status", "failed", "--json").stdout) == []
    yen = {"items": [{"name": "Fan", "quantity": 1, "unit_price": "1200"}], "currency": "JPY"}
    behind(lambda cb: cb.frontdesk.create_order(yen))
    assert "1,200 JPY" in command("orders").stdout


class TestMetrics:
    def test_are_shown_over_time(self, command: Command, behind: Behind) -> None:
        readings = [
            {"name": "visits", "value": n, "tags": {"page": page}} for n, page in ((1, "a"), (3, "b"))
        ]
        behind(lambda cb: cb.frontdesk.record_metrics({"metrics": readings}))
        assert "visits" in command("metrics", "query").stdout
        shown = command("metrics", "query", "visits", "--step", "hour")
        assert "2 readings, sum 4, 1 to 3." in shown.stderr
        tagged = json.loads(command("metrics", "query", "visits", "--tag", "page=b", "--json").stdout)
        assert (tagged["total"]["count"], tagged["total"]["sum"]) == (1, 3)
        assert command("metrics", "query", "nothing").exit_code == 0

    def test_tags_are_typed_as_in_the_console(self, command: Command, behind: Behind) -> None:
        readings = [
            {"name": "calls", "value": n, "tags": {"code": code}} for n, code in enumerate((200, "200", True))
        ]
        behind(lambda cb: cb.frontdesk.record_metrics({"metrics": readings}))
        for n, tag in enumerate(("code=200", 'code="200"', "code=true")):
            found = json.loads(command("metrics", "query", "calls", "--tag", tag, "--json").stdout)
            assert (found["total"]["count"], found["total"]["sum"]) == (1, n)

    def test_a_month_that_was_exported_is_read_back(
        self, command: Command, behind: Behind, tmp_path: Path
    ) -> None:
        from casebase.modules.frontdesk.metrics_archive import export_month

        async def retire(cb: Casebase) -> None:
            readings = [{"name": "visits", "value": n, "at": "2020-01-01T00:00:00Z"} for n in range(5)]
            await cb.frontdesk.record_metrics({"metrics": readings})
            await cb.call("maintain_metric_partitions")
            while (await cb.call("roll_up_metrics"))["is_more"]:
                pass
            await cb.call("detach_expired_metrics", keep_months=36)
            [archive] = (await cb.call("list_metric_archives"))["items"]
            assert await export_month(cb.runtime.session(), cb.runtime.files, archive)

        file = tmp_path / "january.jsonl"
        with pytest.raises(CasebaseError, match="not exported"):
            command("metrics", "export", "2020-01", "--into", str(file))
        behind(retire)
        assert command("metrics", "export", "2020-01", "--into", str(file)).stdout == f"5 rows in {file}.\n"
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        assert sorted(row["value"] for row in rows) == [0, 1, 2, 3, 4]
        assert "2020-01  exported  5" in command("metrics", "partitions").stdout
        [archive] = json.loads(command("metrics", "partitions", "--json").stdout)["archives"]["items"]

        # What was changed in the store is not passed on, and what was there before stays.
        [stored] = [
            each
            for each in (tmp_path / "home").rglob("*")
            if each.is_file() and archive["archive_id"] in str(each)
        ]
        stored.write_bytes(b"something else")
        with pytest.raises(CasebaseError, match="not what was exported"):
            command("metrics", "export", "2020-01", "--into", str(file))
        assert len(file.read_text("utf-8").splitlines()) == 5


class TestPhiScan:
    TEXT = "Theodora Quill came by.\nHer card is 4111 1111 1111 1111.\n"

    def test_finds_masks_and_notes(self, command: Command, behind: Behind, tmp_path: Path) -> None:
        behind(
            lambda cb: cb.frontdesk.book_slot(
                {"slot_id": "s", "user_name": "Theodora Quill", "user_email": "tq@example.com"}
            )
        )
        file = tmp_path / "letter.txt"
        file.write_text(self.TEXT, "utf-8")
        shown = command("phi", "scan", str(file))
        assert shown.exit_code == 3
        assert [line.split()[:2] for line in shown.stdout.splitlines()[1:]] == [["1", "name"], ["2", "card"]]
        assert "4111" not in shown.stdout
        masked = command("phi", "scan", "-", "--masked", typed=self.TEXT)
        assert (masked.exit_code, masked.stdout) == (0, "[name] came by.\nHer card is [card].\n")

        assert behind(lambda cb: cb.frontdesk.list_phi_events()).items == ()
        found = json.loads(command("phi", "scan", str(file), "--record", "--json").stdout)
        assert [each["phi_type"] for each in found["findings"]] == ["name", "card"]
        noted = behind(lambda cb: cb.frontdesk.list_phi_events()).items
        assert {event.masked_value for event in noted} == {"[name]", "[card …1111]"}
        assert command("phi", "scan", "-", typed="Nothing to see.").exit_code == 0

    def test_takes_a_text_of_any_length(self, command: Command) -> None:
        long = "Nothing to see here.\n" * 6000 + self.TEXT
        shown = command("phi", "scan", "-", typed=long)
        assert shown.stdout.splitlines()[-1].split()[:2] == ["6002", "card"]

    def test_says_which_file_cannot_be_read(self, command: Command, tmp_path: Path) -> None:
        (tmp_path / "picture").write_bytes(b"\xff\xd8\xff")
        for name in ("missing", "picture"):
            with pytest.raises(CasebaseError) as refused:
                command("phi", "scan", str(tmp_path / name))
            assert (refused.value.code, name in refused.value.message) == ("file_unreadable", True)


class TestSample:
    def test_tells_believable_days(self, command: Command, behind: Behind) -> None:
        result = command("sample", "--days", "3", "--yes")
        assert result.exit_code == 0
        now = datetime.now(UTC)

        async def look(cb: Casebase) -> None:
            orders = (await cb.frontdesk.list_orders({"page_size": 200})).items
            bookings = (await cb.frontdesk.list_bookings({"page_size": 200})).items
            assert {booking.status for booking in bookings} >= {"confirmed"}
            assert orders
            assert max(made.created_at for made in orders) <= now
            assert max(made.created_at for made in bookings) <= now
            assert all(b.starts_at and b.created_at < b.starts_at for b in bookings)
            series = await cb.frontdesk.query_metrics(
                {"name": "page.visits", "since": now - timedelta(days=3)}
            )
            assert series.total.count > 100
            assert (await cb.frontdesk.list_scores()).items
            assert (await cb.frontdesk.list_phi_events()).items

        behind(look)

    def test_asks_first_and_writes_nothing_where_that_is_not_wanted(
        self, command: Command, database: str
    ) -> None:
        async def rows() -> dict[str, list[str]]:
            connection = await asyncpg.connect(database)
            try:
                return await all_rows(connection)
            finally:
                await connection.close()

        before = run_sync(rows)
        assert command("sample", typed="n\n").exit_code == 1
        assert run_sync(rows) == before
