"""casebase.require_valid: every breach is named by field and rule, and no value comes back."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from casebase.kernel.db import Database, Principal
from casebase.kernel.errors import RpcError

USER = Principal("authenticated", sub=uuid4())
PERSON: dict[str, Any] = {"name": "Kim", "age": 30}


async def errors(db: Database, payload: object) -> set[tuple[str, str]]:
    with pytest.raises(RpcError) as caught:
        await db.session(USER).call("check_person", {"payload": payload})
    assert (caught.value.status, caught.value.code) == (422, "invalid_input")
    return {(error["field"], error["rule"]) for error in caught.value.detail["errors"]}


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"email": "a.b+c@mail.example.co"},
        {"born": "2024-02-29"},
        {"seen": "2026-01-02T03:04:05.678Z"},
        {"seen": "2026-01-02T03:04:05+08:00"},
        {"id": "0b41ee8f-0000-4000-8000-000000000000"},
        {"kind": "cat", "price": 12.34, "tags": ["ab"], "home": {"city": "Oslo"}},
        {"email": None},
        {"fee": 9},
        {"fee": "9"},
    ],
)
async def test_accepts(db: Database, extra: dict[str, Any]) -> None:
    assert await db.session(USER).call("check_person", {"payload": PERSON | extra}) == "ok"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": None}, ("name", "required")),
        ({"name": ""}, ("name", "minLength")),
        ({"name": "x" * 21}, ("name", "maxLength")),
        ({"name": 7}, ("name", "type")),
        ({"age": "30"}, ("age", "type")),
        ({"age": 30.5}, ("age", "type")),
        ({"age": True}, ("age", "type")),
        ({"age": -1}, ("age", "minimum")),
        ({"age": 1e300}, ("age", "maximum")),
        ({"nickname": "K"}, ("nickname", "unknown")),
        ({"email": "kim@"}, ("email", "format")),
        ({"email": "kim..k@example.com"}, ("email", "format")),
        ({"email": "kim@example.com\n"}, ("email", "format")),
        ({"born": "2026-02-30"}, ("born", "format")),
        ({"born": "infinity"}, ("born", "format")),
        ({"born": "10000-01-01"}, ("born", "format")),
        ({"seen": "infinity"}, ("seen", "format")),
        ({"seen": "2026-01-02T03:04:05"}, ("seen", "format")),
        ({"seen": "2026-01-02T25:04:05Z"}, ("seen", "format")),
        ({"seen": "2026-01-02T03:04:05+16:00"}, ("seen", "format")),
        ({"id": "42"}, ("id", "format")),
        ({"kind": "cow"}, ("kind", "enum")),
        ({"price": 0}, ("price", "exclusiveMinimum")),
        ({"price": 0.001}, ("price", "multipleOf")),
        ({"price": "NaN"}, ("price", "type")),
        ({"fee": 10}, ("fee", "maximum")),
        ({"fee": "10"}, ("fee", "pattern")),
        ({"fee": True}, ("fee", "type")),
        ({"tags": ["a", "b", "c"]}, ("tags", "maxItems")),
        ({"tags": ["a", "B"]}, ("tags[1]", "pattern")),
        ({"home": {}}, ("home.city", "required")),
        ({"home": {"city": "Oslo", "zip": "1"}}, ("home.zip", "unknown")),
    ],
)
async def test_names_field_and_rule(db: Database, change: dict[str, Any], expected: tuple[str, str]) -> None:
    assert await errors(db, PERSON | change) == {expected}


@pytest.mark.parametrize("payload", [None, [], "text", 3])
async def test_wants_an_object(db: Database, payload: object) -> None:
    assert await errors(db, payload) == {("", "type")}


async def test_lists_all_breaches_at_once(db: Database) -> None:
    assert await errors(db, {"age": -1, "x": 1}) == {
        ("age", "minimum"),
        ("x", "unknown"),
        ("name", "required"),
    }


async def test_never_echoes_a_value(db: Database) -> None:
    with pytest.raises(RpcError) as caught:
        await db.session(USER).call(
            "check_person", {"payload": PERSON | {"email": "secret-value", "kind": "secret-value"}}
        )
    assert "secret-value" not in str(caught.value.detail)


async def test_a_number_has_forty_digits_at_most(db: Database) -> None:
    assert await errors(db, PERSON | {"price": 10**60}) == {("price", "digits")}


async def test_a_thousand_breaches_are_not_counted_out(db: Database) -> None:
    found = await errors(db, PERSON | {f"x{n}": n for n in range(1000)})
    assert len(found) == 20
