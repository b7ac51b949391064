"""The files of a case: kept byte for byte, listed, read, swept; in Python and over HTTP."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from casebase.app import build_http
from casebase.kernel.clock import Clock
from casebase.kernel.config import load_settings
from casebase.kernel.db import Session
from casebase.kernel.errors import DependencyUnavailableError, RpcError
from casebase.kernel.files import FileMissingError, FileStore
from casebase.kernel.jobs import Job, JobContext
from casebase.kernel.privacy.redraw import FileTooLargeError
from casebase.kernel.runtime import Runtime
from casebase.modules.enforcement.documents import (
    DocumentElsewhereError,
    Documents,
    DocumentTypeUnsupportedError,
    sweep,
)
from tests.enforcement.conftest import OpenCase, People
from tests.support.pdfs import encoded, letter, photo
from tests.support.rows import all_rows
from tests.support.tokens import bearer

ORDER = letter(["Order to show cause"])
FILES = {
    "application/pdf": ORDER,
    "image/png": encoded(photo(), "PNG") + b"and what hides behind it",
    "image/jpeg": encoded(photo(), "JPEG"),
}


@pytest.fixture
def runtime(runtime: Runtime, tmp_path: Path) -> Runtime:
    """The runtime with a file store of its own and files of at most 200 KiB."""
    return dataclasses.replace(
        runtime,
        settings=load_settings(home=tmp_path, max_file_bytes=200 * 1024, public_rate_limit="10000/minute"),
    )


@pytest.fixture
def documents(runtime: Runtime) -> Documents:
    """The documents as the service sees them."""
    return Documents(runtime)


async def stored(files: FileStore) -> list[str]:
    return sorted([file.path async for file in files.list()])


def aged(runtime: Runtime, hours: float) -> None:
    """Make every file of the store older."""
    then = time.time() - hours * 3600
    for path in (runtime.settings.home / "files").rglob("*"):
        os.utime(path, (then, then))


async def swept(runtime: Runtime) -> None:
    job = Job("enforcement_documents", 1, 1, {}, Clock().now())
    await sweep(job, JobContext(runtime, runtime.session()))


class TestAdding:
    @pytest.mark.parametrize("content_type", list(FILES))
    async def test_keeps_every_byte(
        self, documents: Documents, runtime: Runtime, open_case: OpenCase, content_type: str
    ) -> None:
        content = FILES[content_type]
        document = await documents.add(await open_case(), "court_order", content, title="The order")
        assert (document.content_type, document.title) == (content_type, "The order")
        assert (document.size_bytes, document.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert await stored(runtime.files) == [document.storage_path]
        assert await runtime.files.get(document.storage_path) == content
        assert (await documents.read(document.document_id))[1] == content

    async def test_of_the_same_file_again_is_the_same_document(
        self, documents: Documents, runtime: Runtime, open_case: OpenCase
    ) -> None:
        case_id = await open_case()
        added = await asyncio.gather(*(documents.add(case_id, "court_order", ORDER) for _ in range(5)))
        assert len({document.document_id for document in added}) == 1
        assert sorted(document.is_repeat for document in added) == [False, True, True, True, True]
        assert await stored(runtime.files) == [added[0].storage_path]

    @pytest.mark.parametrize(
        "content",
        [
            b"<html><script>alert(1)</script>",
            b"<svg onload='alert(1)'/>",
            b"MZ\x90",
            b"RIFF....WEBP",
            b"",
            b" %PDF-1.7",
        ],
        ids=["html", "svg", "exe", "webp", "nothing", "not at once a pdf"],
    )
    async def test_believes_the_content_alone(
        self,
        documents: Documents,
        runtime: Runtime,
        owner: asyncpg.Connection,
        open_case: OpenCase,
        content: bytes,
    ) -> None:
        case_id = await open_case()
        before = await all_rows(owner)
        with pytest.raises(DocumentTypeUnsupportedError):
            await documents.add(case_id, "court_order", content)
        assert await all_rows(owner) == before
        assert await stored(runtime.files) == []

    async def test_refuses_what_is_too_large(self, documents: Documents, open_case: OpenCase) -> None:
        with pytest.raises(FileTooLargeError):
            await documents.add(await open_case(), "court_order", b"%PDF-" + bytes(200 * 1024))

    async def test_that_the_database_refuses_leaves_no_file(
        self, runtime: Runtime, people: People, open_case: OpenCase
    ) -> None:
        case_id = await open_case()
        for who, code in ((people.member, "operator_required"), (people.other_operator, "case_not_found")):
            with pytest.raises(RpcError) as refused:
                await Documents(runtime, who).add(case_id, "court_order", ORDER)
            assert refused.value.code == code
        with pytest.raises(RpcError):
            await Documents(runtime).add(case_id, "court_order", ORDER, title="x" * 201)
        assert await stored(runtime.files) == []

    async def test_while_the_store_is_away_writes_nothing(
        self, documents: Documents, runtime: Runtime, owner: asyncpg.Connection, open_case: OpenCase
    ) -> None:
        case_id = await open_case()
        before = await all_rows(owner)
        (runtime.settings.home / "files").mkdir(mode=0o700)
        (runtime.settings.home / "files" / "enforcement").write_text("in the way")
        with pytest.raises(DependencyUnavailableError):
            await documents.add(case_id, "court_order", ORDER)
        assert await all_rows(owner) == before


class TestReading:
    async def test_one_kept_elsewhere_is_not_ours_to_read(
        self, documents: Documents, service: Session, open_case: OpenCase
    ) -> None:
        case_id = await open_case()
        event = {"case_id": case_id, "event_kind": "bank_levy_served", "document_path": "court/served.pdf"}
        await service.call("log_enforcement_event", {"payload": event})
        [document] = await documents.list(case_id)
        assert (document.storage_path, document.file_name) == ("court/served.pdf", "bank_levy_served.bin")
        with pytest.raises(DocumentElsewhereError):
            await documents.read(document.document_id)

    async def test_a_lost_file_is_told_as_missing(
        self, documents: Documents, runtime: Runtime, open_case: OpenCase
    ) -> None:
        document = await documents.add(await open_case(), "court_order", ORDER)
        await runtime.files.delete(document.storage_path)
        with pytest.raises(FileMissingError):
            await documents.read(document.document_id)


class TestTheSweep:
    async def test_removes_old_files_without_a_row_and_no_other(
        self, documents: Documents, runtime: Runtime, open_case: OpenCase
    ) -> None:
        kept = (await documents.add(await open_case(), "court_order", ORDER)).storage_path
        folder = kept.rpartition("/")[0]
        await runtime.files.put(f"{folder}/{uuid4()}", b"lost", "image/png")
        foreign = f"enforcement/{uuid4()}/{uuid4()}/{uuid4()}"
        await runtime.files.put(foreign, b"another installation's", "image/png")
        await swept(runtime)
        assert len(await stored(runtime.files)) == 3
        aged(runtime, 2)
        await runtime.files.put(f"{folder}/{uuid4()}", b"being uploaded", "image/png")
        await swept(runtime)
        left = await stored(runtime.files)
        assert len(left) == 3
        assert {kept, foreign} < set(left)

    async def test_removes_what_a_killed_upload_left(
        self, runtime: Runtime, api_url: str, owner: asyncpg.Connection, open_case: OpenCase
    ) -> None:
        """Kill -9 between the file and its row."""
        case_id = await open_case()
        script = f"""
