"""``casebase rpcs``: what a module's RPCs take, return and refuse."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from casebase.kernel.config import load_settings
from casebase.kernel.guard import rpc_reference
from casebase.kernel.module import installed_modules
from casebase.kernel.platform.connection_urls import owner_url


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(rpcs)


def rpcs(module: Annotated[str, typer.Argument(help="The module's name.")]) -> None:
    """Print the reference of a module's RPCs as Markdown, as the database has them: signatures, callers, comments.

    Examples:

      casebase rpcs enforcement

      casebase rpcs mortgage > rpcs.md
    """
    settings = load_settings()
    [wanted] = [found for found in installed_modules((module,)) if found.name == module]
    typer.echo(asyncio.run(rpc_reference(owner_url(settings), wanted)), nl=False)
