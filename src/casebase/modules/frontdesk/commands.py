"""``casebase frontdesk``: slots, bookings, orders, metrics and scans from the command line; make an example to look at.

What a command needs is imported when it runs: every ``casebase`` command loads this file.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from uuid import UUID

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

from casebase import Casebase
from casebase.kernel.clock import known_zone
from casebase.kernel.errors import ConfigurationError, InvalidInputError, NotFoundError
from casebase.kernel.progress import show_progress

if TYPE_CHECKING:
    from casebase.modules.frontdesk.models.metrics import MetricSeries

T = TypeVar("T")

_STYLES = {
    "pending": "yellow",
    "confirmed": "green",
    "completed": "green",
    "cancelled": "dim",
    "failed": "red",
    "expired": "yellow",
}
_BARS = "▁▂▃▄▅▆▇█"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Tenant = Annotated[
    str | None, typer.Option("--tenant", help="A tenant's id or slug. Default: default.", metavar="ID|SLUG")
]
Since = Annotated[datetime | None, typer.Option("--since", help="From this moment on, UTC.")]
Until = Annotated[datetime | None, typer.Option("--until", help="Until this moment, UTC.")]
Limit = Annotated[int, typer.Option(help="How many, at most.", min=1, max=200)]
BookingId = Annotated[UUID, typer.Argument(help="The booking's id.", show_default=False)]

app = typer.Typer(
    name="frontdesk",
    help="Front desk: slots, bookings, orders, metrics, scans, an example.",
    no_args_is_help=True,
)
metrics = typer.Typer(
    name="metrics", help="Metrics over time, and the months they are kept in.", no_args_is_help=True
)
phi = typer.Typer(name="phi", help="Personal and health information in texts.", no_args_is_help=True)
app.add_typer(metrics)
app.add_typer(phi)


class UnknownTenantError(NotFoundError):
    """There is no tenant of this id or slug."""

    code = "tenant_not_found"


class FileUnreadableError(InvalidInputError):
    """The file cannot be read as text in UTF-8."""

    code = "file_unreadable"


# -- bookings --------------------------------------------------------------------------------------


@app.command()
def slots(
    on_date: Annotated[
        str,
        typer.Argument(help="A day of the tenant's time zone, as 2026-11-23. Default: today.", metavar="DAY"),
    ] = "",
    tenant: Tenant = None,
    as_json: AsJson = False,
) -> None:
    """Show what can be booked on a day.

    Exit status: 0, also where nothing is free; 1 where it cannot be asked, 2 for wrong options.

    Examples:

      casebase frontdesk slots

      casebase frontdesk slots 2026-11-23 --tenant acme --json
    """
    day = _day(on_date)

    async def ask(cb: Casebase) -> Any:
        tenant_id = await _tenant_id(cb, tenant)
        where = known_zone((await cb.frontdesk.get_settings(tenant_id=tenant_id)).time_zone)
        today = cb.runtime.clock.now().astimezone(where).date()
        return await cb.frontdesk.list_available_slots(day or today, tenant_id=tenant_id)

    found = _connected(ask)
    if as_json:
        _print_json(found.slots)
        return
    _print_table(
        ("SLOT", "RESOURCE", "FROM", "UNTIL", "FREE"),
        [
            (
                slot.slot_id,
                slot.resource,
                _when(slot.starts_at),
                _when(slot.ends_at),
                f"{slot.free}/{slot.capacity}",
            )
            for slot in found.slots
        ],
    )
    typer.echo(f"{len(found.slots):,} free on {found.on_date} ({found.time_zone}).", err=True)


@app.command()
def book(
    slot_id: Annotated[str, typer.Argument(help="The slot.", show_default=False)],
    name: Annotated[str, typer.Option(help="Who comes.", prompt="Name")],
    email: Annotated[str, typer.Option(help="Their e-mail address.", prompt="E-mail")],
    hold: Annotated[bool, typer.Option("--hold", help="Only hold it until it is confirmed.")] = False,
    tenant: Tenant = None,
    as_json: AsJson = False,
) -> None:
    """Book a slot for somebody.

    Exit status: 0 when it is theirs, 1 where it is not (SLOT_UNAVAILABLE: another has it), 2 for wrong options.

    Examples:

      casebase frontdesk book chair-1 --name "Ada Byron" --email ada@example.com

      casebase frontdesk book chair-1 --name "Ada Byron" --email ada@example.com --hold
    """

    async def ask(cb: Casebase) -> Any:
        booking = {"slot_id": slot_id, "user_name": name, "user_email": email, "is_confirmed": not hold}
        if tenant_id := await _tenant_id(cb, tenant):
            booking["tenant_id"] = tenant_id
        return await cb.frontdesk.book_slot(booking)

    booked = _connected(ask)
    if as_json:
        _print_json(booked)
        return
    until = f", held until {_when(booked.hold_expires_at)}" if booked.hold_expires_at else ""
    typer.echo(f"{booked.booking_id} has {booked.slot_id}{until}.")


@app.command()
def cancel(booking_id: BookingId, as_json: AsJson = False) -> None:
    """Give a booking's place back.

    Exit status: 0 when it is cancelled, also where it was before; 1 where that was refused, 2 for wrong options.

    Examples:

      casebase frontdesk cancel 0b0f0a52-6f0e-4a3c-8d69-6b8a0a6f6c11
    """
    cancelled = _connected(lambda cb: cb.frontdesk.cancel_booking(booking_id))
    if as_json:
        _print_json(cancelled)
        return
    typer.echo(
        f"{cancelled.slot_id} is free."
        if not cancelled.is_repeated
        else f"{booking_id} was cancelled before."
    )


@app.command()
def bookings(
    status: Annotated[
        Literal["pending", "confirmed", "cancelled"] | None, typer.Option(help="Only those. Default: all.")
    ] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    tenant: Tenant = None,
    as_json: AsJson = False,
) -> None:
    """Show a tenant's bookings: the newest first, or those of a period in the order of their time.

    Exit status: 0, also where nothing is found; 1 where it cannot be asked, 2 for wrong options.

    Examples:

      casebase frontdesk bookings --status pending

      casebase frontdesk bookings --since 2026-11-23 --until 2026-11-24
    """

    async def ask(cb: Casebase) -> Any:
        which = {"status": status, "since": _utc(since), "until": _utc(until), "page_size": limit}
        return await cb.frontdesk.list_bookings({**which, "tenant_id": await _tenant_id(cb, tenant)})

    found = _connected(ask).items
    if as_json:
        _print_json(found)
        return
    _print_table(
        ("BOOKING", "STATUS", "WHAT", "FROM", "CUSTOMER", "E-MAIL"),
        [
            (
                str(b.booking_id),
                b.status,
                b.resource or b.slot_id,
                _when(b.starts_at),
                b.user_name,
                b.user_email,
            )
            for b in found
        ],
    )


# -- orders ----------------------------------------------------------------------------------------


@app.command()
def orders(
    status: Annotated[
        Literal["pending", "completed", "failed", "cancelled"] | None,
        typer.Option(help="Only those. Default: all."),
    ] = None,
    email: Annotated[str | None, typer.Option(help="Only those of this customer.")] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    tenant: Tenant = None,
    as_json: AsJson = False,
) -> None:
    """Show a tenant's orders, newest first.

    Exit status: 0, also where nothing is found; 1 where it cannot be asked, 2 for wrong options.

    Examples:

      casebase frontdesk orders --status pending

      casebase frontdesk orders --email ada@example.com --json
    """

    async def ask(cb: Casebase) -> Any:
        which = {"status": status, "customer_email": email, "since": _utc(since), "until": _utc(until)}
        return await cb.frontdesk.list_orders(
            {**which, "page_size": limit, "tenant_id": await _tenant_id(cb, tenant)}
        )

    found = _connected(ask).items
    if as_json:
        _print_json(found)
        return
    from casebase.modules.frontdesk.wording import decimals

    _print_table(
        ("ORDER", "STATUS", "ITEMS", "TOTAL", "CUSTOMER", "MADE"),
        [
            (
                order.order_id,
                order.status,
                f"{order.item_count:,}",
                f"{order.total:,.{decimals(order.currency)}f} {order.currency}",
                order.customer_email or "–",
                _when(order.created_at),
            )
            for order in found
        ],
    )


# -- metrics ---------------------------------------------------------------------------------------


@metrics.command()
def query(
    name: Annotated[str, typer.Argument(help="The metric. Without: which there are.")] = "",
    since: Annotated[
        datetime | None, typer.Option(help="From this moment on, UTC. Default: a day ago.")
    ] = None,
    until: Until = None,
    step: Annotated[
        Literal["auto", "minute", "hour", "day"], typer.Option(help="How long a line is.")
    ] = "auto",
    tag: Annotated[
        list[str] | None,
        typer.Option(
            help='Only readings with this tag; repeatable. 200 is a number, "200" in quotes a text.',
            metavar="KEY=VALUE",
        ),
    ] = None,
    tenant: Tenant = None,
    as_json: AsJson = False,
) -> None:
    """Show a metric over time, or which metrics a tenant has.

    Exit status: 0, also where nothing is found; 1 where it cannot be asked, 2 for wrong options.

    Examples:

      casebase frontdesk metrics query

      casebase frontdesk metrics query api.latency_ms --since 2026-11-01 --step day

      casebase frontdesk metrics query api.latency_ms --tag route=book --json
    """
    tags = _tags(tag or [])

    async def ask(cb: Casebase) -> Any:
        tenant_id = await _tenant_id(cb, tenant)
        if not name:
            return await cb.frontdesk.list_metric_names(tenant_id=tenant_id)
        now = cb.runtime.clock.now()
        asked = {
            "name": name,
            "since": _utc(since) or now - timedelta(days=1),
            "until": _utc(until),
            "step": step,
            "tags": tags,
        }
        return await cb.frontdesk.query_metrics({**asked, "tenant_id": tenant_id})

    found = _connected(ask)
    if as_json:
        _print_json(found if name else found.items)
    elif name:
        _print_series(found)
    else:
        _print_table(
            ("METRIC", "LATEST HOUR"), [(item.name, _when(item.latest_hour)) for item in found.items]
        )


@metrics.command()
def partitions(as_json: AsJson = False) -> None:
    """Show the months of metrics: in the database, and those that were exported.

    Exit status: 0; 1 where it cannot be asked.

    Examples:

      casebase frontdesk metrics partitions
    """

    async def ask(cb: Casebase) -> Any:
        return await cb.frontdesk.list_metric_partitions(), await cb.frontdesk.list_metric_archives()

    kept, archives = _connected(ask)
    if as_json:
        document = {"partitions": kept.model_dump(mode="json"), "archives": archives.model_dump(mode="json")}
        typer.echo(json.dumps(document, indent=2))
        return
    _print_table(
        ("MONTH", "STATE", "ROWS", "SIZE", "WHERE"),
        [
            *(
                (
                    a.month,
                    "exported",
                    f"{a.row_count:,}",
                    _size(sum(p.size_bytes for p in a.parts)),
                    f"{a.part_count} files",
                )
                for a in archives.items
                if a.row_count is not None
            ),
            *(
                (
                    p.month,
                    p.state,
                    f"~{p.estimated_rows:,}" if p.estimated_rows else "–",
                    _size(p.bytes),
                    p.name,
                )
                for p in kept.items
            ),
        ],
    )
    if kept.waiting_in_default:
        typer.echo(
            f"{kept.waiting_in_default:,} rows wait for their month, which the worker makes.", err=True
        )


@metrics.command()
def export(
    month: Annotated[str, typer.Argument(help="An exported month, as 2025-09.", show_default=False)],
    into: Annotated[Path, typer.Option("--into", "-o", help="The file to write, as JSON lines.")],
) -> None:
    """Write a month that the worker exported to a file, from the file store, each part checked by its hash.

    Exit status: 0 when all of it is there, 1 where the month was not exported or a part is not what was, 2 for wrong
    options.

    Examples:

      casebase frontdesk metrics export 2025-09 --into september.jsonl
    """
    from casebase.modules.frontdesk.metrics_archive import read_part

    async def ask(cb: Casebase) -> int:
        archives = (await cb.call("list_metric_archives"))["items"]
        parts = [
            part
            for each in archives
            if each["month"] == month and each["dropped_at"]
            for part in each["parts"]
        ]
        if not parts:
            raise NotFoundError(
                "This month was not exported.", hint="casebase frontdesk metrics partitions shows all."
            )
        whole = into.with_name(into.name + ".part")
        with whole.open("w", encoding="utf-8") as file:
            for part in parts:
                try:
                    lines = await read_part(cb.runtime.files, part)
                except ValueError as error:
                    raise ConfigurationError(f"{part['path']}: {error}") from None
                file.write(lines if lines.endswith("\n") or not lines else f"{lines}\n")
        whole.replace(into)
        return sum(part["row_count"] for part in parts)

    typer.echo(f"{_connected(ask):,} rows in {into}.")


# -- personal and health information ---------------------------------------------------------------


@phi.command()
def scan(
    file: Annotated[
        Path,
        typer.Argument(help="A text in UTF-8; - is standard input.", allow_dash=True, show_default=False),
    ],
    masked: Annotated[bool, typer.Option("--masked", help="Print the text without what was found.")] = False,
    record: Annotated[bool, typer.Option("--record", help="Note what was found as events, masked.")] = False,
    min_score: Annotated[float, typer.Option(help="Leave out what is less sure.", min=0, max=1)] = 0.0,
    tenant: Tenant = None,
    as_json: AsJson = False,
) -> None:
    """Find what tells of a person in a file, the names of the tenant's own customers too; nothing is sent anywhere.

    Exit status: 0 when nothing was found, or all of it was masked with --masked; 1 where it cannot be scanned, 3 when
    something was found.

    Examples:

      casebase frontdesk phi scan letter.txt

      casebase frontdesk phi scan - --masked < chat.log > chat.masked.log
    """
    from casebase.modules.frontdesk.phi import PhiScan, scan_phi
    from casebase.modules.frontdesk.phi.customers import CustomerNames

    text = _read(file)

    async def look(cb: Casebase) -> PhiScan:
        desk = await cb.call("get_acting_tenant", tenant_id=await _tenant_id(cb, tenant))
        customers = CustomerNames(cb.runtime.session())
        try:
            names = await customers.of(UUID(desk["tenant_id"]), with_orders=desk["is_administrator"])
        finally:
            await customers.close()
        found = await asyncio.to_thread(scan_phi, text, names=names, min_score=min_score)
        if record:
            for at in range(0, len(found.findings), 1000):
                events = [
                    {
                        "phi_type": f.phi_type,
                        "masked_value": f.masked_value,
                        "context": f.context,
                        "score": f.score,
                    }
                    for f in found.findings[at : at + 1000]
                ]
                await cb.frontdesk.record_phi_events(
                    {"tenant_id": desk["tenant_id"], "action_taken": "masked", "events": events}
                )
        return found

    found = _connected(look)
    if as_json:
        shown = [
            {
                "phi_type": f.phi_type,
                "start": f.start,
                "end": f.end,
                "score": f.score,
                "masked_value": f.masked_value,
            }
            for f in found.findings
        ]
        typer.echo(
            json.dumps({"findings": shown, "masked_text": found.masked_text}, indent=2, ensure_ascii=False)
        )
    elif masked:
        typer.echo(found.masked_text, nl=False)
    else:
        _print_table(
            ("LINE", "TYPE", "SURE", "AROUND IT"),
            [
                (str(text.count("\n", 0, f.start) + 1), f.phi_type, f"{f.score:.0%}", f.context)
                for f in found.findings
            ],
        )
    if found.findings and not masked:
        raise typer.Exit(3)


# -- an example ------------------------------------------------------------------------------------


@app.command()
def sample(
    days: Annotated[int, typer.Option(help="How many days back.", min=1, max=90)] = 28,
    tenant: Tenant = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before writing.")] = False,
) -> None:
    """Fill a tenant's desk with invented weeks of bookings, orders, scores, metrics and events, to look at the console.

    They are written as real ones are, and stay: use a database of its own.

    Exit status: 0 when all is written, 1 where that failed or was not wanted, 2 for wrong options.

    Examples:

      casebase frontdesk sample

      casebase frontdesk sample --tenant acme --days 60 --yes
    """
    from casebase.modules.frontdesk.sample import tell

    if not yes:
        typer.confirm(
            f"Write {days} invented days to the desk of {tenant or 'default'}, which cannot be removed again?",
            abort=True,
            err=True,
        )

    async def write(cb: Casebase) -> dict[str, int]:
        desk = await cb.call("get_acting_tenant", tenant_id=await _tenant_id(cb, tenant))
        with show_progress("Days", days) as progress:
            return await tell(
                cb.runtime,
                UUID(desk["tenant_id"]),
                days,
                seed=secrets.randbelow(16**5),
                progress=progress,
            )

    written = _connected(write)
    typer.echo(", ".join(f"{count:,} {what}" for what, count in written.items()) + ".")


# -- what the commands share -----------------------------------------------------------------------


def _connected(work: Callable[[Casebase], Awaitable[T]]) -> T:
    async def run() -> T:
        async with Casebase.connect() as cb:
            return await work(cb)

    return asyncio.run(run())


async def _tenant_id(cb: Casebase, tenant: str | None) -> UUID | None:
    if tenant is None:
        return None
    try:
        return UUID(tenant)
    except ValueError:
        pass
    cursor = None
    while True:
        page = await cb.call("list_tenants", cursor=cursor, page_size=100)
        for each in page["items"]:
            if each["slug"] == tenant:
                return UUID(each["tenant_id"])
        cursor = page["next_cursor"]
        if cursor is None:
            raise UnknownTenantError(hint="casebase tenant list shows all.")


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise typer.BadParameter("write a day like 2026-11-23", param_hint="DAY") from None


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=UTC)


def _tags(given: Sequence[str]) -> dict[str, str | float | bool] | None:
    from casebase.modules.frontdesk.tags import tag_value

    pairs = [each.partition("=") for each in given]
    if not all(key and mark for key, mark, _ in pairs):
        raise typer.BadParameter("write a tag like route=book", param_hint="--tag")
    return {key: tag_value(value) for key, _, value in pairs} or None


def _read(file: Path) -> str:
    try:
        content = typer.get_binary_stream("stdin").read() if str(file) == "-" else file.read_bytes()
        return content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadableError(
            f"{file} cannot be read: {getattr(error, 'strerror', None) or error.args[-1]}."
        ) from None


def _print_json(found: BaseModel | Sequence[BaseModel]) -> None:
    document = (
        found.model_dump(mode="json")
        if isinstance(found, BaseModel)
        else [each.model_dump(mode="json") for each in found]
    )
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _print_series(series: MetricSeries) -> None:
    most = max((point.sum for point in series.points), default=Decimal())
    _print_table(
        ("FROM", "COUNT", "SUM", "AVG", "P50", "P95", "P99", ""),
        [
            (
                _when(point.starts_at),
                f"{point.count:,}",
                *(_number(value) for value in (point.sum, point.avg, point.p50, point.p95, point.p99)),
                _BARS[int(max(point.sum, Decimal()) / most * (len(_BARS) - 1))] if most > 0 else "",
            )
            for point in series.points
        ],
    )
    total = series.total
    typer.echo(
        f"{series.name} by the {series.step}: {total.count:,} readings, sum {_number(total.sum)}, "
        f"{_number(total.min)} to {_number(total.max)}.",
        err=True,
    )


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(header_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, no_wrap=number < len(columns) - 1, overflow="fold")
    for row in rows:
        # Text, not str: brackets in somebody's name are no markup.
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    out = Console()
    if not out.is_terminal:
        # Nothing to fit: a program that reads the lines gets each row on one, whole.
        out.width = 1000
    out.print(table)


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}Z" if moment else "–"


def _number(value: object) -> str:
    return "–" if value is None else f"{float(str(value)):,.6g}"


def _size(count: int) -> str:
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"
