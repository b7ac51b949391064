"""``casebase demo``: the whole story, asserted by itself."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from casebase.kernel.platform.embedded import EmbeddedServer
from tests.acceptance.product import COMMAND, casebase, environment
from tests.support.waiting import eventually

pytestmark = pytest.mark.xdist_group("acceptance")


def test_check_states_its_proofs(casebase_home: Path) -> None:
    done = casebase("demo", "--check", env=environment(casebase_home))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ 6 leads became 6 cases" in done.stdout
    assert "✓ Each case is advised exactly once" in done.stdout
    assert "✓ Mortgage: the page of the first case shows M-" in done.stdout
    assert "✗" not in done.stdout


def test_refuses_a_database_that_is_not_its_own(casebase_home: Path) -> None:
    env = environment(casebase_home, database_url="postgresql://owner@127.0.0.1:1/real")
    done = casebase("demo", "--check", env=env)
    assert done.returncode == 1
    assert "configuration_invalid" in done.stderr


async def test_on_a_terminal_it_invites_and_control_c_stops_everything(casebase_home: Path) -> None:
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    screen = bytearray()
    process = subprocess.Popen(
        [str(COMMAND), "demo"],
        env={**environment(casebase_home), "COLUMNS": "60"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        # The terminal becomes theirs, so that Ctrl-C is a signal to them.
        start_new_session=True,
        preexec_fn=_take_terminal,
    )

    async def shows() -> str | None:
        try:
            while chunk := os.read(ours, 65536):
                screen.extend(chunk)
        except OSError:
            pass  # nothing yet
        assert process.poll() is None, screen.decode()
        text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", screen.decode(errors="ignore"))
        return text if "Ctrl-C stops everything" in text else None

    with process:
        try:
            text = await eventually(shows)
            line = re.search(r"^curl .*$", text, re.MULTILINE)
            assert line is not None
            posted = subprocess.run(
                ["sh", "-c", line[0].strip()], capture_output=True, text=True, timeout=60, check=True
            )
            assert '"case_id"' in posted.stdout
            assert "/console" in text
            assert "demo@example.com" in text
            # Whole on one line, though the terminal is narrower than the address: it is there to be copied.
            assert re.search(r"A case +http://127\.0\.0\.1:\d+/console/mortgage/cases/[0-9a-f-]{36}\s", text)
            second = casebase("demo", env=environment(casebase_home))
            assert second.returncode == 1
            assert "demo_running" in second.stderr
            os.write(ours, b"\x03")

            async def has_ended() -> bool:
                with contextlib.suppress(OSError):
                    os.read(ours, 65536)
                return process.poll() is not None

            await eventually(has_ended)
            assert process.returncode == 0
            assert EmbeddedServer(casebase_home / "demo").status().state == "stopped"
        finally:
            process.kill()
            os.close(ours)
            os.close(theirs)
            EmbeddedServer(casebase_home / "demo").stop()


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
