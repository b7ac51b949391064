from __future__ import annotations

from casebase.kernel.guard.catalog import Catalog, read_catalog
from casebase.kernel.migrate import connected


async def catalog_of(url: str) -> Catalog:
    """Read every object of the database at ``url``."""
    async with connected(url) as connection:
        return await read_catalog(connection)


async def value_of(url: str, query: str) -> object:
    async with connected(url) as connection:
        return await connection.fetchval(query)


async def run(url: str, statements: str) -> None:
    async with connected(url) as connection:
        await connection.execute(statements)
