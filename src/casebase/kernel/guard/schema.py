"""Compare the live catalog with the shipped contracts, object by object."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from casebase.kernel.errors import ConfigurationError
from casebase.kernel.guard.catalog import Catalog, read_catalog
from casebase.kernel.guard.contract import FILE_NAME, format_contract, load_contract
from casebase.kernel.migrate import Unit, apply_units, connected, units
from casebase.kernel.module import Module, installed_modules


@dataclass(frozen=True, slots=True)
class Drift:
    """One object that is not as shipped; ``shipped`` or ``live`` is None where it is absent."""

    object: str
    shipped: str | None
    live: str | None

    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        """What happened to the live object."""
        if self.shipped is None:
            return "added"
        return "removed" if self.live is None else "changed"


@dataclass(frozen=True, slots=True)
class SchemaReport:
    """What ``verify_schema`` found: drift, and the units that ship no contract to hold it against."""

    drift: tuple[Drift, ...]
    object_count: int
    without_contract: tuple[str, ...] = ()


def shipped_contract(of: Iterable[Unit]) -> Catalog:
    """Merge the contracts of units; a later unit's word on an object holds."""
    merged: Catalog = {}
    for unit in of:
        merged |= load_contract(unit.folder) or {}
    return merged


async def verify_schema(url: str, modules: Sequence[Module]) -> SchemaReport:
    """Compare the database at ``url`` with the contracts of the kernel and ``modules``.

    Objects of installed modules that were not asked for are left alone. A module without a contract cannot be
    judged: the objects in its own schema are passed over, and the report names it.
    """
    wanted = units(modules)
    shipped = shipped_contract(wanted)
    async with connected(url) as connection:
        live = await read_catalog(connection)
        if await connection.fetchval("select to_regrole('supabase_auth_admin') is not null"):
            shipped = {name: text for name, text in shipped.items() if not _in_schema(name, "auth")}
    elsewhere = shipped_contract(units(installed_modules())).keys() - shipped.keys()
    unknown = tuple(unit.name for unit in wanted if load_contract(unit.folder) is None)
    drift = tuple(
        Drift(name, shipped.get(name), live.get(name))
        for name in sorted(shipped.keys() | (live.keys() - elsewhere))
        if shipped.get(name) != live.get(name) and not any(_in_schema(name, unit) for unit in unknown)
    )
    return SchemaReport(drift, len(shipped), unknown)


async def contract_texts(url: str, modules: Iterable[Module]) -> dict[str, str]:
    """Build the schema unit by unit in a scratch database of the server at ``url``; return each unit's contract."""
    texts: dict[str, str] = {}
    async with _scratch_database(url) as scratch_url:
        seen: Catalog = {}
        for unit in units(modules):
            await apply_units(scratch_url, (unit,))
            async with connected(scratch_url) as connection:
                catalog = await read_catalog(connection)
            texts[unit.name] = format_contract(dict(catalog.items() - seen.items()))
            seen = catalog
    return texts


async def write_contracts(url: str, modules: Sequence[Module]) -> tuple[Path, ...]:
    """Write each unit's contract beside its SQL; return the files whose text is new.

    Raises ``ConfigurationError`` for a unit that is not installed as files.
    """
    texts = await contract_texts(url, modules)
    written = []
    for unit in units(modules):
        if not isinstance(unit.folder, Path):
            raise ConfigurationError(f"{unit.name} is not installed as files that can be written.")
        path = unit.folder / FILE_NAME
        if load_contract(unit.folder) is None or path.read_text("utf-8") != texts[unit.name]:
            path.write_text(texts[unit.name], "utf-8")
            written.append(path)
    return tuple(written)


@asynccontextmanager
async def _scratch_database(url: str) -> AsyncIterator[str]:
    name = f"casebase_contract_{secrets.token_hex(4)}"
    async with connected(url) as connection:
        await connection.execute(f"create database {name} template template0")
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        finally:
            await connection.execute(f"drop database {name} with (force)")


def _in_schema(name: str, schema: str) -> bool:
    """Tell whether an object's name lies in ``schema``."""
    return any(word == schema or word.startswith(f"{schema}.") for word in name.split(" "))
