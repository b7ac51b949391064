"""Who may read and write each table of a module, and call each of its functions: what the modules' tests ask."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any, Final
from uuid import uuid4

import asyncpg

from casebase.kernel.db import ANON, SERVICE, Database, Principal
from casebase.kernel.errors import RpcError

ROLES: Final = (
    "anon",
    "authenticated",
    "service_role",
    "casebase_analyst",
    "casebase_ai_broker",
    "casebase_api",
)
"""The roles that privileges are given to or kept from."""

CALLERS: Final = {
    "anon": ANON,
    "casebase_analyst": Principal("casebase_analyst", sub=uuid4()),
    "casebase_ai_broker": Principal("casebase_ai_broker", sub=uuid4()),
    "service": SERVICE,
}
"""Who calls besides people."""

_PRIVILEGES: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def relations_made_by(module: str) -> set[str]:
    """The tables and views that a module's SQL makes, with their schemas."""
    return _made(
        module, ("migrations", "views"), r"^create (?:table|(?:or replace )?view)(?: if not exists)? ([\w.]+)"
    )


def functions_exposed_by(module: str) -> set[str]:
    """The functions that a module's SQL makes in ``public``."""
    return _made(module, ("functions",), r"^create or replace function public\.(\w+)\(")


def _made(module: str, folders: Iterable[str], statement: str) -> set[str]:
    sql = files(f"casebase.modules.{module}") / "sql"
    return {
        name
        for folder in folders
        if (sql / folder).is_dir()
        for file in (sql / folder).iterdir()
        if file.name.endswith(".sql") and not file.name.endswith(".down.sql")
        for name in re.findall(statement, file.read_text("utf-8"), re.MULTILINE)
    }


async def privileges_of(
    owner: asyncpg.Connection, role: str, relations: Collection[str]
) -> dict[str, set[str]]:
    """What a role may do with each relation."""
    granted: dict[str, set[str]] = {relation: set() for relation in relations}
    for relation, privilege in await owner.fetch(
        "select r, p from unnest($2::text[]) r cross join unnest($3::text[]) p where has_table_privilege($1, r, p)",
        role,
        list(relations),
        _PRIVILEGES,
    ):
        granted[relation].add(privilege)
    return granted


async def without_row_security(owner: asyncpg.Connection, tables: Iterable[str]) -> list[str]:
    """The tables whose rows are shown to whoever may read the table at all."""
    rows = await owner.fetch(
        "select oid::regclass::text from pg_class where oid = any ($1::text[]::regclass[]) and not relrowsecurity",
        list(tables),
    )
    return [table for (table,) in rows]


@asynccontextmanager
async def acting_as(owner: asyncpg.Connection, principal: Principal) -> AsyncIterator[None]:
    """Within the block, a transaction, the owner's connection queries as a principal does through the API."""
    async with owner.transaction():
        await owner.execute(
            "select set_config('request.jwt.claims', $1, true), set_config('role', $2, true)",
            principal.claims_json,
            principal.role,
        )
        yield


async def relations_shown_to(
    owner: asyncpg.Connection, principal: Principal, relations: Iterable[str]
) -> set[str]:
    """The relations that show a principal any row."""
    async with acting_as(owner, principal):
        return {
            relation
            for relation in relations
            if await owner.fetchval(f"select exists (select from {relation})")
        }


async def statuses(
    api: Database, callers: Mapping[str, Principal], function: str, arguments: Callable[[], dict[str, Any]]
) -> dict[str, int]:
    """The status that each caller, one after another, gets of a function; 200 for an answer."""
    found = {}
    for who, principal in callers.items():
        try:
            await api.session(principal).call(function, arguments())
            found[who] = 200
        except RpcError as refused:
            found[who] = refused.status
    return found


async def assert_serves(
    api: Database,
    callers: Mapping[str, Principal],
    function: str,
    refused: Mapping[str, int],
    arguments: Callable[[], dict[str, Any]],
) -> None:
    """Assert that a function refuses whom it must, with their status, and serves everybody else.

    The first is answered; who comes after may find that it is done already (409).
    """
    found = await statuses(api, callers, function, arguments)
    served = {who: status for who, status in found.items() if who not in refused}
    assert {who: found[who] for who in refused} == refused
    assert next(iter(served.values())) == 200, served
    assert set(served.values()) <= {200, 409}, served


def payload(*parts: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """The one argument of most functions."""
    merged = {**fields}
    for part in parts:
        merged.update(part)
    return {"payload": merged}
