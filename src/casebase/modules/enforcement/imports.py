"""Import a Simplicity export: stage its rows, make judgments of them, and take up where an earlier try ended."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from casebase.modules.enforcement.simplicity import Row, read_rows

_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a file's rows."""

    import_run_id: UUID
    is_new: bool
    row_count: int
    created: int
    known: int
    rejected: int


async def import_simplicity(
    session: Session,
    file: Path,
    *,
    tenant_id: UUID | str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> ImportResult:
    """Import a file; ``progress`` is told how many of its bytes are read.

    The run is known by the file's content: of a file that was imported nothing is written, and one whose import died
    goes on behind the last batch that was committed. Raises ``ColumnsMissingError`` before anything is written.
    """
    # Bytes that are no UTF-8 come through as surrogates, so that the row they are in can be told.
    with (
        file.open("rb") as source,
        TextIOWrapper(source, encoding="utf-8-sig", errors="surrogateescape", newline="") as lines,
    ):
        rows = read_rows(lines)
        first = next(rows, None)  # raises for a file that is none of ours
        digest = await asyncio.to_thread(_sha256, file)
        run = await session.call(
            "start_simplicity_import",
            {
                "payload": {
                    "file_name": file.name[-200:],
                    "file_sha256": digest,
                    "created_by": "import-simplicity",
                    **({"tenant_id": str(tenant_id)} if tenant_id else {}),
                }
            },
        )
        run_id, is_new = run["import_run_id"], run["is_new"]
        if run["status"] == "loading":
            rest = _after(first, rows, run["row_count"])
            await _stage(session, run_id, rest, lambda: progress(source.tell()))
    while run["status"] in ("loading", "loaded"):
        run = await session.call("process_simplicity_imports", {"import_run_id": run_id})
    return ImportResult(UUID(run_id), is_new, run["row_count"], run["created"], run["known"], run["rejected"])


async def _stage(session: Session, run_id: str, rows: Iterator[Row], report: Callable[[], None]) -> None:
    """Stage batch after batch; each is processed while the next is read."""
    processing: asyncio.Task[Any] | None = None
    batch = await asyncio.to_thread(_batch, rows)
    try:
        while True:
            following = await asyncio.to_thread(_batch, rows) if batch else []
            if processing is not None:
                await processing
            try:
                await session.call(
                    "add_simplicity_rows",
                    {"payload": {"import_run_id": run_id, "rows": batch, "is_last": not following}},
                )
            except RpcError as refused:
                if refused.code == "import_already_loaded":  # by somebody who imports the same file
                    return
                raise
            report()
            if not following:
                return
            processing = asyncio.create_task(
                session.call("process_simplicity_imports", {"import_run_id": run_id})
            )
            batch = following
    finally:
        if processing is not None:
            await asyncio.gather(processing, return_exceptions=True)


def _after(first: Row | None, rows: Iterator[Row], row_count: int) -> Iterator[Row]:
    if first is not None and row_count == 0:
        yield first
    yield from islice(rows, max(row_count - 1, 0), None)


def _batch(rows: Iterator[Row]) -> list[dict[str, Any]]:
    return [
        {"row_number": row.number, "raw": row.fields, "reasons": row.reasons} for row in islice(rows, _BATCH)
    ]


def _sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