import asyncio, os, signal
from casebase.kernel.config import load_settings
from casebase.kernel.db import Database
from casebase.kernel.files import FileStore
from casebase.kernel.runtime import Runtime
from casebase.modules.enforcement.documents import Documents
put = FileStore.put
async def put_and_die(*given):
    await put(*given)
    os.kill(os.getpid(), signal.SIGKILL)
FileStore.put = put_and_die
async def main():
    async with await Database.connect({api_url!r}) as database:
        runtime = Runtime(load_settings(home={str(runtime.settings.home)!r}), (), database, {api_url!r})
        await Documents(runtime).add({case_id!r}, "court_order", {FILES["image/png"]!r})
asyncio.run(main())
"""
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stderr=subprocess.PIPE)
        _, said = await process.communicate()
        assert process.returncode == -signal.SIGKILL, said
        assert len(await stored(runtime.files)) == 1
        assert await owner.fetchval("select count(*) from enforcement_documents") == 0
        aged(runtime, 2)
        await swept(runtime)
        assert await stored(runtime.files) == []


@pytest.fixture
async def http(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_http(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://casebase") as client:
        yield client


class TestHttp:
    async def test_takes_lists_and_hands_out(
        self, http: httpx.AsyncClient, runtime: Runtime, people: People, open_case: OpenCase
    ) -> None:
        of_case = f"/v1/enforcement/cases/{await open_case()}/documents"
        operator, member = bearer(people.operator), bearer(people.member)
        sent = {
            "files": {"file": ("Jordan's order.html", ORDER, "text/html")},
            "data": {"doc_kind": "court_order", "title": "The order"},
        }
        added = await http.post(of_case, headers=operator, **sent)  # type: ignore[arg-type]
        assert added.status_code == 201, added.text
        document = added.json()
        assert (document["content_type"], document["title"]) == ("application/pdf", "The order")
        assert document["uploaded_by"] == f"user:{people.operator.sub}"
        again = await http.post(of_case, headers=operator, **sent)  # type: ignore[arg-type]
        assert (again.status_code, again.json()["document_id"]) == (200, document["document_id"])
        listed = (await http.get(of_case, headers=member)).json()["items"]
        assert [item["document_id"] for item in listed] == [document["document_id"]]

        content = await http.get(
            f"/v1/enforcement/documents/{document['document_id']}/content", headers=member
        )
        assert content.content == ORDER
        assert content.headers["content-type"] == "application/pdf"
        assert content.headers["content-disposition"] == 'attachment; filename="court_order.pdf"'
        assert content.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert content.headers["cache-control"] == "private, no-store"
        assert content.headers["x-content-type-options"] == "nosniff"

    async def test_keeps_no_name_of_the_senders(
        self,
        http: httpx.AsyncClient,
        runtime: Runtime,
        owner: asyncpg.Connection,
        people: People,
        open_case: OpenCase,
    ) -> None:
        await http.post(
            f"/v1/enforcement/cases/{await open_case()}/documents",
            headers=bearer(people.operator),
            files={"file": ("Quill-Jordan-1961.pdf", ORDER)},
            data={"doc_kind": "court_order"},
        )
        assert await owner.fetchval("select count(*) from enforcement_documents") == 1
        assert all("Quill-Jordan" not in row for rows in (await all_rows(owner)).values() for row in rows)

    async def test_takes_more_than_other_routes_but_not_too_much(
        self, runtime: Runtime, people: People, open_case: OpenCase
    ) -> None:
        settings = load_settings(home=runtime.settings.home, max_body_bytes=1024, max_file_bytes=100_000)
        small = dataclasses.replace(runtime, settings=settings)
        of_case = f"/v1/enforcement/cases/{await open_case()}/documents"
        transport = httpx.ASGITransport(build_http(small))
        async with httpx.AsyncClient(transport=transport, base_url="http://casebase") as http:
            for size, status in ((50_000, 201), (100_001, 413), (400_000, 413)):
                answer = await http.post(
                    of_case,
                    headers=bearer(people.operator),
                    files={"file": ("a.pdf", b"%PDF-".ljust(size, b"x"))},
                    data={"doc_kind": "court_order"},
                )
                assert answer.status_code == status, answer.text

    async def test_reads_no_body_of_a_stranger(self, http: httpx.AsyncClient, open_case: OpenCase) -> None:
        read = 0

        async def body() -> AsyncIterator[bytes]:
            nonlocal read
            for _ in range(100):
                read += 1
                yield bytes(1000)

        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        refused = await http.post(
            f"/v1/enforcement/cases/{await open_case()}/documents", content=body(), headers=headers
        )
        assert refused.status_code == 401
        assert read == 0

    @pytest.mark.parametrize(
        ("files", "data", "status", "field"),
        [
            ({}, {"doc_kind": "court_order"}, 422, "file"),
            ({"file": ("a.pdf", b"")}, {"doc_kind": "court_order"}, 422, "file"),
            ({"file": ("a.pdf", ORDER)}, {}, 422, "doc_kind"),
            ({"file": ("a.pdf", ORDER)}, {"doc_kind": "Court order"}, 422, "doc_kind"),
            ({"file": ("a.pdf", ORDER)}, {"doc_kind": "court_order", "title": "a\0"}, 422, "title"),
            ({"file": ("a.pdf", b"<html>")}, {"doc_kind": "court_order"}, 415, None),
        ],
    )
    async def test_names_what_is_wrong(
        self,
        http: httpx.AsyncClient,
        runtime: Runtime,
        people: People,
        open_case: OpenCase,
        files: dict[str, tuple[str, bytes]],
        data: dict[str, str],
        status: int,
        field: str | None,
    ) -> None:
        refused = await http.post(
            f"/v1/enforcement/cases/{await open_case()}/documents",
            headers=bearer(people.operator),
            files=files,
            data=data,
        )
        assert refused.status_code == status, refused.text
        if field is not None:
            assert [each["field"] for each in refused.json()["errors"]] == [field]

    async def test_refuses_what_is_no_form(
        self, http: httpx.AsyncClient, runtime: Runtime, people: People, open_case: OpenCase
    ) -> None:
        headers = bearer(people.operator) | {"Content-Type": "multipart/form-data; boundary=x"}
        of_case = f"/v1/enforcement/cases/{await open_case()}/documents"
        refused = await http.post(of_case, content=b"garbage", headers=headers)
        assert refused.status_code == 400, refused.text
        assert refused.headers["content-type"] == "application/problem+json"
