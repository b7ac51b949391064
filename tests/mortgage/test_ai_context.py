"""What an AI broker may know of a case: enough to talk about it, nothing that tells who or at which rate."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database, Principal, Session
from casebase.kernel.errors import RpcError
from casebase.modules.mortgage.service import Client
from tests.mortgage.leads import BANK, CONTACT, RATE

BROKER = Principal("casebase_ai_broker")
QUOTE = {
    "bank": "scb",
    "net_savings": 4200.5,
    "fees": 800,
    "lock_in_months": 24,
    "valid_until": "2026-12-31",
    "monthly_instalment": 3141.59,
    "total_cost": 118000,
    "note": "They say it ends on Friday",
}


def broker_of(tenant_id: object) -> Principal:
    return Principal("casebase_ai_broker", claims={"app_metadata": {"tenant_id": str(tenant_id)}})


@pytest.fixture
def broker(api: Database) -> Session:
    """An AI broker of the default tenant."""
    return api.session(BROKER)


@pytest.fixture
async def advised(open_case: Any, advise_case: Any) -> str:
    opened = await open_case()
    await advise_case(opened)
    return str(opened["case_id"])


async def context_of(session: Session, case_id: str) -> dict[str, Any]:
    found = await session.call("get_scenario_context", {"case_id": case_id})
    assert isinstance(found, dict)
    return found


async def record(
    service: Session, case_id: str, event_type: str, payload: dict[str, Any] | None = None
) -> None:
    await service.call(
        "record_scenario_event",
        {"payload": {"case_id": case_id, "event_type": event_type, "payload": payload or {}}},
    )


async def reveal(service: Session, is_enabled: bool) -> None:
    await service.call("set_mortgage_settings", {"payload": {"is_reveal_enabled": is_enabled}})


class TestTheContext:
    async def test_has_exactly_these_keys(
        self, broker: Session, owner: asyncpg.Connection, advised: str
    ) -> None:
        context = await context_of(broker, advised)
        case = await owner.fetchrow("select * from scenario_cases")
        assert case is not None
        assert context == {
            "inputs": {
                "summary": {
                    "property_type": "private_condo",
                    "loan_amount": 750000.5,
                    "tenure_months": 300,
                    "lock_in_remaining": 4,
                    "owner_occupied": True,
                    "current_bank_mask": "Bank E",
                }
            },
            "calculations": {"recommendation": case["recommendation"]},
            "savings": float(case["net_savings"]),
            "hassle_score": await owner.fetchval("select hassle_score from scenario_calculations"),
            "tags": ["#preemptive"] if context["tags"] else [],
            "reveal": {"is_enabled": False, "is_revealed": False, "last_revealed_at": None},
        }

    async def test_before_the_advice_has_no_figures(self, broker: Session, open_case: Any) -> None:
        context = await context_of(broker, (await open_case())["case_id"])
        assert context["calculations"] == {"recommendation": None}
        assert (context["savings"], context["hassle_score"]) == (None, None)

    async def test_names_tags_in_order(
        self, broker: Session, owner: asyncpg.Connection, advised: str
    ) -> None:
        await owner.execute("delete from scenario_tags")
        await owner.execute(
            "insert into scenario_tags (case_id, tag, source) select $1, t, 'ai' from unnest(array['#b', '#a']) t",
            UUID(advised),
        )
        assert (await context_of(broker, advised))["tags"] == ["#a", "#b"]

    async def test_says_whether_rates_were_revealed(
        self, broker: Session, service: Session, advised: str
    ) -> None:
        await record(service, advised, "reveal", {"packages": [{"package": "fixed"}]})
        reveal = (await context_of(broker, advised))["reveal"]
        assert reveal["is_revealed"]
        assert reveal["last_revealed_at"] is not None

    async def test_is_typed_in_python(self, broker: Session, advised: str) -> None:
        context = await Client(broker).get_context(advised)
        assert context.inputs.summary.current_bank_mask == "Bank E"
        assert context.counter_offer is None

    async def test_survives_the_end_of_consent(
        self, broker: Session, service: Session, owner: asyncpg.Connection, advised: str
    ) -> None:
        before = await context_of(broker, advised)
        await owner.execute(
            "update consents set granted_at = now() - interval '9 days', until = now() - interval '1 day'"
        )
        await service.call("expire_consents", {"batch_limit": 100})
        assert await owner.fetchval("select name from leads") is None
        after = await context_of(broker, advised)
        assert after == before
        assert None not in after["inputs"]["summary"].values()


class TestACounterOffer:
    async def test_is_told_once_there_is_a_quote_and_the_reveal_is_on(
        self, broker: Session, service: Session, advised: str
    ) -> None:
        await reveal(service, True)
        assert "counter_offer" not in await context_of(broker, advised)
        await record(service, advised, "bank_quote", QUOTE)
        offer = (await context_of(broker, advised))["counter_offer"]
        assert offer.pop("quoted_at")
        assert offer == {
            "bank_mask": "Bank E",
            "is_current_bank": True,
            "net_savings": 4200.5,
            "fees": 800,
            "lock_in_months": 24,
            "valid_until": "2026-12-31",
        }
        await reveal(service, False)
        context = await context_of(broker, advised)
        assert "counter_offer" not in context
        assert context["reveal"]["is_enabled"] is False

    async def test_of_a_bank_outside_the_directory_is_nobodys(
        self, broker: Session, service: Session, open_case: Any
    ) -> None:
        opened = await open_case(changes={"inputs.current_bank": "Corner Savings"})
        await reveal(service, True)
        await record(service, opened["case_id"], "bank_quote", {"bank": "Another Savings"})
        offer = (await context_of(broker, opened["case_id"]))["counter_offer"]
        assert (offer["bank_mask"], offer["is_current_bank"]) == ("Other bank", False)


class TestItsReaders:
    @pytest.mark.parametrize("function", ["get_scenario_context", "get_scenario_context_version"])
    @pytest.mark.parametrize("claims", ["none", "own"])
    async def test_of_the_cases_tenant_are_let_in(
        self, api: Database, people: Any, advised: str, function: str, claims: str
    ) -> None:
        principal = BROKER if claims == "none" else broker_of(people.default_tenant)
        for session in (api.session(principal), api.session(SERVICE)):
            assert await session.call(function, {"case_id": advised})

    @pytest.mark.parametrize("function", ["get_scenario_context", "get_scenario_context_version"])
    @pytest.mark.parametrize("bound_to", ["other", "unknown", "", "default", "' or true --"])
    async def test_of_another_tenant_find_nothing(
        self, api: Database, people: Any, advised: str, function: str, bound_to: str
    ) -> None:
        tenant = {"other": people.other_tenant, "unknown": uuid4()}.get(bound_to, bound_to)
        with pytest.raises(RpcError) as refused:
            await api.session(broker_of(tenant)).call(function, {"case_id": advised})
        assert (refused.value.status, refused.value.code) == (404, "case_not_found")

    async def test_of_another_tenant_find_their_own(self, api: Database, people: Any, open_case: Any) -> None:
        opened = await open_case(changes={"tenant_id": str(people.other_tenant)})
        assert await context_of(api.session(broker_of(people.other_tenant)), opened["case_id"])
        with pytest.raises(RpcError):
            await context_of(api.session(BROKER), opened["case_id"])

    @pytest.mark.parametrize(
        "metadata", [[], "tenant_id", {"tenant_id": None}, {"tenant_id": {}}, ["tenant_id"]]
    )
    async def test_with_a_damaged_claim_are_nobodys(
        self, api: Database, advised: str, metadata: object
    ) -> None:
        session = api.session(Principal("casebase_ai_broker", claims={"app_metadata": metadata}))
        if metadata == []:
            assert await context_of(session, advised)  # says nothing of a tenant
        else:
            with pytest.raises(RpcError):
                await context_of(session, advised)

    async def test_cannot_write_or_read_anything_else(self, api: Database, advised: str) -> None:
        for function, arguments in (
            ("get_scenario_case", {"case_id": advised}),
            ("list_scenario_cases", {}),
            ("get_mortgage_settings", {}),
            ("list_scenario_stats_daily", {}),
            ("record_scenario_event", {"payload": {"case_id": advised, "event_type": "chat"}}),
        ):
            with pytest.raises(RpcError) as refused:
                await api.session(BROKER).call(function, arguments)
            assert refused.value.status == 403

    async def test_see_the_view_of_their_tenant_alone(
        self, owner: asyncpg.Connection, people: Any, open_case: Any
    ) -> None:
        mine = await open_case()
        await open_case(changes={"tenant_id": str(people.other_tenant)})
        await owner.execute(
            "select set_config('request.jwt.claims', '{}', false), set_config('role', 'casebase_ai_broker', false)"
        )
        seen = await owner.fetch("select case_id from v_scenario_ai_context")
        assert [str(row["case_id"]) for row in seen] == [mine["case_id"]]
        for table in (
            "scenario_cases",
            "scenario_events",
            "leads",
            "mortgage.banks",
            "mortgage.masked_cases",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await owner.execute(f"select from {table}")


class TestNothingPersonal:
    async def test_gets_out_of_whatever_is_stored(
        self, broker: Session, service: Session, owner: asyncpg.Connection, advised: str
    ) -> None:
        # Written behind the doors, where nothing was scrubbed.
        canaries = {
            "bank": BANK,
            "bank_name": BANK,
            "rate": RATE,
            "net_savings": f"call {CONTACT['phone']}",
            "fees": CONTACT["name"],
            "valid_until": CONTACT["email"],
            "note": f"{CONTACT['name']} pays {RATE} % at {BANK}, S1234567D",
            CONTACT["email"]: 1,
        }
        await owner.execute(
            "insert into scenario_events (case_id, event_type, payload_json) "
            "select $1, t::scenario_event_type, $2 from unnest(array['reveal', 'chat', 'bank_quote']) t",
            UUID(advised),
            json.dumps(canaries),
        )
        await owner.execute("update scenario_cases set notes = $1", f"{CONTACT['name']}, {BANK}, {RATE}")
        await reveal(service, True)
        context = await context_of(broker, advised)
        assert set(context["counter_offer"]) == {"quoted_at"}
        text = json.dumps(context) + str(await owner.fetch("select * from v_scenario_ai_context"))
        for canary in (
            *CONTACT.values(),
            *CONTACT["name"].split(),
            BANK,
            "scb",
            str(RATE),
            "S1234567D",
            "TWLR",
        ):
            assert canary.lower() not in text.lower()
        for key in ("lead_id", "consent_id", "initials", "monthly_income", "instalment", "total"):
            assert key not in text
