"""Export what may be published: read, make anonymous, check for leaks, and only then write, whole or not at all."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from casebase.kernel.db import Session
from casebase.kernel.errors import CasebaseError
from casebase.kernel.jobs import Completion, Job, JobContext
from casebase.modules.mortgage import pseo

CASES_FILE: Final = "cases.jsonl"
PAGES_FOLDER: Final = "pages"
_BATCH: Final = 5000


class PublishingLeakError(CasebaseError):
    """The leak check found something in what was to be published; nothing was written."""

    code = "publishing_leak"
    status = 500


class ForeignFolderError(CasebaseError):
    """The folder holds something that no export wrote, so it is not replaced."""

    code = "folder_not_ours"
    status = 409


@dataclass(frozen=True, slots=True)
class Export:
    """What an export wrote."""

    folder: Path
    cases: int
    withheld: int
    pages: int


async def export(
    session: Session,
    folder: Path,
    *,
    tenant_id: UUID | str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Export:
    """Write one tenant's publishable cases to ``folder``, in the place of what an earlier export wrote there.

    ``progress`` is told how many cases were read. Raises ``PublishingLeakError`` when the check finds personal data, a
    bank or a known borrower, and ``ForeignFolderError``; in both cases nothing was written.
    """
    require_replaceable(folder)
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await session.call(
            "list_publishable_cases", {"tenant_id": tenant_id, "cursor": cursor, "page_size": _BATCH}
        )
        rows += page["items"]
        progress(len(rows))
        cursor = page["next_cursor"]
        if cursor is None:
            break
    cases = pseo.publish(rows)
    pages = pseo.pages(cases)
    files = {CASES_FILE: pseo.json_lines(cases)} | {
        f"{PAGES_FOLDER}/{name}": text for name, text in pages.items()
    }
    await check(session, files)
    await asyncio.to_thread(replace_folder, folder, files)
    return Export(folder, len(cases), len(rows) - len(cases), len(pages))


async def check(session: Session, files: Mapping[str, str]) -> None:
    """Look for personal data, banks and known borrowers in the files and their names; one is one too many."""
    lines = sorted({line for name, text in files.items() for line in (name, *text.splitlines()) if line})
    found = [f"personal data ({kind})" for kind in sorted(await asyncio.to_thread(pseo.personal, lines))]
    known = await session.call("find_publishing_leaks", {"texts": lines, "own_words": sorted(pseo.OWN_WORDS)})
    found += ["a name or number that is masked"] if known["masked_lines"] else []
    found += ["a known borrower"] if known["subjects"] else []
    if found:
        raise PublishingLeakError(detail={"found": ", ".join(found)})


def require_replaceable(folder: Path) -> None:
    """Raise ``ForeignFolderError`` unless the folder is absent, empty or an export."""
    if folder.exists() and not (
        folder.is_dir() and {entry.name for entry in folder.iterdir()} <= {CASES_FILE, PAGES_FOLDER}
    ):
        raise ForeignFolderError(hint="Name a new folder, or one that an export wrote.")


def replace_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files beside the folder, then put them in its place: a reader finds the old export or the new one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        fresh = aside / "new"
        (fresh / PAGES_FOLDER).mkdir(parents=True)
        for name, text in files.items():
            (fresh / name).write_text(text, encoding="utf-8")
        if folder.exists():
            folder.rename(aside / "old")
        fresh.rename(folder)
    finally:
        shutil.rmtree(aside)


async def publish_nightly(_job: Job, context: JobContext) -> Completion | None:
    """Export every tenant to a folder named like it below ``CASEBASE_EXPORT_DIR``; operators are alerted of each stop.

    What was exported before stays where an export is stopped; the other tenants' go on.
    """
    settings = context.runtime.settings
    root = (settings.export_dir or settings.home / "exports") / "mortgage"
    stopped: list[dict[str, Any]] = []
    for tenant in await context.session.call("list_publishing_tenants"):
        try:
            await export(context.session, root / tenant["slug"], tenant_id=tenant["tenant_id"])
        except PublishingLeakError as leak:
            stopped.append({"tenant_id": tenant["tenant_id"], "found": leak.detail["found"]})
        except ForeignFolderError:
            stopped.append({"tenant_id": tenant["tenant_id"], "found": "a folder that no export wrote"})
    return Completion("mortgage.report_publishing_leak", {"stopped": stopped}) if stopped else None
