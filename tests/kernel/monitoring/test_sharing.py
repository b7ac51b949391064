"""Processes that share a port have one sum of what they counted, whichever of them died, and however it died."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from casebase.kernel.db.calls import Tally
from casebase.kernel.monitoring.sharing import Counts, PoolFigures, SharedCounts, Tables
from tests.support.requires import ROOT

WRITERS = 20
WRITE = f"""
import sys
from pathlib import Path
from casebase.kernel.db.calls import Tally
from casebase.kernel.monitoring.sharing import Counts, PoolFigures, SharedCounts

for number in range({WRITERS}):
    tally = Tally([1] + [0] * 13, 0.1 * number, 1)
    SharedCounts(Path(sys.argv[1])).write(Counts({{"f": tally}}, {{"t": tally}}, PoolFigures(10, 1, 1, 1, 2, 3)))
"""
READ = """
import sys
from pathlib import Path
from casebase.kernel.monitoring.sharing import SharedCounts

for _ in range(50):
    total = SharedCounts(Path(sys.argv[1])).sums()
    print(total.by_function["f"].ok, repr(total.by_function["f"].seconds), total.pool.waited)
"""


def run(script: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], cwd=ROOT, text=True, stdout=subprocess.PIPE
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What processes wrote that are no more, and one that is."""
    with run(WRITE, tmp_path) as ended:
        ended.communicate()
    assert ended.returncode == 0
    alive = Counts({"f": Tally([1] + [0] * 13, 0.7, 1)}, {}, PoolFigures(10, 1, 1, 1, 2, 3), Tables(5.0, []))
    SharedCounts(tmp_path).write(alive)
    return tmp_path


def test_the_dead_ones_counts_are_one_file(folder: Path) -> None:
    shared = SharedCounts(folder)
    before = {file: file.read_bytes() for file in folder.glob("counts_*.json")}
    assert len(before) == WRITERS + 1
    first = shared.sums()
    assert first.by_function["f"].calls == WRITERS + 1
    assert first.by_function["f"].seconds == pytest.approx(0.1 * sum(range(WRITERS)) + 0.7)
    assert first.by_table["t"].buckets[0] == WRITERS
    assert (first.pool.size, first.pool.waited, first.pool.exhausted) == (
        10,
        2 * (WRITERS + 1),
        3 * (WRITERS + 1),
    )
    assert first.tables.asked_at == 5.0
    [left] = folder.glob("counts_*.json")
    assert shared.sums() == first

    # Whoever folded them was killed before it had removed all.
    for file in list(before)[:5]:
        file.write_bytes(before[file])
    assert shared.sums() == first
    assert list(folder.glob("counts_*.json")) == [left]


def test_the_same_whoever_else_asks(folder: Path) -> None:
    readers = [run(READ, folder) for _ in range(3)]
    said = {line for reader in readers for line in reader.communicate()[0].splitlines()}
    assert [reader.returncode for reader in readers] == [0, 0, 0]
    total = SharedCounts(folder).sums()
    assert said == {f"{WRITERS + 1} {total.by_function['f'].seconds!r} {total.pool.waited}"}


@pytest.mark.parametrize("content", [b"", b'{"pid": 1', b"[]", b'{"pid": 1, "function": {"f": 5}}', b"\xff"])
def test_a_file_that_cannot_be_read_is_left_out(folder: Path, content: bytes) -> None:
    (folder / "counts_0.json").write_bytes(content)
    with capture_logs() as logs:
        assert SharedCounts(folder).sums().by_function["f"].ok == WRITERS + 1
    assert [(entry["event"], entry["file"]) for entry in logs] == [
        ("metrics_file_unreadable", "counts_0.json")
    ]
