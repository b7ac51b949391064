"""The typed models take as much as the RPCs behind them: the most passes both, one more neither."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import InvalidInputError, RpcError
from casebase.modules.practice.service import Client
from tests.practice.conftest import MakeSession, People

Call = Callable[[Client, Session, Session, str, int], tuple[Awaitable[Any], Awaitable[Any]]]


def history(client: Client, mine: Session, _: Session, __: str, size: int) -> Any:
    return client.list_history(limit=size), mine.call("list_session_history", {"limit": size})


def message(client: Client, mine: Session, _: Session, session_id: str, size: int) -> Any:
    said = {"chat_type": "main", "content": "ä" * size, "session_id": session_id}
    return (
        client.append_message(**said),
        mine.call("append_message", {**said, "client_id": str(uuid4())}),
    )


def events(_: Client, __: Session, service: Session, ___: str, size: int) -> Any:
    return (
        Client(service).list_log_events({"page_size": size}),
        service.call("list_log_events", {"payload": {"page_size": size}}),
    )


@pytest.mark.parametrize(("ask", "least", "most"), [(history, 1, 200), (message, 1, 2000), (events, 1, 200)])
async def test_client_and_rpc_agree(
    api: Database,
    service: Session,
    people: People,
    make_session: MakeSession,
    ask: Call,
    least: int,
    most: int,
) -> None:
    session_id = str(await make_session(people.learner))
    mine = api.session(people.learner)

    async def is_taken(size: int) -> set[bool]:
        return {await _is_taken(call) for call in ask(Client(mine), mine, service, session_id, size)}

    assert [await is_taken(size) for size in (least - 1, least, most, most + 1)] == [
        {False},
        {True},
        {True},
        {False},
    ]


async def _is_taken(call: Awaitable[Any]) -> bool:
    try:
        await call
    except (InvalidInputError, RpcError) as error:
        return error.status != 422
    return True
