"""``Casebase.connect``, the first thing the documentation shows."""

from __future__ import annotations

from pathlib import Path

import pytest

import casebase
from casebase import Casebase, CasebaseError, RpcError
from casebase.app import prepare_database
from casebase.kernel.config import load_settings
from casebase.kernel.db import ANON
from casebase.kernel.errors import ConfigurationError
from casebase.modules.mortgage.demo import LEADS


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEBASE_HOME", str(tmp_path))


async def test_opens_and_reads_a_case(database: str) -> None:
    async with Casebase.connect(database) as cb:
        opened = await cb.mortgage.create_case(LEADS[0])
        case = await cb.mortgage.get_case(opened.case_id)
    assert case.case_id == opened.case_id
    assert [version.version for version in case.inputs] == [1]


async def test_a_repeated_key_opens_one_case(database: str) -> None:
    async with Casebase.connect(database) as cb:
        first = await cb.mortgage.create_case(LEADS[0], idempotency_key="lead-1")
        assert await cb.mortgage.create_case(LEADS[0], idempotency_key="lead-1") == first


async def test_a_wrong_field_is_named_and_nothing_is_written(database: str) -> None:
    async with Casebase.connect(database) as cb:
        wrong = {**LEADS[0], "inputs": {**LEADS[0]["inputs"], "loan_amount": -1}}
        with pytest.raises(CasebaseError) as refused:
            await cb.mortgage.create_case(wrong)
        assert (refused.value.code, refused.value.status) == ("invalid_input", 422)
        assert "inputs.loan_amount" in {error["field"] for error in refused.value.detail["errors"]}
        assert (await cb.mortgage.list_cases()).items == ()


async def test_another_principal_has_its_own_rights(database: str) -> None:
    async with Casebase.connect(database) as cb:
        with pytest.raises(RpcError) as refused:
            await cb.as_principal(ANON).mortgage.create_case(LEADS[0])
    assert refused.value.status in (401, 403)


async def test_any_function_is_called_by_its_name(database: str) -> None:
    async with Casebase.connect(database) as cb:
        opened = await cb.call("create_scenario_case", payload=LEADS[0])
        assert (await cb.call("get_scenario_case", case_id=opened["case_id"]))["status"] == "draft"


async def test_a_module_that_is_not_installed_is_no_attribute(database: str) -> None:
    async with Casebase.connect(database) as cb:
        assert not hasattr(cb, "absent")
    assert casebase.Casebase is Casebase


async def test_the_api_roles_url_alone_is_enough_to_connect_and_too_little_to_migrate(
    api_url: str, tmp_path: Path
) -> None:
    settings = load_settings(api_database_url=api_url)
    async with Casebase.connect(settings=settings) as cb:
        await cb.mortgage.create_case(LEADS[0])
    assert not (tmp_path / "postgres").exists()
    with pytest.raises(ConfigurationError, match="CASEBASE_API_DATABASE_URL"):
        await prepare_database(settings)
