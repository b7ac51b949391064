"""How long calls took and how they ended, by function, and by the tables that the functions touch.

Counting is on the hot path, so it is plain arithmetic on the event loop's one thread: no lock, no labelled child to
look up. Prometheus and the database's history are both made of these sums (see ``kernel.monitoring``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

Outcome = Literal["ok", "refused", "failed"]
"""``refused``: the caller's doing, 4xx. ``failed``: ours, 5xx and whenever the database was away."""

BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The buckets' upper bounds, the last bucket being open; equal to ``casebase.latency_bounds()``."""

UNKNOWN: Final = "unknown"
"""Stands for every name that no function has: whoever calls names of their own must not make a label of each."""

_TRACED_FIRST: Final = 4
_TRACED_EVERY: Final = 1024


@dataclass(slots=True)
class Tally:
    """Count calls; only ever grows."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    seconds: float = 0.0
    ok: int = 0
    refused: int = 0
    failed: int = 0

    @property
    def calls(self) -> int:
        """How many calls there were, however they ended."""
        return self.ok + self.refused + self.failed

    def copy(self) -> Tally:
        """Return the same counts, which no longer grow."""
        return Tally(self.buckets.copy(), self.seconds, self.ok, self.refused, self.failed)

    def since(self, earlier: Tally | None) -> Tally:
        """Return what came after ``earlier``, a copy of this one."""
        if earlier is None:
            return self.copy()
        return Tally(
            [now - then for now, then in zip(self.buckets, earlier.buckets, strict=True)],
            self.seconds - earlier.seconds,
            self.ok - earlier.ok,
            self.refused - earlier.refused,
            self.failed - earlier.failed,
        )

    def add(self, other: Tally) -> None:
        """Add another's counts."""
        self.buckets = [mine + theirs for mine, theirs in zip(self.buckets, other.buckets, strict=True)]
        self.seconds += other.seconds
        self.ok += other.ok
        self.refused += other.refused
        self.failed += other.failed


@dataclass(slots=True)
class _Function:
    tally: Tally = field(default_factory=Tally)
    traced_at: int = 1
    """The call, by number, that is asked for the tables it touches."""
    tables: set[str] = field(default_factory=set)
    shared: Tally = field(default_factory=Tally)
    """What was added to the tables' counts already."""


class Calls:
    """The counts of one ``Database``.

    Which tables a function touches is learnt from some of its calls: the first few, then fewer and fewer, at least one
    in a thousand. A table's counts are those of the calls that touch it, from when that was known.
    """

    def __init__(self) -> None:
        self._functions: dict[str, _Function] = {}
        self._tables: dict[str, Tally] = {}
        self._names: frozenset[str] = frozenset()

    def begin_trace(self, function: str) -> bool:
        """Tell whether this call is to be asked for its tables, and put the next one off.

        Never one of a name that may be nobody's: it costs more, and who calls such names should not choose that.
        """
        known = self._functions.get(function)
        if known is None or known.tally.calls < known.traced_at:
            return False
        calls = known.tally.calls
        known.traced_at = calls + (1 if calls < _TRACED_FIRST else min(calls, _TRACED_EVERY))
        return True

    def note(self, function: str, seconds: float, outcome: Outcome) -> None:
        """Count a call that ended."""
        known = self._functions.get(function) or self._known(function, outcome)
        tally = known.tally
        tally.buckets[bisect_left(BOUNDS_S, seconds)] += 1
        tally.seconds += seconds
        if outcome == "ok":
            tally.ok += 1
        elif outcome == "refused":
            tally.refused += 1
        else:
            tally.failed += 1

    def note_tables(self, function: str, tables: Iterable[str]) -> None:
        """Remember the tables that a traced call touched; another call may take another way and touch more."""
        self._functions[function].tables.update(tables)

    def learn_names(self, names: Iterable[str]) -> None:
        """Take the names that functions have, so that one which never succeeded is counted under its own too."""
        self._names = frozenset(names)

    def by_function(self) -> dict[str, Tally]:
        """Return the counts by the functions' names."""
        return {name: known.tally for name, known in self._functions.items()}

    def by_table(self) -> dict[str, Tally]:
        """Return the counts by ``schema.table``, partitions as their table."""
        for known in self._functions.values():
            recent = known.tally.since(known.shared)
            # From the first trace on a function without tables moves on too: one found late counts from then.
            if recent.calls and (known.tables or known.traced_at > 1):
                for table in known.tables:
                    self._tables.setdefault(table, Tally()).add(recent)
                known.shared = known.tally.copy()
        return self._tables

    def _known(self, function: str, outcome: Outcome) -> _Function:
        # A call that succeeded proves its function; of a refusal the catalog has to say.
        name = function if outcome == "ok" or function in self._names else UNKNOWN
        return self._functions.setdefault(name, _Function())
