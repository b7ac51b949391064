"""``casebase webhook``: the endpoints that a tenant's events are sent to, and the log of what was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, TypeVar, cast, get_args
from uuid import UUID

import typer

from casebase.cli.output import print_json, print_table
from casebase.cli.session import in_runtime
from casebase.kernel.delivery.webhooks import QUEUE, DeliveryStatus, WebhookDelivery, Webhooks
from casebase.kernel.errors import CasebaseError, InvalidInputError, NotFoundError
from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime

app = typer.Typer(
    name="webhook",
    help="Signed webhooks: endpoints, their secrets, and the delivery log.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
T = TypeVar("T")

_STATUSES = get_args(DeliveryStatus)
_STYLES = {"failed": "red", "pending": "yellow", "delivered": "green", "off": "yellow"}
_PATIENCE_S = 15.0

EndpointId = Annotated[
    UUID, typer.Argument(help="The endpoint, as `casebase webhook list` names it.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


class DeliveryNotFoundError(NotFoundError):
    """There is no such delivery, or its endpoint is switched off."""

    code = "webhook_delivery_not_found"


class WebhookNotDeliveredError(CasebaseError):
    """The test event was not delivered."""

    code = "webhook_not_delivered"
    status = 502


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Where to post: an https address.", show_default=False)],
    event: Annotated[
        list[str] | None,
        typer.Option(
            help="An event's type, or a pattern such as mortgage.*; repeat for several. Default: all."
        ),
    ] = None,
    tenant: Annotated[str, typer.Option(help="Slug of the tenant whose events are sent.")] = "default",
    description: Annotated[str, typer.Option(help="Whose it is, for people.")] = "",
    as_json: AsJson = False,
) -> None:
    """Send a tenant's events to an address; print the signing secret, which is shown this once.

    Examples:

      casebase webhook add https://crm.example.com/hooks

      casebase webhook add https://crm.example.com/hooks --event 'mortgage.*' --tenant acme
    """

    async def make(runtime: Runtime) -> tuple[UUID, str]:
        if not url.startswith("https://") and not runtime.settings.webhook_allow_private:
            raise InvalidInputError(
                "Webhooks go to https addresses only.",
                hint="CASEBASE_WEBHOOK_ALLOW_PRIVATE=true allows http, in tests and closed networks.",
            )
        return await Webhooks(runtime.database).add(
            url, event or ["*"], tenant=tenant, description=description
        )

    endpoint_id, secret = in_runtime(make)
    if as_json:
        print_json({"endpoint_id": endpoint_id, "secret": secret})
        return
    print_table(("ENDPOINT", str(endpoint_id)), [("secret", secret)])
    typer.echo(
        "Keep the secret now: it is not shown again. Try it: casebase webhook test " + str(endpoint_id)
    )


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the endpoints of every tenant.

    Example:

      casebase webhook list
    """
    endpoints = _ask(lambda webhooks: webhooks.list_endpoints())
    if as_json:
        print_json(endpoints)
        return
    print_table(
        ("ENDPOINT", "TENANT", "URL", "EVENTS", "", "PENDING", "FAILED", "DESCRIPTION"),
        (
            (
                e.endpoint_id,
                *(e.tenant, e.url, ", ".join(e.event_types)),
                "" if e.is_enabled else "off",
                *(e.pending, e.failed, e.disabled_reason or e.description),
            )
            for e in endpoints
        ),
        styles=_STYLES,
    )


@app.command()
def remove(endpoint: EndpointId, yes: Yes = False) -> None:
    """Delete an endpoint with its delivery log; what was not sent yet is not sent.

    Example:

      casebase webhook remove 1f6c0f4e-8a55-4d3e-9a51-0c8f5f1f2a77
    """
    if not yes:
        typer.confirm(f"Delete endpoint {endpoint} and its delivery log for good?", abort=True)
    count = _ask(lambda webhooks: webhooks.remove(endpoint))
    typer.echo(f"Removed, with {count} deliveries.")


@app.command()
def rotate(
    endpoint: EndpointId,
    overlap: Annotated[
        int, typer.Option(help="Hours that the secret before signs too; 0 ends it now.", min=0, max=720)
    ] = 24,
    as_json: AsJson = False,
) -> None:
    """Make a new signing secret and print it, this once; the one before signs too during the overlap.

    Examples:

      casebase webhook rotate 1f6c0f4e-8a55-4d3e-9a51-0c8f5f1f2a77

      casebase webhook rotate 1f6c0f4e-8a55-4d3e-9a51-0c8f5f1f2a77 --overlap 0
    """
    secret = _ask(lambda webhooks: webhooks.rotate(endpoint, timedelta(hours=overlap)))
    if as_json:
        print_json({"endpoint_id": endpoint, "secret": secret})
        return
    print_table(("ENDPOINT", str(endpoint)), [("secret", secret)])


