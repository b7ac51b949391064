"""A refused call leaves every table as it was."""

from __future__ import annotations

from typing import Any

import asyncpg
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


def wrong_fields(error: RpcError) -> list[str]:
    """The fields that a 422 names."""
    assert (error.status, error.code) == (422, "invalid_input")
    return [each["field"] for each in error.detail["errors"]]
