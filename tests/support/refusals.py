"""What is refused, as functions describe it and as callers meet it: every table stays as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import asyncpg
import httpx
import pytest

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.support.rows import all_rows


async def refusal(
    owner: asyncpg.Connection, session: Session, function: str, payload: dict[str, Any]
) -> RpcError:
    """Call what must be refused; return the refusal, having seen that no row of any table changed."""
    return await refusal_of(owner, session, function, payload=payload)


async def refusal_of(
    owner: asyncpg.Connection, session: Session, function: str, **arguments: Any
) -> RpcError:
    """``refusal`` for a function of several arguments."""
    before = await all_rows(owner)
    with pytest.raises(RpcError) as refused:
        await session.call(function, arguments)
    assert await all_rows(owner) == before
    return refused.value


async def problem_of(
    owner: asyncpg.Connection, http: httpx.AsyncClient, method: str, path: str, **request: Any
) -> tuple[int, str]:
    """The status and code of a request that must be refused, having seen that no row of any table changed."""
    before = await all_rows(owner)
    response = await http.request(method, path, **request)
    assert response.headers["content-type"] == "application/problem+json", response.text
    assert await all_rows(owner) == before
    return response.status_code, response.json()["code"]


async def described_codes(owner: asyncpg.Connection, functions: Iterable[str]) -> dict[tuple[str, str], int]:
    """The codes of each exposed function and their statuses, as its comment names them."""
    comments = await owner.fetch(
        "select proname, obj_description(oid, 'pg_proc') as comment from pg_proc "
        "where pronamespace = 'public'::regnamespace and proname = any ($1)",
        [*functions],
    )
    return {
        (name, code): int(status)
        for name, comment in comments
        for status, codes in re.findall(r"\b(4\d\d) ((?:[a-z]+(?:_[a-z]+)+(?: \([^)]*\))?(?:, )?)+)", comment)
        for code in re.findall(r"[a-z]+(?:_[a-z]+)+(?![^(]*\))", codes)
    }


def wrong_fields(error: RpcError) -> list[str]:
    """The fields that a 422 names."""
    assert (error.status, error.code) == (422, "invalid_input")
    return [each["field"] for each in error.detail["errors"]]
