"""What a dump of a database holds."""

from __future__ import annotations

import subprocess

from tests.support import postgres


def dump(server: postgres.Server, url: str) -> str:
    """The database's dump as SQL, with the planner's statistics where the server's pg_dump has them."""
    programs = server.process.installation.bin
    help_text = subprocess.run(
        [programs / "pg_dump", "--help"], capture_output=True, text=True, check=True
    ).stdout
    options = ["--statistics"] if "  --statistics " in help_text else []
    done = subprocess.run([programs / "pg_dump", *options, url], capture_output=True, text=True, check=True)
    return done.stdout
