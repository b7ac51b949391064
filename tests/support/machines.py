"""State machines that Hypothesis plays against a database, in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.support.waiting import PATIENCE_S

T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """The database, and the loop in which its connections live."""

    loop: asyncio.AbstractEventLoop
    owner: asyncpg.Connection

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work comes to, in the loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE_S)

    def outcome(self, work: Coroutine[Any, Any, T]) -> tuple[T | None, str | None]:
        """What a call answers, or the code that the database refuses it with."""
        try:
            return self.do(work), None
        except asyncpg.PostgresError as refused:
            return None, str(refused).splitlines()[0]


async def play(machine: Callable[[], RuleBasedStateMachine], *, examples: int, steps: int) -> None:
    """Play so many histories of so many steps; a machine is made for each."""
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=how)