@app.command()
def enable(endpoint: EndpointId) -> None:
    """Send events to an endpoint again; what happened while it was off is not sent.

    Example:

      casebase webhook enable 1f6c0f4e-8a55-4d3e-9a51-0c8f5f1f2a77
    """
    _ask(lambda webhooks: webhooks.enable(endpoint))
    typer.echo(f"{endpoint} is on.")


@app.command()
def disable(endpoint: EndpointId) -> None:
    """Stop sending events to an endpoint.

    Example:

      casebase webhook disable 1f6c0f4e-8a55-4d3e-9a51-0c8f5f1f2a77
    """
    _ask(lambda webhooks: webhooks.enable(endpoint, False))
    typer.echo(f"{endpoint} is off. Turn it on with: casebase webhook enable {endpoint}")


@app.command()
def deliveries(
    endpoint: Annotated[UUID | None, typer.Argument(help="Only this endpoint's. Default: all.")] = None,
    status: Annotated[str | None, typer.Option(help=f"Only those that are {', '.join(_STATUSES)}.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the delivery log, latest first; it reaches back 30 days.

    Examples:

      casebase webhook deliveries --status failed

      casebase webhook deliveries 1f6c0f4e-8a55-4d3e-9a51-0c8f5f1f2a77
    """
    if status is not None and status not in _STATUSES:
        raise typer.BadParameter(f"one of {', '.join(_STATUSES)}", param_hint="--status")
    wanted = cast("DeliveryStatus | None", status)
    found = _ask(lambda w: w.list_deliveries(endpoint_id=endpoint, status=wanted, max_rows=limit))
    if as_json:
        print_json(found)
        return
    print_table(
        ("DELIVERY", "EVENT", "STATUS", "ATTEMPTS", "ANSWER", "CREATED", "NEXT ATTEMPT"),
        (
            (
                *(d.delivery_id, d.event_type, d.status, d.attempts),
                d.last_error if d.last_status_code is None else d.last_status_code,
                *(d.created_at, d.next_attempt_at),
            )
            for d in found
        ),
        styles=_STYLES,
    )


@app.command()
def redeliver(
    delivery_ids: Annotated[list[UUID] | None, typer.Argument(help="Deliveries.", show_default=False)] = None,
    failed_of: Annotated[UUID | None, typer.Option(help="Every failed delivery of this endpoint.")] = None,
) -> None:
    """Send deliveries again, with the webhook-id they had: a receiver that has one already drops it.

    Examples:

      casebase webhook redeliver 5d0f6f4e-2b1c-4f39-8f0b-2f6d1b7c9a10

      casebase webhook redeliver --failed-of 1f6c0f4e-8a55-4d3e-9a51-0c8f5f1f2a77
    """
    if bool(delivery_ids) == bool(failed_of):
        raise typer.BadParameter(
            "name deliveries, or an endpoint with --failed-of", param_hint="DELIVERY_IDS"
        )
    queued = _ask(lambda webhooks: webhooks.redeliver(delivery_ids or None, endpoint_id=failed_of))
    if not queued and not failed_of:
        raise DeliveryNotFoundError
    typer.echo(f"Queued {len(queued)}.")


@app.command()
def test(endpoint: EndpointId) -> None:
    """Send an event casebase.test now, from here, and say how the receiver answered.

    Example:

      casebase webhook test 1f6c0f4e-8a55-4d3e-9a51-0c8f5f1f2a77
    """
    delivery = in_runtime(lambda runtime: _test(runtime, endpoint))
    if delivery.status == "delivered":
        typer.echo(f"Delivered: the receiver answered {delivery.last_status_code}.")
        return
    answer = delivery.last_status_code or delivery.last_error
    raise WebhookNotDeliveredError(
        f"Not delivered: {answer or 'no attempt was made, is the queue paused?'}.",
        detail={"url": delivery.url, "delivery_id": delivery.delivery_id},
        hint="It is tried again by the workers." if delivery.status == "pending" else None,
    )


async def _test(runtime: Runtime, endpoint_id: UUID) -> WebhookDelivery:
    webhooks = Webhooks(runtime.database)
    delivery_id = await webhooks.send_test(endpoint_id)
    await Worker(runtime, [QUEUE]).drain()
    deadline = asyncio.get_running_loop().time() + _PATIENCE_S
    while True:
        [delivery] = await webhooks.list_deliveries(delivery_id=delivery_id)
        # Another worker may have been quicker, and be at it still.
        if delivery.attempts or delivery.status != "pending" or asyncio.get_running_loop().time() > deadline:
            return delivery
        await asyncio.sleep(0.1)


def _ask(question: Callable[[Webhooks], Awaitable[T]]) -> T:
    return in_runtime(lambda runtime: question(Webhooks(runtime.database)))
