"""Tell the modules' services what the application refused, so that one can note what concerns it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from uuid import UUID

import structlog
from starlette.types import Scope

from casebase.kernel.db import Principal
from casebase.kernel.errors import CasebaseError
from casebase.kernel.http.template import route_template

log = structlog.get_logger("casebase.http.refusals")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that was an error: which, to what, and to whom as far as that is proved."""

    error: CasebaseError
    route: str
    """The template, such as ``/v1/practice/profile`` or ``/rest/v1/rpc/{function}``."""
    function: str | None
    """The SQL function that was asked for by its name, or the route's own."""
    user_id: UUID | None


@runtime_checkable
class HearsRefusals(Protocol):
    """A module's service that wants to know; it returns at once, as the answer waits for it."""

    def refused(self, refusal: Refusal) -> None:
        """Take notice of an error that is being answered."""
        ...


class Refusals:
    """Who is told. Requests that succeed never come here."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Refusal], None]] = []

    def add(self, service: object) -> None:
        """Tell a service, if it wants to know."""
        if isinstance(service, HearsRefusals):
            self._listeners.append(service.refused)

    def tell(
        self,
        error: CasebaseError,
        scope: Scope,
        *,
        function: str | None = None,
        principal: Principal | None = None,
    ) -> None:
        """Tell of an error, once a request; without ``principal`` the one whom the route verified."""
        state = scope.setdefault("state", {})
        # A failure that was answered with a page is raised on, to whoever watches all requests.
        if not self._listeners or state.get("is_refusal_told"):
            return
        state["is_refusal_told"] = True
        principal = principal or state.get("principal")
        refusal = Refusal(
            error,
            route_template(scope),
            function or getattr(scope.get("endpoint"), "__name__", None),
            principal.sub if principal else None,
        )
        for listener in self._listeners:
            try:
                listener(refusal)
            except Exception:
                # The client's answer is the refusal, whatever became of telling others.
                log.exception("refusal_not_heard")
