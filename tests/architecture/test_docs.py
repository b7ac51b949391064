"""The documentation speaks of what exists: files, commands, settings, recipes; its first example runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import typer

from casebase.kernel.config import Settings
from casebase.kernel.db import Database, Principal
from casebase.kernel.errors import RpcError
from casebase.kernel.migrate import migrate_up
from casebase.kernel.module import resolve
from casebase.modules.frontdesk.settings import FrontdeskSettings
from casebase.modules.practice.settings import PracticeSettings
from tests.support.postgres import Server

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "src/**/*.md")
    for path in ROOT.glob(pattern)
    if path.is_file()
)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

TEST_ONLY = {
    "CASEBASE_REQUIRE_ALL",
    "CASEBASE_TEST_SERVER",
    "CASEBASE_TEST_YEARS",
    *(f"CASEBASE_{name}_BIN" for name in ("CHROMIUM", "POSTGREST", "REDIS", "SUPABASE")),
}
FORMER = {"CASEBASE_STATEMENT_CACHE_SIZE"}
"""Settings that records of decisions speak of."""

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"(?:\]\(|(?:src|srcset|href)=\")([^()\s\"]+)")
_COMMAND = re.compile(r"(?:^ *|\$\(|[:|&;] )casebase((?: +[a-z][a-z|-]*)+)([^#;)\"`]*)")
_VARIABLE = re.compile(r"\bCASEBASE_[A-Z][A-Z0-9_]*")
_RECIPE = re.compile(r"(?:^|[`\n])make ([a-z][a-z-]*)")

every_page = pytest.mark.parametrize("page", PAGES, ids=NAMES)


def _code(text: str) -> Iterator[str]:
    """Yield the lines of shell blocks, and inline code."""
    for language, block in _FENCE.findall(text):
        if language == "sh":
            yield from block.splitlines()
    # A table's cell escapes the bar between alternatives.
    yield from (span.replace("\\|", "|") for span in _SPAN.findall(_FENCE.sub("", text)))


def _anchors(page: Path) -> set[str]:
    """Return the fragments that a page's headings can be reached by."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_links_lead_to_existing_files(page: Path) -> None:
    broken = []
    for target in _LINK.findall(_FENCE.sub("", page.read_text("utf-8"))):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.append(target)
    assert not broken


@every_page
def test_commands_and_their_options_exist(page: Path) -> None:
    from casebase.cli import whole

    root = typer.main.get_command(whole())
    for line in _code(page.read_text("utf-8")):
        for words, rest in _COMMAND.findall(line):
            _check(root, words.split(), rest, line)


def _check(command: Any, words: list[str], rest: str, line: str) -> None:
    """Follow the words into the groups; what a command that is no group takes is not checked, but its options."""
    subcommands = getattr(command, "commands", None)
    if subcommands is None:
        known = {
            name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)
        }
        assert set(re.findall(r"(?<!\S)--[a-z][a-z-]*", rest)) <= known, line
    elif words:
        for word in words[0].split("|"):
            assert word in subcommands, line
            _check(subcommands[word], words[1:], rest, line)


@every_page
def test_shell_blocks_can_be_pasted(page: Path) -> None:
    for language, block in _FENCE.findall(page.read_text("utf-8")):
        if language == "sh":
            checked = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True)
            assert checked.returncode == 0, checked.stderr + block


@every_page
def test_settings_exist(page: Path) -> None:
    names = [
        *Settings.model_fields,
        *(f"practice_{name}" for name in PracticeSettings.model_fields),
        *(f"frontdesk_{name}" for name in FrontdeskSettings.model_fields),
    ]
    known = {f"CASEBASE_{name.upper()}" for name in names} | TEST_ONLY | FORMER
    assert set(_VARIABLE.findall(page.read_text("utf-8"))) <= known


@every_page
def test_recipes_exist(page: Path) -> None:
    recipes = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {recipe for line in _code(page.read_text("utf-8")) for recipe in _RECIPE.findall(line)} <= recipes


def test_every_decision_is_numbered_and_listed_once() -> None:
    folder = ROOT / "docs" / "decisions"
    records = sorted(file.name for file in folder.glob("[0-9]*.md"))
    assert [int(name[:4]) for name in records] == list(range(1, len(records) + 1))
    assert sorted(_LINK.findall((folder / "README.md").read_text("utf-8"))) == records


def test_the_first_example_runs_as_it_stands(database: str) -> None:
    example = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert example is not None
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CASEBASE_")},
        "CASEBASE_DATABASE_URL": database,
        "CASEBASE_SESSION_SECRET": "a secret of the tests",
        "CASEBASE_JWT_SECRET": "a secret of the tests, long enough for HS256",
    }
    done = subprocess.run(
        [sys.executable, "-c", example[1]], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"M-[A-Z]{8} draft None\n", done.stdout)


async def test_the_guides_module_works_as_it_is_printed(
    kernel_database: str, pg_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (ROOT / "docs" / "how-to" / "write-a-module.md").read_text("utf-8")
    for _, block in _FENCE.findall(guide):
        if named := re.match(r"(?:--|#) (casebase_notes/\S+)\n", block):
            file = tmp_path / named[1]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    module = resolve("casebase_notes:MODULE")
    assert resolve(module.routes).routes
    assert callable(resolve(module.jobs[0].run))
    await migrate_up(kernel_database, (module,))
    owner = await asyncpg.connect(kernel_database)
    ada = await owner.fetchval("insert into auth.users (email) values ('ada@example.com') returning id")
    tenant = await owner.fetchval(
        "insert into public.tenant_users (tenant_id, user_id) values (casebase.default_tenant(), $1) returning tenant_id",
        ada,
    )
    note = {"tenant_id": str(tenant), "body": "Ring ada@example.com"}
    async with await Database.connect(pg_server.api_url(kernel_database)) as database:
        await database.session(Principal("authenticated", sub=ada)).call("create_note", {"payload": note})
        with pytest.raises(RpcError, match="forbidden"):
            await database.session(Principal("authenticated", sub=uuid4())).call(
                "create_note", {"payload": note}
            )
    assert await owner.fetchval("select body from public.notes") == "Ring [email]"
    assert await owner.fetchval("select count(*) from pgmq.q_notes_counting") == 1
    await owner.close()
