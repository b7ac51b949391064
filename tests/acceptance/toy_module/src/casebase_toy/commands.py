"""``casebase toy``."""

from __future__ import annotations

import asyncio

import typer

from casebase import Casebase

app = typer.Typer(help="Greetings.", no_args_is_help=True)


@app.callback()
def toy() -> None:
    """Greetings."""


@app.command()
def greet(name: str) -> None:
    """Ask for a greeting of NAME."""
    typer.echo(asyncio.run(_greet(name)))


async def _greet(name: str) -> str:
    async with Casebase.connect() as cb:
        return str(await cb.toy.create_greeting(name))
