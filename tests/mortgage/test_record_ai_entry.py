"""``record_ai_entry``: the ledger keeps what the AI was shown, said and decided, cleaned, and is never rewritten."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.mortgage.leads import CONTACT, count_rows

ENTRY = {
    "entry_type": "said",
    "model": "local/qwen2.5-7b:q4",
    "prompt_hash": "0f" * 32,
    "content": {"text": f"Dear {CONTACT['name']}, DBS has an offer", "bank": "DBS", "confidence": 0.8},
}


@pytest.fixture
async def case_id(open_case: Any) -> str:
    return str((await open_case(changes={"inputs.lock_in_remaining": 0}))["case_id"])


async def add(session: Session, case_id: str, **changes: Any) -> Any:
    payload = {"case_id": case_id, **ENTRY, **changes}
    return await session.call("record_ai_entry", {"payload": payload})


class TestAdding:
    @pytest.mark.parametrize("entry_type", ["shown", "said", "decided"])
    async def test_keeps_it_masked(
        self, owner: asyncpg.Connection, service: Session, case_id: str, entry_type: str
    ) -> None:
        answer = await add(service, case_id, entry_type=entry_type)
        row = await owner.fetchrow("select * from scenario_ai_ledger")
        assert (str(row["id"]), str(row["case_id"]), row["entry_type"]) == (
            answer["entry_id"],
            case_id,
            entry_type,
        )
        assert (row["model"], row["prompt_hash"]) == (ENTRY["model"], ENTRY["prompt_hash"])
        assert json.loads(row["content_json"]) == {
            "text": "Dear [subject], Bank C has an offer",
            "bank": "Bank C",
            "confidence": 0.8,
        }

    async def test_its_tags_are_the_ais(self, service: Session, case_id: str) -> None:
        await add(service, case_id, entry_type="decided", tags=["#price_sensitive", "#wants_call"])
        await add(service, case_id, entry_type="decided", tags=["#wants_call"])
        case = await service.call("get_scenario_case", {"case_id": case_id})
        assert case["tags"] == [
            {"tag": "#price_sensitive", "source": "ai"},
            {"tag": "#wants_call", "source": "ai"},
        ]

    @pytest.mark.parametrize(
        "model",
        [
            "m",
            "command-r-08-2024",
            "gpt-4o-2024-08-06",
            "x/y-20241022:q4",
            "a2.5-exp-03-25",
            "llama-3.1-405b-128k",
        ],
    )
    async def test_names_of_models_are_kept_as_they_are(
        self, owner: asyncpg.Connection, service: Session, case_id: str, model: str
    ) -> None:
        await add(service, case_id, model=model)
        assert await owner.fetchval("select model from scenario_ai_ledger") == model

    async def test_order_is_kept_and_none_is_lost(
        self, owner: asyncpg.Connection, service: Session, case_id: str
    ) -> None:
        await asyncio.gather(*(add(service, case_id, content={"n": n}) for n in range(50)))
        rows = await owner.fetch("select content_json from scenario_ai_ledger order by position")
        assert sorted(json.loads(row[0])["n"] for row in rows) == list(range(50))


class TestRefusing:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"entry_type": "thought"}, "invalid_input"),
            ({"model": "two words"}, "invalid_input"),
            ({"prompt_hash": "abc"}, "invalid_input"),
            ({"content": "text"}, "invalid_input"),
            ({"content": {"text": "x" * 16384}}, "invalid_input"),
            ({"tags": ["#Rachel Tan"]}, "invalid_input"),
            ({"tags": ["#rachel"]}, "invalid_input"),
            ({"tags": ["#mdm_farhana_zulkifli"]}, "invalid_input"),
            ({"tags": ["#wife_8234_5678"]}, "invalid_input"),
            ({"tags": ["#from_dbs"]}, "invalid_input"),
            ({"tags": ["#fixed_2_35_pct"]}, "rate_leak"),
            ({"model": "ic-S1234567D"}, "invalid_input"),
            ({"content": {"text": "at 1.45 %"}}, "rate_leak"),
            ({"content": {"rates": [1.45]}}, "rate_leak"),
        ],
    )
    async def test_changes_nothing(
        self, owner: asyncpg.Connection, service: Session, case_id: str, changes: Any, code: str
    ) -> None:
        before = await count_rows(owner)
        with pytest.raises(RpcError) as refusal:
            await add(service, case_id, **changes)
        assert (refusal.value.status, refusal.value.code) == (422, code)
        assert await count_rows(owner) == before

    async def test_staff(self, api: Database, people: Any, case_id: str) -> None:
        with pytest.raises(RpcError) as refusal:
            await add(api.session(people.admin), case_id)
        assert refusal.value.status == 403


@pytest.mark.parametrize(
    "statement", ["delete from scenario_ai_ledger", "update scenario_ai_ledger set model = 'another'"]
)
async def test_is_append_only_even_for_the_owner(
    owner: asyncpg.Connection, service: Session, case_id: str, statement: str
) -> None:
    await add(service, case_id)
    with pytest.raises(asyncpg.PostgresError, match="ledger_is_append_only"):
        await owner.execute(statement)
    await owner.execute("update scenario_ai_ledger set content_json = '{}'")
