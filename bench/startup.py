"""How long a newcomer waits: fresh clone to the first advised case, and a warm ``casebase up`` to ``/readyz``.

Targets: under 3 minutes and under 3 seconds. The clone sets up its own environment; package downloads count.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from casebase.kernel.platform.embedded import EmbeddedServer

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Print both times, and the second as a share of the first."""
    with tempfile.TemporaryDirectory(prefix="casebase-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        clone = fresh_clone(Path(folder))
        warm = warm_up(Path(folder) / "home")
    print(f"fresh clone to the demo's first advised cases   {clone:7.1f} s   (target < 180)")
    print(f"warm `casebase up` to /readyz                   {warm:7.2f} s   (target < 3)")
    print(f"ratio                                           {clone / warm:7.0f}")


def fresh_clone(folder: Path) -> float:
    """Clone this checkout's last commit and run the demo's check in it, from nothing."""
    started = time.perf_counter()
    subprocess.run(["git", "clone", "--quiet", ROOT, folder / "clone"], check=True)
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("CASEBASE_", "VIRTUAL_ENV", "UV_"))
    }
    command = ["make", "--silent", "demo", "ARGS=--check"]
    subprocess.run(command, cwd=folder / "clone", env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def warm_up(home: Path) -> float:
    """Start twice in one home and time the second start."""
    try:
        with up(home) as _:
            pass
        with up(home) as seconds:
            return seconds
    finally:
        EmbeddedServer(home).discard()


@contextmanager
def up(home: Path) -> Iterator[float]:
    """Run ``casebase up``; yield the seconds until ``/readyz`` answered 200."""
    environment = os.environ | {"CASEBASE_HOME": str(home)}
    started = time.perf_counter()
    with subprocess.Popen(
        ["casebase", "up", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = next(m[0] for line in process.stdout if (m := re.search(r"http://[\d.:]+", line)))
        while httpx.get(f"{address}/readyz").status_code != 200:
            time.sleep(0.01)
        seconds = time.perf_counter() - started
        try:
            yield seconds
        finally:
            process.terminate()
            process.stdout.read()


if __name__ == "__main__":
    main()
