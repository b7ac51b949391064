"""For the service alone; one wrong entry refuses the bundle, by its place."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from tests.enforcement.conftest import MakeJudgment, People
from tests.enforcement.enrichment_calls import bundle
from tests.support.refusals import refusal_of, wrong_fields


async def test_whoever_is_not_the_service(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment
) -> None:
    given = bundle(await make_judgment())
    for who in (people.admin, people.operator, people.stranger, ANON):
        error = await refusal_of(owner, api.session(who), "upsert_enrichment_bundle", bundle=given)
        assert error.status == 403


async def test_an_unknown_docket(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    given = bundle(await make_judgment(), case_id=str(uuid4()))
    error = await refusal_of(owner, service, "upsert_enrichment_bundle", bundle=given)
    assert (error.status, error.code, error.detail) == (404, "case_not_found", {"field": "case_id"})


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"source": "The Vendor"}, ["source"]),
        ({"contacts": {"phone": "1"}}, ["contacts"]),
        ({"contacts": [{"kind": "fax", "value": "1"}]}, ["contacts[0].kind"]),
        (
            {
                "contacts": [
                    {"kind": "phone", "value": "5"},
                    {"kind": "email", "value": "no"},
                    {"kind": "address", "value": " "},
                ]
            },
            ["contacts[0].value", "contacts[1].value", "contacts[2].value"],
        ),
        (
            {"contacts": [{"kind": "phone", "value": "6465550199", "confidence": 2}]},
            ["contacts[0].confidence"],
        ),
        ({"contacts": [{"kind": "phone", "value": "6465550199"}] * 201}, ["contacts"]),
        ({"assets": [{"kind": "yacht", "description": "Big"}]}, ["assets[0].kind"]),
        ({"assets": [{"kind": "bank"}]}, ["assets[0].description"]),
        (
            {"assets": [{"kind": "bank", "description": "A", "estimated_value": -1}]},
            ["assets[0].estimated_value"],
        ),
        ({"adverse_signals": ["rumour"]}, ["adverse_signals[0]"]),
        ({"scores": {}}, ["scores"]),
    ],
)
async def test_what_breaks_a_rule(
    owner: asyncpg.Connection,
    service: Session,
    make_judgment: MakeJudgment,
    changes: dict[str, Any],
    fields: list[str],
) -> None:
    given = bundle(await make_judgment(), **changes)
    error = await refusal_of(owner, service, "upsert_enrichment_bundle", bundle=given)
    assert wrong_fields(error) == fields
