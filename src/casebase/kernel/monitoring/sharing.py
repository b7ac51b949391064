"""What processes that share a port counted, added up, so that whichever of them is asked says the same.

Each keeps a file of its own counts in a folder that is theirs. What it says outlives its process, in one file of all
that are dead, so no sum ever falls. The folder is the one that prometheus_client's own metrics share, and named by the
variable that it reads.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

import structlog

from casebase.kernel.db import Database
from casebase.kernel.db.calls import Tally

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"

# Whole ones are written: in whatever order they are added, their sum is the same, and never a little less.
_MICROSECONDS: Final = 1_000_000

_log = structlog.get_logger(__name__)


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
        text = _text(counts, _MICROSECONDS, pid=os.getpid())
        if text == self._written:
            return
        _replace(self._file, text)
        self._written = text

    def sums(self) -> Counts:
        """Add up what all processes wrote, and put what the dead ones did into one file."""
        try:
            lock = (self._folder / "counts.lock").open("a")
        except OSError as error:
            _log.warning("metrics_not_shared", reason=error.strerror)
            return Counts()
        with lock:
            # Alone until it is closed: who reads while another puts files together finds a count twice, or not at all.
            fcntl.flock(lock, fcntl.LOCK_EX)
            total = self._add_up()
        for tally in (*total.by_function.values(), *total.by_table.values()):
            tally.seconds /= _MICROSECONDS
        return total

    def _add_up(self) -> Counts:
        past_file = self._folder / "past.json"
        past, held = Counts(), []
        if past_file.exists() and (kept := _read(past_file)):
            past, held = kept.counts, kept.files
        total, dead = Counts(), []
        for file in sorted(self._folder.glob("counts_*.json")):
            if file.name in held:  # whoever put it there was killed before it was removed
                dead.append(file)
            elif found := _read(file):
                if _is_alive(found.pid):
                    total.add(found.counts, is_alive=True)
                else:
                    past.add(found.counts, is_alive=False)
                    dead.append(file)
        if dead:
            try:
                # With their names, which make it one step: from now on the files themselves count no more.
                _replace(past_file, _text(past, 1, files=[file.name for file in dead]))
                for file in dead:
                    file.with_suffix(".draft").unlink(missing_ok=True)
                    file.unlink()
            except OSError as error:
                _log.warning("metrics_not_shared", reason=error.strerror)
        total.add(past, is_alive=False)
        return total

    def files_of_libraries(self) -> list[str]:
        """Return the files in which prometheus_client shares what the process's own metrics counted."""
        return sorted(map(str, self._folder.glob("*.db")))


@dataclass(slots=True)
class _Written:
    counts: Counts
    pid: int
    files: list[str]


def _text(counts: Counts, per_second: int, **whose: Any) -> str:
    return json.dumps(
        {
            **whose,
            "function": {name: _packed(tally, per_second) for name, tally in counts.by_function.items()},
            "table": {name: _packed(tally, per_second) for name, tally in counts.by_table.items()},
            "pool": [getattr(counts.pool, name) for name in PoolFigures.__slots__],
            "tables": [counts.tables.asked_at, [list(row) for row in counts.tables.rows]],
        }
    )


def _packed(tally: Tally, per_second: int) -> list[Any]:
    return [tally.buckets, round(tally.seconds * per_second), tally.ok, tally.refused, tally.failed]


def _read(file: Path) -> _Written | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        counts = Counts(
            {name: Tally(*row) for name, row in found["function"].items()},
            {name: Tally(*row) for name, row in found["table"].items()},
            PoolFigures(*found["pool"]),
            Tables(*found["tables"]),
        )
        return _Written(counts, found.get("pid", 0), found.get("files", []))
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        # Of a disk that was full, or a machine that went down: what the others counted is there all the same.
        _log.warning("metrics_file_unreadable", file=file.name)
        return None


def _replace(file: Path, text: str) -> None:
    draft = file.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
