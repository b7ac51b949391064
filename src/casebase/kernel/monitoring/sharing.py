"""What processes that share a port counted, added up, so that whichever of them is asked says the same.

Each keeps a file of its own counts in a folder that is theirs; a file outlives its process, so no sum ever falls. The
folder is the one that prometheus_client's own metrics share, and named by the variable that it reads.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

from casebase.kernel.db import Database
from casebase.kernel.db.calls import Tally

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


@contextlib.contextmanager
def shared_folder(home: Path) -> Iterator[None]:
    """Make a folder for the processes started in the block, unless the environment names one; remove it afterwards.

    In ``home``, as what the system keeps temporarily it may also clear away; there, where ``home`` cannot be written.
    """
    if os.environ.get(FOLDER_VARIABLE):
        yield
        return
    with contextlib.suppress(OSError):
        home.mkdir(parents=True, exist_ok=True)
    place = home if os.access(home, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="metrics-", dir=place) as folder:
        os.environ[FOLDER_VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER_VARIABLE]


@dataclass(slots=True)
class PoolFigures:
    """Connections and who waits for them, of one pool or of several."""

    size: int = 0
    lent: int = 0
    idle: int = 0
    waiting: int = 0
    waited: int = 0
    exhausted: int = 0


@dataclass(slots=True)
class Tables:
    """The rows of ``casebase.read_table_metrics``, and when they were asked for by the machine's monotonic clock."""

    asked_at: float = 0.0
    rows: Sequence[Sequence[Any]] = ()


@dataclass(slots=True)
class Counts:
    """What a process counted, or several together."""

    by_function: dict[str, Tally] = field(default_factory=dict)
    by_table: dict[str, Tally] = field(default_factory=dict)
    pool: PoolFigures = field(default_factory=PoolFigures)
    tables: Tables = field(default_factory=Tables)

    @classmethod
    def of(cls, database: Database, tables: Tables) -> Self:
        """Return what this process counted until now; no call is counted while it is read."""
        use, calls = database.pool.use, database.calls
        return cls(
            {name: tally.copy() for name, tally in calls.by_function().items()},
            {name: tally.copy() for name, tally in calls.by_table().items()},
            PoolFigures(use.size, use.lent, database.pool.idle, use.waiting, use.waited, use.exhausted),
            tables,
        )

    def add(self, other: Counts, *, is_alive: bool) -> None:
        """Add another process's counts; one that is dead has no connections, but what it counted happened."""
        for mine, theirs in ((self.by_function, other.by_function), (self.by_table, other.by_table)):
            for name, tally in theirs.items():
                mine.setdefault(name, Tally()).add(tally)
        if is_alive:
            self.pool.size += other.pool.size
            self.pool.lent += other.pool.lent
            self.pool.idle += other.pool.idle
            self.pool.waiting += other.pool.waiting
        self.pool.waited += other.pool.waited
        self.pool.exhausted += other.pool.exhausted
        if other.tables.asked_at > self.tables.asked_at:
            self.tables = other.tables


class SharedCounts:
    """Write this process's counts where the others of its port read them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Not by the process's id alone: one that was born with a dead one's would take its counts away.
        self._file = folder / f"counts_{uuid4().hex}.json"
        self._written = ""

    @classmethod
    def from_environment(cls) -> Self | None:
        """Return them where ``PROMETHEUS_MULTIPROC_DIR`` says that processes share their metrics."""
        folder = os.environ.get(FOLDER_VARIABLE)
        return cls(Path(folder)) if folder else None

    def write(self, counts: Counts) -> None:
        """Replace what was written before, if anything is new; a reader finds the one or the other, whole."""
        text = json.dumps(
            {
                "pid": os.getpid(),
                "function": {name: _packed(tally) for name, tally in counts.by_function.items()},
                "table": {name: _packed(tally) for name, tally in counts.by_table.items()},
                "pool": [getattr(counts.pool, name) for name in PoolFigures.__slots__],
                "tables": [counts.tables.asked_at, [list(row) for row in counts.tables.rows]],
            }
        )
        if text == self._written:
            return
        draft = self._file.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self._file)
        self._written = text

    def sums(self) -> Counts:
        """Add up what all processes wrote."""
        total = Counts()
        # In one order always: in another the same fractions of seconds may add up to a little less.
        for file in sorted(self._folder.glob("counts_*.json")):
            found = json.loads(file.read_text(encoding="utf-8"))
            theirs = Counts(
                {name: Tally(*row) for name, row in found["function"].items()},
                {name: Tally(*row) for name, row in found["table"].items()},
                PoolFigures(*found["pool"]),
                Tables(*found["tables"]),
            )
            total.add(theirs, is_alive=_is_alive(found["pid"]))
        return total

    def files_of_libraries(self) -> list[str]:
        """Return the files in which prometheus_client shares what the process's own metrics counted."""
        return sorted(map(str, self._folder.glob("*.db")))


def _packed(tally: Tally) -> list[Any]:
    return [tally.buckets, tally.seconds, tally.ok, tally.refused, tally.failed]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
