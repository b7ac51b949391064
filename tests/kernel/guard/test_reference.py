"""The RPC reference says what the catalog says, and the pages in the documentation are what it says."""

from __future__ import annotations

import re

import asyncpg
import pytest

from casebase.kernel.errors import ConfigurationError
from casebase.kernel.guard import rpc_reference
from casebase.kernel.module import Module, installed_modules
from tests.support.postgres import our_modules
from tests.support.requires import ROOT

PAGES = {
    module: page
    for module in our_modules()
    if (page := ROOT / "docs" / "modules" / f"{module.name}-rpcs.md").exists()
}


@pytest.fixture
def enforcement() -> Module:
    [module] = installed_modules(("enforcement",))
    return module


@pytest.mark.parametrize("module", PAGES, ids=[module.name for module in PAGES])
async def test_a_page_is_as_the_functions_say(database: str, module: Module) -> None:
    page = await rpc_reference(database, module)
    assert page == PAGES[module].read_text("utf-8"), "make reference"


def test_the_recipe_writes_every_page() -> None:
    written = re.search(r"^REFERENCES := (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert written is not None
    assert sorted(written[1].split()) == sorted(module.name for module in PAGES)


async def test_a_signature_a_caller_and_a_comment_are_the_catalogs(
    owner: asyncpg.Connection, database: str, enforcement: Module
) -> None:
    await owner.execute(
        """
        comment on function public.open_enforcement_case(jsonb) is 'Open {a, b: {c: [{d: {e?}}]}} <now>; 409 case_already_open.';
        revoke execute on function public.open_enforcement_case(jsonb) from authenticated
        """
    )
    page = await rpc_reference(database, enforcement)
    assert "| [`open_enforcement_case`](#open_enforcement_case) | the service |" in page
    assert "`open_enforcement_case(payload jsonb) → uuid`" in page
    assert "Open `{a, b: {c: [{d: {e?}}]}}` \\<now\\>; 409 `case_already_open`." in page


async def test_defaults_are_shown(database: str, enforcement: Module) -> None:
    page = await rpc_reference(database, enforcement)
    assert "page_size integer = 50" in page
    assert "DEFAULT" not in page


async def test_functions_of_other_modules_are_not_in_it(database: str, enforcement: Module) -> None:
    assert "create_scenario_case" not in await rpc_reference(database, enforcement)


async def test_a_module_without_a_contract_is_refused(database: str) -> None:
    with pytest.raises(ConfigurationError, match="no contract"):
        await rpc_reference(database, Module("bare", "casebase.cli", "Bare"))
