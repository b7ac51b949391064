"""Months of metrics that have had their time: exported to the file store, part by part, and only then dropped.

A part is noted once its file is whole, and a month dropped once the database has compared its rows with the parts that
were noted. So a job that is killed loses the part it was at: its file is nobody's, and swept.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import structlog

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from casebase.kernel.files import FileStore, new_path
from casebase.kernel.jobs import JobContext
from casebase.modules.frontdesk.settings import load_frontdesk_settings

FOLDER: Final = "frontdesk/metrics"

_log = structlog.get_logger(__name__)


async def retire_months(context: JobContext) -> None:
    """Take out, export and drop the months that are over for longer than the setting says, then sweep the folder."""
    keep_months = load_frontdesk_settings().metrics_retention_months
    session, files = context.session, context.runtime.files
    if keep_months:
        while taken_out := await session.call("detach_expired_metrics", {"keep_months": keep_months}):
            if "is_busy" in taken_out:
                _log.info("metrics_month_put_off")
                break
    # Also without retention: what was begun while it was set is not left half done.
    archives = (await session.call("list_metric_archives", {"only_open": True}))["items"]
    for archive in archives:
        await export_month(session, files, archive)
    # An installation that never took a month out has no folder, and need not have a store.
    if archives or (await session.call("list_metric_archives"))["items"]:
        await _sweep(session, files)


async def export_month(session: Session, files: FileStore, archive: Mapping[str, Any]) -> bool:
    """Export the parts of a month that are not there yet, and drop it; false where its export has to begin anew.

    ``archive`` is an item of ``list_metric_archives``. Several may do it side by side: a part is noted once.
    """
    archive_id = UUID(archive["archive_id"])
    noted = {part["part"] for part in archive["parts"]}
    try:
        for part in range(archive["part_count"]):
            if part not in noted:
                await _export_part(session, files, archive_id, part)
                _log.info("metrics_exported", month=archive["month"], part=part + 1, of=archive["part_count"])
        dropped = await session.call("drop_expired_metrics", {"archive_id": archive_id})
    except RpcError as error:
        if error.code != "archive_not_found":
            raise
        return True  # another worker was sooner
    _log.info(
        "metrics_dropped", month=archive["month"], rows=dropped["row_count"], done=dropped["is_dropped"]
    )
    return bool(dropped["is_dropped"])


async def read_part(files: FileStore, part: Mapping[str, Any]) -> str:
    """Return the JSON lines of a part of ``list_metric_archives``; raise ``ValueError`` for a file that was changed."""
    content = await files.get(part["path"])
    if hashlib.sha256(content).hexdigest() != part["sha256"]:
        raise ValueError("The file is not what was exported.")
    return (await asyncio.to_thread(gzip.decompress, content)).decode()


async def _export_part(session: Session, files: FileStore, archive_id: UUID, part: int) -> None:
    read = await session.call("read_expired_metrics", {"archive_id": archive_id, "part": part})
    # Without the time that gzip puts in: what is exported twice is the same twice.
    content = await asyncio.to_thread(gzip.compress, read["lines"].encode(), mtime=0)
    path = new_path(*FOLDER.split("/"), archive_id)
    await files.put(path, content, "application/gzip")
    note = {
        "archive_id": str(archive_id),
        "part": part,
        "path": path,
        "sha256": hashlib.sha256(content).hexdigest(),
        "row_count": read["row_count"],
        "id_sum": read["id_sum"],
        "size_bytes": len(content),
    }
    try:
        is_kept = (await session.call("keep_metric_archive_part", {"payload": note}))["is_kept"]
    except RpcError:
        await files.discard(path)
        raise
    if not is_kept:
        await files.discard(path)


async def _sweep(session: Session, files: FileStore) -> None:
    async def find_orphans(paths: Sequence[str]) -> Sequence[str]:
        found: Sequence[str] = await session.call("find_orphan_metric_files", {"paths": list(paths)})
        return found

    if removed := await files.sweep(FOLDER, find_orphans):
        _log.info("orphan_files_removed", count=removed)
