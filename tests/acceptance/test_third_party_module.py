"""A module of somebody else's, installed beside ours, without a line changed in ours."""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from casebase import Casebase
from tests.acceptance.product import casebase, environment, fetch, started
from tests.support.waiting import eventually

pytestmark = pytest.mark.xdist_group("acceptance")

TOY = Path(__file__).with_name("toy_module")
EMAIL, PASSWORD = "ada@example.com", "correct horse battery"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder that the toy is installed in, as pip would leave it."""
    project = tomllib.loads((TOY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    folder = tmp_path / "site"
    shutil.copytree(TOY / "src", folder, ignore=shutil.ignore_patterns("__pycache__"))
    info = folder / f"casebase_toy-{project['version']}.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(metadata)
    points = [
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in entries.items())
        for group, entries in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(points))
    return folder


def with_site(env: Mapping[str, str], site: Path) -> dict[str, str]:
    return {**env, "PYTHONPATH": os.pathsep.join((str(site), env.get("PYTHONPATH", "")))}


@pytest.fixture
def env(site: Path, tmp_path: Path, database: str, api_url: str) -> Mapping[str, str]:
    settings = {"database_url": database, "api_database_url": api_url}
    return with_site(environment(tmp_path / "home", **settings), site)


def run(*arguments: str, env: Mapping[str, str], stdin: str | None = None) -> str:
    done = casebase(*arguments, env=env, stdin=stdin)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def sign_in(client: httpx.AsyncClient) -> None:
    page = await client.get("/console/login")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    form = {"email": EMAIL, "password": PASSWORD, "csrf_token": token[1]}
    assert (await client.post("/console/login", data=form)).status_code in (200, 303)


async def test_brings_table_rpc_job_page_command_and_client(
    env: Mapping[str, str], database: str, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def texts() -> list[str]:
        return [
            row["text"] for row in await fetch(database, "select text from public.greetings order by name")
        ]

    async def is_everyone_greeted() -> bool:
        return None not in await texts()

    with started("up", "--port", "0", env=env) as up:
        async with await up.client() as client:
            client.follow_redirects = True

            # The table is there, with row level security.
            secured = "select relrowsecurity from pg_class where oid = 'public.greetings'::regclass"
            assert (await fetch(database, secured))[0][0]

            # The command, then the RPC, by HTTP with a token that the command line made.
            run("toy", "greet", "Ada", env=env)
            token = run("token", "create", "--role", "service_role", env=env).strip()
            headers = {"Authorization": f"Bearer {token}"}
            rpc = "/rest/v1/rpc/create_greeting"
            reply = await client.post(rpc, json={"payload": {"name": "Grace"}}, headers=headers)
            assert reply.is_success, reply.text
            assert (await client.post(rpc, json={"payload": {"name": "Eve"}})).status_code in (401, 403)
            assert (await client.post("/v1/toy/greetings", json={"name": "Linus"})).status_code == 201

            # The typed client.
            monkeypatch.setenv("CASEBASE_HOME", env["CASEBASE_HOME"])
            monkeypatch.syspath_prepend(str(site))
            async with Casebase.connect(database) as cb:
                await cb.toy.create_greeting("Margaret")

            # The job.
            await eventually(is_everyone_greeted)
            assert await texts() == ["Hello, Ada!", "Hello, Grace!", "Hello, Linus!", "Hello, Margaret!"]

            # The page, and the link to it.
            run("user", "create", "--email", EMAIL, "--password-stdin", env=env, stdin=PASSWORD)
            await sign_in(client)
            home = await client.get("/console/")
            assert 'href="/console/toy/greetings"' in home.text
            page = await client.get("/console/toy/greetings")
            assert "Hello, Grace!" in page.text

    # And it can be taken out again, leaving the others as they were.
    run("migrate", "down", "toy", "--yes", env=env)
    assert (await fetch(database, "select to_regclass('public.greetings')"))[0][0] is None
    assert (await fetch(database, "select to_regclass('public.scenario_cases')"))[0][0] is not None


def test_its_broken_story_fails_the_demo(site: Path, casebase_home: Path) -> None:
    done = casebase("demo", "--check", env=with_site(environment(casebase_home, modules="toy"), site))
    assert done.returncode == 1
    assert "✓ Ada is greeted" in done.stdout
    assert "✗ Grace is greeted" in done.stdout
    assert "demo_failed 1 of 4" in done.stderr
