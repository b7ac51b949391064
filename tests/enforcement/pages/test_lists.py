"""Boards, imports, overrides, audit and settings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from casebase.kernel.db import Session
from tests.enforcement.pages.conftest import SignIn
from tests.enforcement.pages.reading import ROOT, read, submit, text_of


class TestBoards:
    async def test_say_when_no_case_is_open(self, member: httpx.AsyncClient) -> None:
        assert "No case is open" in await read(member, "/boards")

    async def test_count_cases_balances_and_late_ones(
        self,
        member: httpx.AsyncClient,
        make_judgment: Any,
        open_case: Any,
        owner: asyncpg.Connection,
        service: Session,
    ) -> None:
        late = await open_case(await make_judgment(amount="1000.00"), tier="tier2")
        await open_case(await make_judgment(amount="2000.00"), tier="tier2")
        await open_case(await make_judgment(amount="400.00"), tier="tier1")
        await owner.execute(
            "update enforcement_cases set next_action_at = now() - interval '1 day' where id = $1", late
        )
        html = (await member.get(f"{ROOT}/boards")).text
        text = text_of(html)
        assert "Open cases 3" in text
        assert "Still due $3,400" in text
        assert "2 $3,000 1 late" in text
        assert "33% of the open cases" in text
        assert f'href="{ROOT}/pipeline?stage=pre_enforcement"' in html


class TestCases:
    async def test_say_when_there_is_none(self, member: httpx.AsyncClient) -> None:
        assert "No case yet" in await read(member, "/cases")

    async def test_are_found_when_they_are_closed_too(
        self, member: httpx.AsyncClient, make_judgment: Any, open_case: Any, service: Session, people: Any
    ) -> None:
        await open_case(await make_judgment(plaintiff="Busy Firm"))
        ended = await open_case(await make_judgment(plaintiff="Paid Firm"))
        await open_case(await make_judgment(plaintiff="Their Firm", tenant_id=people.other_tenant))
        await service.call("close_enforcement_case", {"payload": {"case_id": ended, "status": "satisfied"}})
        firms = {"Busy Firm", "Paid Firm", "Their Firm"}
        for query, shown in {
            "": {"Busy Firm", "Paid Firm"},
            "?status=open": {"Busy Firm"},
            "?status=closed": {"Paid Firm"},
            "?status=satisfied": {"Paid Firm"},
            "?status=withdrawn": set(),
            "?search=paid": {"Paid Firm"},
            "?search=paid&status=open": set(),
        }.items():
            text = await read(member, f"/cases{query}")
            assert {firm for firm in firms if firm in text} == shown, query
        html = (await member.get(f"{ROOT}/cases?status=closed")).text
        assert f'href="{ROOT}/cases/{ended}"' in html
        assert "Satisfied" in text_of(html).split("Case number")[1]
        assert html.index(">Pipeline<") < html.index(">Cases<") < html.index(">Boards<")

    async def test_go_on_from_page_to_page(
        self, member: httpx.AsyncClient, make_judgment: Any, open_case: Any
    ) -> None:
        for number in range(27):
            await open_case(await make_judgment(plaintiff=f"Firm {number:02}"))
        html = (await member.get(f"{ROOT}/cases?status=open")).text
        following = html.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
        seen = text_of(html) + text_of((await member.get(following)).text)
        assert all(seen.count(f"Firm {number:02}") == 1 for number in range(27))


class TestOverrides:
    async def test_are_listed_with_their_end(
        self, operator: httpx.AsyncClient, member: httpx.AsyncClient, open_case: Any, service: Session
    ) -> None:
        assert "No tier is set by hand" in await read(member, "/overrides")
        case_id = await open_case()
        until = (datetime.now(UTC) + timedelta(days=9, hours=12)).isoformat()
        override = {"case_id": case_id, "tier": "tier3", "expires_at": until, "note": "New employer."}
        await service.call("override_enforcement_tier", {"payload": override})
        text = await read(operator, "/overrides")
        for shown in ("Harbor Supply LLC", "Tier 3", "Tier 0, –", "In 9 days", "New employer.", "End it"):
            assert shown in text, shown
        assert "End it" not in await read(member, "/overrides")


class TestAudit:
    async def test_tells_who_changed_what(
        self, operator: httpx.AsyncClient, member: httpx.AsyncClient, open_case: Any
    ) -> None:
        case_id = await open_case()
        await submit(operator, f"/cases/{case_id}/stage", stage="asset_search", note="Searching.")
        text = await read(member, "/audit")
        for shown in (
            "Stage changed", "Pre enforcement → Asset search", "Searching.", "Case opened",
            "enforcement_operator.default@example.com",
        ):  # fmt: skip
            assert shown in text, shown

    async def test_goes_on_from_page_to_page(
        self, member: httpx.AsyncClient, open_case: Any, service: Session
    ) -> None:
        case_id = await open_case()
        for number in range(52):
            payload = {"case_id": case_id, "stage": "pre_enforcement", "note": f"Look {number:02}."}
            await service.call("set_enforcement_stage", {"payload": payload})
        html = (await member.get(f"{ROOT}/audit")).text
        following = html.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
        seen = text_of(html) + text_of((await member.get(f"{ROOT}/audit{following}")).text)
        assert all(seen.count(f"Look {number:02}.") == 1 for number in range(52))


class TestImports:
    async def test_show_each_file_and_why_rows_were_refused(
        self, operator: httpx.AsyncClient, member: httpx.AsyncClient, owner: asyncpg.Connection, people: Any
    ) -> None:
        assert "Nothing was imported" in await read(operator, "/imports")
        run_id = await owner.fetchval(
            """
            insert into enforcement.import_runs (tenant_id, file_name, file_sha256, created_by, row_count)
            values ($1, 'march.csv', repeat('a', 64), 'service', 2) returning id
            """,
            people.default_tenant,
        )
        await owner.execute(
            """
            insert into enforcement.import_rows (run_id, tenant_id, row_number, raw, status, reasons)
            values ($1, $2, 1, '{}', 'rejected', '{"judgment_amount: must be a number"}'), ($1, $2, 2, '{}', 'staged', '{}')
            """,
            run_id,
            people.default_tenant,
        )
        assert "march.csv" in await read(operator, "/imports")
        text = await read(operator, f"/imports/{run_id}?status=rejected")
        assert "Judgment amount: must be a number" in text
        assert "Waiting" not in text.split("Why it was refused")[1]
        assert "Imports" not in (await member.get(f"{ROOT}/pipeline")).text
        assert (await member.get(f"{ROOT}/imports")).status_code == 403


class TestSettings:
    async def test_are_shown_and_saved(self, signed_in: SignIn) -> None:
        admin = await signed_in("admin")
        values = {"calls_per_window": "5", "call_window_days": "7", "quiet_days_after_conversation": "7",
                  "planned_calls_limit": "100", "anonymous_calls_per_minute": "30", "time_zone": "America/Chicago",
                  "is_call_rule_enabled": "true"}  # fmt: skip
        saved = await submit(admin, "/settings", **values)
        assert saved.status_code == 303, text_of(saved.text)
        html = (await admin.get(saved.headers["location"])).text
        assert "Saved. It holds from now on." in html
        assert 'value="America/Chicago"' in html
        assert html.count(" checked") == 1

        for field, value, said in (
            ("time_zone", "Mars/Olympus", "Must be the name of a time zone"),
            ("calls_per_window", "0", "Must be"),
            ("planned_calls_limit", "many", "Must be"),
        ):
            refused = await submit(admin, "/settings", **{**values, field: value})
            assert refused.status_code == 422
            assert said in refused.text.split(f'id="error-{field}">')[1].split("<")[0]

    async def test_name_whose_they_are(
        self, signed_in: SignIn, owner: asyncpg.Connection, people: Any
    ) -> None:
        """Somebody who operates one tenant and decides for another sees which is which."""
        admin = await signed_in("admin")
        default = await owner.fetchval("select name from tenants where slug = 'default'")
        assert f"What {default} decides for itself." in await read(admin, "/settings")
        await owner.execute("update tenant_users set role = 'enforcement_operator' where role = 'admin' and user_id = "
                            "(select id from auth.users where email = 'admin.default@example.com')")  # fmt: skip
        await owner.execute(
            "insert into tenant_users (tenant_id, user_id, role) "
            "select $1, id, 'owner' from auth.users where email = 'admin.default@example.com'",
            people.other_tenant,
        )
        assert "What Other decides for itself." in await read(admin, "/settings")
        values = {"calls_per_window": "5", "call_window_days": "7", "quiet_days_after_conversation": "7",
                  "planned_calls_limit": "100", "anonymous_calls_per_minute": "30", "time_zone": "America/Chicago"}  # fmt: skip
        assert (await submit(admin, "/settings", **values)).status_code == 303
        assert await owner.fetchval("select tenant_id from enforcement.settings") == people.other_tenant

    @pytest.mark.parametrize("role", ["enforcement_operator", "member"])
    async def test_are_not_for_others(self, signed_in: SignIn, role: str) -> None:
        person = await signed_in(role)
        assert "Settings" not in (await person.get(f"{ROOT}/pipeline")).text
        assert (await person.get(f"{ROOT}/settings")).status_code == 403
