"""``casebase jobs``: look at queues and jobs, bring dead jobs back, pause, drain."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar, cast, get_args

import typer

from casebase.cli.output import describe, print_json, print_table
from casebase.cli.session import in_runtime
from casebase.kernel.errors import NotFoundError
from casebase.kernel.jobs import Queues, Worker
from casebase.kernel.jobs.queue import JobState
from casebase.kernel.progress import show_progress
from casebase.kernel.runtime import Runtime

app = typer.Typer(
    name="jobs",
    help="Jobs and their queues: look, requeue, pause, resume, drain.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
T = TypeVar("T")

_STATES = get_args(JobState)
_STYLES = {"dead": "red", "retrying": "yellow", "running": "cyan", "paused": "yellow"}

QueueName = Annotated[
    str, typer.Argument(help="The queue, as `casebase jobs list` names it.", show_default=False)
]
JobId = Annotated[int, typer.Argument(help="The job's id.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


class JobNotFoundError(NotFoundError):
    """The queue has no such job; it may have been completed, and completed jobs are not kept."""

    code = "job_not_found"


@app.command("list")
def list_(
    queue: Annotated[str | None, typer.Argument(help="Show this queue's jobs. Default: all queues.")] = None,
    state: Annotated[str | None, typer.Option(help=f"Only jobs that are {', '.join(_STATES)}.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many jobs.", min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List the queues with their counts, or one queue's jobs.

    Examples:

      casebase jobs list

      casebase jobs list mortgage_calculation --state dead
    """
    if queue is None:
        if state is not None:
            raise typer.BadParameter("jobs are listed by queue: name one", param_hint="QUEUE")
        _list_queues(as_json)
        return
    if state is not None and state not in _STATES:
        raise typer.BadParameter(f"one of {', '.join(_STATES)}", param_hint="--state")
    wanted = cast("JobState | None", state)
    jobs = _ask(lambda queues: queues.list_jobs(queue, state=wanted, max_rows=limit))
    if as_json:
        print_json(jobs)
        return
    print_table(
        ("JOB", "STATE", "ATTEMPTS", "ENQUEUED", "DUE", "ERROR"),
        ((j.job_id, j.job_state, j.attempts, j.enqueued_at, j.due_at, j.error_code) for j in jobs),
        styles=_STYLES,
    )


def _list_queues(as_json: bool) -> None:
    queues = _ask(lambda queues: queues.list_queues())
    if as_json:
        print_json(queues)
        return
    print_table(
        ("QUEUE", "", "READY", "DELAYED", "RUNNING", "RETRYING", "DEAD", "OLDEST READY"),
        (
            (
                q.queue,
                "paused" if q.is_paused else "",
                *(q.ready, q.delayed, q.running, q.retrying, q.dead),
                None if q.oldest_ready_s is None else f"{q.oldest_ready_s:.1f} s",
            )
            for q in queues
        ),
        styles=_STYLES,
    )


@app.command()
def show(queue: QueueName, job_id: JobId, as_json: AsJson = False) -> None:
    """Show one job with its payload and its last failure.

    Example:

      casebase jobs show mortgage_calculation 17
    """
    jobs = _ask(lambda queues: queues.list_jobs(queue, msg_id=job_id))
    if not jobs:
        raise JobNotFoundError
    job = jobs[0]
    if as_json:
        print_json(job)
        return
    print_table(
        ("JOB", str(job.job_id)),
        (
            ("queue", queue),
            ("state", job.job_state),
            ("attempts", job.attempts),
            ("enqueued at", job.enqueued_at),
            ("due at", job.due_at),
            ("payload", job.payload),
            ("failed at", job.failed_at),
            ("error code", job.error_code),
            ("error", job.error),
        ),
        styles=_STYLES,
    )


@app.command()
def requeue(
    queue: QueueName,
    job_ids: Annotated[list[int] | None, typer.Argument(help="Ids of dead jobs.", show_default=False)] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every dead job of the queue.")] = False,
    yes: Yes = False,
) -> None:
    """Give dead jobs a fresh start: new id, attempts counted anew.

    Examples:

      casebase jobs requeue mortgage_calculation 17 18

      casebase jobs requeue mortgage_calculation --all --yes
    """
    if bool(job_ids) == all_:
        raise typer.BadParameter("name dead jobs, or say --all", param_hint="JOB_IDS")
    if all_ and not yes:
        typer.confirm(f"Requeue every dead job of {queue}?", abort=True)
    renewed = _ask(lambda queues: queues.requeue(queue, None if all_ else job_ids))
    if not renewed and not all_:
        raise JobNotFoundError("None of these is a dead job of the queue.")
    typer.echo(
        f"Requeued {len(renewed)}: {', '.join(map(str, renewed[:20]))}" if renewed else "There was none."
    )


@app.command()
def pause(queue: QueueName) -> None:
    """Stop handing out a queue's jobs; new ones wait, running ones end.

    Example:

      casebase jobs pause mortgage_calculation
    """
    _ask(lambda queues: queues.pause(queue))
    typer.echo(f"{queue} is paused. Resume it with: casebase jobs resume {queue}")


@app.command()
def resume(queue: QueueName) -> None:
    """Hand out a paused queue's jobs again.

    Example:

      casebase jobs resume mortgage_calculation
    """
    _ask(lambda queues: queues.resume(queue))
    typer.echo(f"{queue} is running.")


@app.command()
def drain(
    queue: QueueName,
    drop: Annotated[
        bool, typer.Option("--drop", help="Delete the waiting jobs instead of running them.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Run a queue's jobs here and now until none is due; --drop deletes them for good.

    Examples:

      casebase jobs drain mortgage_calculation

      casebase jobs drain mortgage_calculation --drop
    """
    if not drop:
        in_runtime(lambda runtime: _drain(runtime, queue))
        return
    if not yes:
        typer.confirm(f"Delete every waiting job of {queue} for good?", abort=True)
    typer.echo(f"Deleted {_ask(lambda queues: queues.drop(queue))}.")


async def _drain(runtime: Runtime, queue: str) -> None:
    worker = Worker(runtime, [queue])
    queues = Queues(runtime.database)

    async def left() -> int:
        return next((q.ready + q.running for q in await queues.list_queues() if q.queue == queue), 0)

    total = await left()
    with show_progress(queue, total) as progress:
        draining = asyncio.create_task(worker.drain())
        while not (await asyncio.wait({draining}, timeout=0.5))[0]:
            progress(max(0, total - await left()))
        await draining
        progress(total)
    after = next(q for q in await queues.list_queues() if q.queue == queue)
    rest = {"waiting": after.delayed, "retrying": after.retrying, "dead": after.dead}
    listing = ", ".join(f"{describe(count)} {state}" for state, count in rest.items() if count)
    typer.echo(
        f"{queue} is paused: no job was run." if after.is_paused else f"Drained; left: {listing or 'none'}."
    )


def _ask(question: Callable[[Queues], Awaitable[T]]) -> T:
    return in_runtime(lambda runtime: question(Queues(runtime.database)))
