"""``casebase doctor``: each thing that can be missing is found, and the command that mends it is named."""

from __future__ import annotations

import asyncio
import importlib.util
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg
import pytest
import typer
from typer.testing import CliRunner, Result

from casebase.cli.doctor import register
from casebase.kernel.module import Module
from tests.support.postgres import our_modules

app = typer.Typer()
register(app)


def doctor(home: Path, **settings: str) -> Result:
    named = {f"CASEBASE_{name.upper()}": value for name, value in settings.items()}
    unset = {"CASEBASE_DATABASE_URL": None, "CASEBASE_API_DATABASE_URL": None}
    environment = {**unset, "CASEBASE_HOME": str(home), "COLUMNS": "400", **named}
    return CliRunner().invoke(app, [], env=environment)


def line(result: Result, subject: str) -> str:
    """The line about a subject, its columns parted by single spaces."""
    lines = (re.sub(r" {2,}", " ", text).strip() for text in result.output.splitlines())
    (found,) = (text for text in lines if text[2:].startswith(f"{subject} "))
    return found


def test_an_embedded_server_that_does_not_run_is_found_and_nothing_is_started(tmp_path: Path) -> None:
    result = doctor(tmp_path / "home")
    assert result.exit_code == 1
    assert line(result, "database") == "✗ database embedded server absent casebase db start"
    assert not (tmp_path / "home").exists()


def test_wrong_settings_are_named_without_their_values(tmp_path: Path) -> None:
    result = doctor(tmp_path, port="secret-looking")
    assert result.exit_code == 1
    assert "CASEBASE_PORT" in line(result, "settings")
    assert "secret-looking" not in result.output


def test_a_sender_of_nudges_that_is_half_set_is_found(tmp_path: Path) -> None:
    result = doctor(tmp_path, push_webhook_url="https://push.example")
    assert result.exit_code == 1
    assert "CASEBASE_PUSH_WEBHOOK_SECRET" in line(result, "settings")


def test_who_brings_nudges_is_told(tmp_path: Path) -> None:
    assert line(doctor(tmp_path), "nudges").startswith("– nudges by the log alone Set CASEBASE_PUSH_URLS")
    result = doctor(tmp_path, push_urls="json://hidden/{token}")
    assert line(result, "nudges") == "✓ nudges by Apprise"
    assert line(result, "Apprise") == "✓ Apprise installed"
    assert "hidden" not in result.output


def test_apprise_that_is_used_and_not_installed_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "apprise" else found(name))
    assert line(doctor(tmp_path), "Apprise") == "✓ Apprise not installed"
    told = line(doctor(tmp_path, push_urls="json://127.0.0.1/{token}"), "Apprise")
    assert told == "✗ Apprise not installed pip install 'casebase[alerts]'"


def test_a_module_that_is_not_installed_is_found(tmp_path: Path) -> None:
    assert "✗ modules Module 'nonsense' is not installed." in line(
        doctor(tmp_path, modules="nonsense"), "modules"
    )


def test_a_server_that_does_not_answer_is_found_and_its_password_is_not_shown(tmp_path: Path) -> None:
    result = doctor(tmp_path, database_url="postgresql://me:hidden@127.0.0.1:1/cases")
    assert result.exit_code == 1
    assert "Correct CASEBASE_DATABASE_URL" in line(result, "database")
    assert "hidden" not in result.output


def test_an_empty_database_needs_its_schema(tmp_path: Path, empty_database: str) -> None:
    result = doctor(tmp_path, database_url=empty_database)
    assert result.exit_code == 1
    assert line(result, "schema") == "✗ schema not there casebase migrate up"


def test_a_module_without_its_schema_needs_it(
    tmp_path: Path, create_database: Callable[[Sequence[Module] | None], str]
) -> None:
    result = doctor(tmp_path, database_url=create_database(()))
    assert result.exit_code == 1
    names = ", ".join(module.name for module in our_modules())
    assert line(result, "schema") == f"✗ schema files of {names} are pending casebase migrate up"


class TestTheLoginOfTheApi:
    def test_is_well_as_the_api_role(self, tmp_path: Path, database: str, api_url: str) -> None:
        result = doctor(tmp_path, database_url=database, api_database_url=api_url)
        assert result.exit_code == 0
        assert line(result, "API login") == "✓ API login casebase_api"
        assert line(result, "schema") == "✓ schema as shipped"

    def test_as_the_owner_is_found_and_the_way_out_named(self, tmp_path: Path, database: str) -> None:
        result = doctor(tmp_path, database_url=database)
        assert result.exit_code == 0, "it works, so a warning"
        found = line(result, "API login")
        assert found.startswith("– API login postgres, which owns the database ")
        assert "alter role casebase_api password" in found
        assert "CASEBASE_API_DATABASE_URL" in found

    def test_as_the_owner_by_name_is_found_too(self, tmp_path: Path, database: str) -> None:
        result = doctor(tmp_path, database_url=database, api_database_url=database)
        assert "owns the database" in line(result, "API login")

    def test_that_is_refused_is_found(self, tmp_path: Path, database: str, api_url: str) -> None:
        wrong = re.sub(r":[^:@]+@", ":wrong@", api_url)
        result = doctor(tmp_path, database_url=database, api_database_url=wrong)
        assert result.exit_code == 1
        assert line(result, "API login").startswith(
            "✗ API login InvalidPasswordError Correct CASEBASE_API_DATABASE_URL"
        )

    def test_alone_is_all_that_a_serving_process_needs(self, tmp_path: Path, api_url: str) -> None:
        result = doctor(tmp_path, api_database_url=api_url)
        assert result.exit_code == 0, result.output
        assert line(result, "schema") == "✓ schema there"
        assert line(result, "API login") == "✓ API login casebase_api"


def test_people_who_can_sign_in_are_counted(tmp_path: Path, database: str) -> None:
    assert "casebase user create --email you@example.com" in line(
        doctor(tmp_path, database_url=database), "logins"
    )

    async def add() -> None:
        connection = await asyncpg.connect(database)
        await connection.execute(
            """
            with person as (insert into auth.users (email) values ('ada@example.com') returning id)
            insert into public.tenant_users (tenant_id, user_id) select casebase.default_tenant(), id from person
            """
        )
        await connection.close()

    asyncio.run(add())
    assert line(doctor(tmp_path, database_url=database), "logins") == "✓ logins 1 can sign in"


def test_a_chat_model_is_named_and_its_key_is_not(tmp_path: Path) -> None:
    assert line(doctor(tmp_path), "chat model").startswith("– chat model none, notes on cases are extracts")
    named = doctor(tmp_path, ai_url="http://127.0.0.1:9/v1", ai_model="small-one", ai_key="key-7391")
    assert line(named, "chat model") == "✓ chat model small-one"
    assert "key-7391" not in named.output


def test_a_modules_own_settings_are_checked(tmp_path: Path) -> None:
    assert "prompts of the package" in line(doctor(tmp_path), "practice")
    gone = doctor(tmp_path, practice_prompt_party_path=str(tmp_path / "gone.md"))
    assert gone.exit_code == 1
    assert "CASEBASE_PRACTICE_PROMPT_PARTY_PATH" in line(gone, "practice")
    mine = tmp_path / "mine.md"
    mine.write_text("You are Lena.", encoding="utf-8")
    found = line(doctor(tmp_path, practice_prompt_party_path=str(mine)), "practice")
    assert found.startswith("✓")
    assert found.endswith("but party")
