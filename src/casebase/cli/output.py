"""How command groups show what they found: a table for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

_UNBOUNDED = 100_000


def print_json(value: Any) -> None:
    """Print dataclasses, or lists of them, as indented JSON and nothing else."""
    typer.echo(json.dumps(value, default=_plain, indent=2))


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, styles: Mapping[str, str] | None = None
) -> None:
    """Print rows under columns; a cell whose text is a key of ``styles`` has that style."""
    cells = [[describe(cell) for cell in row] for row in rows]
    table = Table(header_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        # The first column names the thing, for the next command to be given: it is never shortened.
        width = max(map(len, (column, *(row[0] for row in cells)))) if number == 0 else None
        table.add_column(column, min_width=width, overflow="fold")
    for texts in cells:
        # Text, not str: brackets in somebody's error are no markup.
        table.add_row(*(Text(text, style=(styles or {}).get(text, "")) for text in texts))
    out = Console()
    if not out.is_terminal:
        # Nothing to fit: a program that reads the lines gets each row on one, whole.
        out.width = _UNBOUNDED
    out.print(table)


def describe(value: object) -> str:
    """Return a value as people read it: instants in UTC to the second, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
    if isinstance(value, float):
        return f"{value:.1f}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value)


def _plain(value: Any) -> Any:
    return (
        dataclasses.asdict(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type)
        else str(value)
    )
