"""What a module is: one record, found through the entry-point group ``casebase.modules``.

References to code are strings in the entry-point form ``package.mod:attribute`` and are resolved when first
needed, so that a worker never imports templates and importing a module's record costs nothing.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from casebase.kernel.errors import ConfigurationError

if TYPE_CHECKING:
    from casebase.kernel.db import Session

ENTRY_POINT_GROUP = "casebase.modules"
_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")


@dataclass(frozen=True, slots=True)
class JobHandler:
    """Bind a queue to the coroutine function that runs its jobs (see ``kernel.jobs``)."""

    queue: str
    run: str
    max_attempts: int = 5
    timeout_s: int = 30
    concurrency: int = 8


@dataclass(frozen=True, slots=True)
class Schedule:
    """Enqueue ``payload`` on ``queue`` at each tick of a five-field cron rule, in UTC."""

    name: str
    cron: str
    queue: str
    payload: str = "{}"


@dataclass(frozen=True, slots=True)
class Listener:
    """Bind a NOTIFY channel to a coroutine function ``(JobContext) -> None`` that does all there is to do, and returns.

    Workers call it when they start, on every notification and reconnection, and every ``poll_s`` besides, so a lost
    notification delays its work and never loses it. Several workers call it side by side: it takes rows with
    ``for update skip locked`` and writes what it did in the same transaction.
    """

    channel: str
    run: str
    poll_s: float = 30.0
    timeout_s: int = 60


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """Declare what is erased once it may no longer be kept (see ``kernel.privacy.retention``).

    ``erase`` is an RPC ``(batch_limit int) returns jsonb`` that erases one short batch and answers ``{subjects,
    is_more}``; ``count_due`` an RPC that counts what is waiting. A schedule of the module runs the rule by queueing
    ``{"rule": "<module>.<name>"}`` on ``casebase_retention``.
    """

    name: str
    summary: str
    erase: str
    count_due: str
    batch_limit: int = 50


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A link of the console's navigation."""

    title: str
    path: str
    icon: str = "folder"
    roles: tuple[str, ...] = ()
    """Who is offered it, by their role in any of their tenants; empty: everybody."""
    tenant: str | None = None
    """The slug of the one tenant that the role has to be in."""


class Proof(NamedTuple):
    """One statement of a demo, and whether it holds."""

    statement: str
    holds: bool


class DemoStory(Protocol):
    """What ``casebase demo`` tells of a module: requests to its public endpoint and what must become of them."""

    endpoint: str
    """The public endpoint the requests are posted to, such as ``/v1/mortgage/leads``."""
    requests: Sequence[Mapping[str, Any]]

    async def is_told(self, session: Session, replies: Sequence[Mapping[str, Any]]) -> bool:
        """Whether the workers have done all that the requests asked for; called until it is true."""
        ...

    async def prove(self, session: Session, replies: Sequence[Mapping[str, Any]]) -> Sequence[Proof]:
        """Look at what the requests left in the database."""
        ...

    def page(self, reply: Mapping[str, Any]) -> tuple[str, str]:
        """Return the path of the console page of one reply's case, and a text that page must show."""
        ...


class Service(Protocol):
    """What a module keeps while an application runs, such as tasks that outlive their request.

    It is made with the ``Runtime`` before anything is served, and raises ``ConfigurationError`` for what is wrong then:
    an error at the start is met by who can mend it.
    """

    async def start(self) -> None:
        """Look at what only the database knows, before anything is served; raise ``ConfigurationError`` likewise."""
        ...

    def stop(self) -> None:
        """End soon what keeps responses waiting: the server was told to stop, and waits for all of them."""
        ...

    async def close(self) -> None:
        """End what runs, within seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Module:
    """Declare everything a module brings; each field but the first three may stay empty."""

    name: str
    package: str
    title: str
    summary: str = ""
    routes: str | None = None
    """``pkg.routes:router``: a FastAPI ``APIRouter``, mounted at ``/v1/<name>``."""
    pages: str | None = None
    """``pkg.pages:router``: an ``APIRouter`` of console pages, mounted at ``/console/<name>``."""
    site: str | None = None
    """``pkg.web:make_site``: pages of its own, for people who are no staff, mounted at ``/<name>``; called with the
    application and the ``Runtime`` (see ``console.sites``)."""
    uploads: tuple[str, ...] = ()
    """Paths of routes and pages that take a file or a signed message, as ``/cases/{case_id}/documents``: any bytes
    up to ``CASEBASE_MAX_FILE_BYTES``, and is read by the route, after it knows who sends it."""
    service: str | None = None
    """``pkg.running:Service``: a ``Service``, made for the length of an application and reached by its routes and pages
    as ``request.app.state.services[<name>]``."""
    check: str | None = None
    """``pkg.mod:check``: looks at the module's own settings for ``casebase doctor`` and returns what it saw; raises the
    ``ConfigurationError`` that the start would."""
    client: str | None = None
    """``pkg.service:Client``: the typed client, reached as ``cb.<name>``; called with a ``kernel.db.Session``."""
    commands: str | None = None
    """``pkg.commands:app``: a typer app, reached as ``casebase <name>``."""
    demo: str | None = None
    """``pkg.demo:story``: a ``DemoStory``."""
    jobs: tuple[JobHandler, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    listeners: tuple[Listener, ...] = ()
    retention: tuple[RetentionRule, ...] = ()
    navigation: tuple[NavigationItem, ...] = ()
    requires: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigurationError(f"Module name {self.name!r} is not a lower-case SQL identifier.")

    @property
    def sql(self) -> Traversable:
        """The module's SQL folder inside its package."""
        return files(self.package) / "sql"


def resolve(reference: str) -> Any:
    """Import what a ``package.mod:attribute`` reference names; raise ``ConfigurationError`` when it can't be."""
    module_name, _, attribute = reference.partition(":")
    try:
        return getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"Cannot load {reference!r}: {error}") from error


def installed_modules(names: Iterable[str] | None = None) -> tuple[Module, ...]:
    """Return the installed modules in the order their ``requires`` ask for, or only ``names`` of them.

    Raises ``ConfigurationError`` for an unknown name, a missing requirement or two modules of one name.
    """
    found: dict[str, Module] = {}
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda p: p.name):
        module = point.load()
        if found.get(module.name, module) != module:
            raise ConfigurationError(f"Two installed modules are named {module.name!r}.")
        found[module.name] = module
    wanted = list(found) if names is None else list(names)
    ordered: dict[str, Module] = {}

    def add(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            raise ConfigurationError(f"Modules require each other in a circle: {' → '.join((*trail, name))}.")
        if name not in found:
            raise ConfigurationError(
                f"Module {name!r} is not installed.", hint=f"Installed: {', '.join(found) or 'none'}."
            )
        for requirement in found[name].requires:
            add(requirement, (*trail, name))
        ordered.setdefault(name, found[name])

    for name in wanted:
        add(name, ())
    return tuple(ordered.values())
