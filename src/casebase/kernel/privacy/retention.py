"""Retention: run the rules that modules declare, batch by batch, until nothing that is due is left.

A batch is one short transaction of the module's own function, so callers never wait for a run, a killed one loses at
most its last batch, and the next goes on where it ended. Any number of runs may overlap: each subject is erased once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from casebase.kernel.db import DRIVER_ERRORS, SERVICE, Database, translate
from casebase.kernel.errors import InvalidInputError, NotFoundError
from casebase.kernel.module import Module, RetentionRule

if TYPE_CHECKING:
    from casebase.kernel.jobs import Job, JobContext

QUEUE: Final = "casebase_retention"
"""Its jobs are ``{"rule": "<module>.<name>"}``, or ``{}`` after an RPC erased at once; handled by ``run_job``."""

_STATEMENT_TIMEOUT_S = 300.0  # analysing a large database takes its time, and nobody waits for it


class RuleNotFoundError(NotFoundError):
    """There is no such retention rule."""

    code = "retention_rule_not_found"


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """A rule, how many subjects wait for it, and what its receipts tell."""

    rule: str
    summary: str
    due_count: int
    erased_count: int
    unfinished_count: int
    last_finished_at: datetime | None


class Retention:
    """Run the retention rules of ``modules`` as the service."""

    def __init__(self, database: Database, modules: Iterable[Module]) -> None:
        self._database = database
        self._session = database.session(SERVICE)
        self._rules = {f"{module.name}.{rule.name}": rule for module in modules for rule in module.retention}

    def select(self, names: Iterable[str] = ()) -> dict[str, RetentionRule]:
        """Return the rules named ``<module>.<name>``, or all; raise ``RuleNotFoundError`` for an unknown one."""
        wanted = list(names) or list(self._rules)
        for name in wanted:
            if name not in self._rules:
                raise RuleNotFoundError(hint=f"Rules: {', '.join(self._rules) or 'none'}.")
        return {name: self._rules[name] for name in wanted}

    async def list(self) -> list[RuleStatus]:
        """Return every rule with what is due and what was erased."""
        rows = await self._fetch("select * from casebase.list_erasures()")
        receipts = {f"{row['module']}.{row['rule']}": row for row in rows}
        found = []
        for name, rule in self._rules.items():
            row = receipts.get(name) or {}
            found.append(
                RuleStatus(
                    rule=name,
                    summary=rule.summary,
                    due_count=await self.count_due(rule),
                    erased_count=row.get("subject_count", 0),
                    unfinished_count=row.get("unfinished_count", 0),
                    last_finished_at=row.get("last_finished_at"),
                )
            )
        return found

    async def count_due(self, rule: RetentionRule) -> int:
        """Return how many subjects wait to be erased."""
        return int(await self._session.call(rule.count_due))

    async def erase(self, rule: RetentionRule) -> AsyncIterator[int]:
        """Erase all that is due; yield after each batch how many subjects it erased."""
        is_more = True
        while is_more:
            answer = await self._session.call(rule.erase, {"batch_limit": rule.batch_limit})
            is_more = bool(answer["is_more"])
            yield int(answer["subjects"])

    async def finish(self) -> int:
        """Clean what names erased subjects beyond their module's tables; return how many subjects that were.

        Kept replies, delivery logs, errors of jobs, column statistics; also those a killed run left unfinished.
        """
        return int((await self._fetch("select casebase.finish_erasures()"))[0][0])

    async def _fetch(self, statement: str) -> Any:
        try:
            return await self._database.pool.fetch(statement, timeout=_STATEMENT_TIMEOUT_S)
        except DRIVER_ERRORS as error:
            raise translate(error) from error


async def run_job(job: Job, context: JobContext) -> None:
    """Run the rule that the payload names, if any, and clean up after all that was erased, whoever erased it.

    An empty batch is all there is to a run without anything due.
    """
    retention = Retention(context.runtime.database, context.runtime.modules)
    if job.payload:
        name = job.payload.get("rule")
        if not isinstance(name, str):
            raise InvalidInputError("The payload's 'rule' names no retention rule.")
        for rule in retention.select([name]).values():
            async for _ in retention.erase(rule):
                pass
    await retention.finish()
