"""The documents of a case: taken in, listed, read, removed, swept; over HTTP and in the console."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pypdfium2
import pytest
from PIL import Image

from casebase.app import build_http
from casebase.kernel.clock import Clock
from casebase.kernel.config import load_settings
from casebase.kernel.db import Principal
from casebase.kernel.errors import DependencyUnavailableError, RpcError
from casebase.kernel.files import FileMissingError, FileStore
from casebase.kernel.jobs import Job, JobContext
from casebase.kernel.privacy.redraw import FileTooLargeError, TextLayerMissingError
from casebase.kernel.runtime import Runtime
from casebase.modules.mortgage.documents import Documents, DocumentType, sweep
from tests.console.conftest import EMAIL, PASSWORD_HASH, form_token, sign_in
from tests.mortgage.leads import BANK, CONTACT
from tests.support.pdfs import boxes_of, encoded, letter, photo, pictures_of, text_of
from tests.support.rows import all_rows
from tests.support.tokens import bearer

QUOTE = letter(
    [
        f"Dear {CONTACT['name']},",
        f"{BANK} offers a fixed rate of 1.85% p.a., then 3M SORA + 0.65,",
        f"a table of rates: 2.10 | 2.35 for S$750,000. Write to {CONTACT['email']} or {CONTACT['phone']}.",
    ],
    font="Helvetica",
)
PICTURE = encoded(photo(), "PNG") + b"and what hides behind it"
SCAN = letter([], draw=lambda pdf: pdf.image(photo(), 1, 1, 99) and None)


@pytest.fixture
def runtime(runtime: Runtime, tmp_path: Path) -> Runtime:
    """The runtime with a file store of its own and files of at most 200 KiB."""
    settings = load_settings(home=tmp_path, max_file_bytes=200 * 1024)
    return dataclasses.replace(runtime, settings=settings)


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
    job = Job("mortgage_documents", 1, 1, {}, Clock().now())
    await sweep(job, JobContext(runtime, runtime.session()))


class TestAdding:
    async def test_keeps_a_file_drawn_anew_and_tells_the_timeline(
        self, documents: Documents, runtime: Runtime, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        opened = await open_case()
        document = await documents.add(opened["case_id"], "income_proof", PICTURE)
        assert (document.content_type, document.page_count, document.is_masked) == ("image/png", 1, False)
        [path] = await stored(runtime.files)
        content = await runtime.files.get(path)
        assert content != PICTURE
        assert (document.size_bytes, document.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        case = await owner.fetchrow("select * from scenario_cases")
        assert path.startswith(f"mortgage/{case['tenant_id']}/{opened['case_id']}/")
        assert (case["status"], document.expires_at) == ("active", case["consent_until"])
        [event] = await owner.fetch("select * from scenario_events where event_type = 'doc_received'")
        assert str(document.document_id) in event["payload_json"]
        assert '"moved": {"to": "active", "from": "draft"}' in event["payload_json"]

    async def test_masks_a_bank_quote(
        self, documents: Documents, runtime: Runtime, people: Any, open_case: Any
    ) -> None:
        """Also for staff, who may not see the contact that is blacked out."""
        opened = await open_case()
        document = await Documents(runtime, people.broker).add(opened["case_id"], "bank_quote", QUOTE)
        assert document.is_masked
        _, content = await documents.read(document.document_id)
        assert text_of(content) == ""
        picture = pictures_of(content)[0].convert("L")
        for hidden in (
            *("Tan", "Wei", "Ling", "Rachel", BANK, "1.85%", "0.65", "2.10", "2.35"),
            *(CONTACT["email"], CONTACT["phone"]),
        ):
            for left, top, right, bottom in boxes_of(QUOTE, hidden):
                if right > left and bottom > top:
                    assert picture.crop((left, top, right, bottom)).getextrema()[1] < 60, hidden
        for shown in ("Dear", "offers", "S$750,000"):
            left, top, _, bottom = boxes_of(QUOTE, shown)[0]
            assert picture.crop((left, top - 2, left + 20, bottom + 2)).getextrema()[1] > 200, shown

    @pytest.mark.parametrize("content", [PICTURE, SCAN], ids=["picture", "scan"])
    async def test_refuses_a_bank_quote_that_cannot_be_searched(
        self,
        documents: Documents,
        runtime: Runtime,
        owner: asyncpg.Connection,
        open_case: Any,
        content: bytes,
    ) -> None:
        opened = await open_case()
        before = await all_rows(owner)
        with pytest.raises(TextLayerMissingError):
            await documents.add(opened["case_id"], "bank_quote", content)
        assert await all_rows(owner) == before
        assert await stored(runtime.files) == []

    async def test_of_the_same_file_again_is_the_same_document(
        self, documents: Documents, runtime: Runtime, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        case_id = (await open_case())["case_id"]
        added = await asyncio.gather(*(documents.add(case_id, "other", PICTURE) for _ in range(5)))
        assert len({document.document_id for document in added}) == 1
        assert sorted(document.is_repeat for document in added) == [False, True, True, True, True]
        assert len(await stored(runtime.files)) == 1
        assert (
            await owner.fetchval("select count(*) from scenario_events where event_type = 'doc_received'")
            == 1
        )

    async def test_refuses_what_is_too_large(self, documents: Documents, open_case: Any) -> None:
        with pytest.raises(FileTooLargeError):
            await documents.add((await open_case())["case_id"], "other", b"%PDF-" + bytes(200 * 1024))

    async def test_is_refused_after_the_consent(
        self, documents: Documents, runtime: Runtime, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        opened = await open_case()
        await owner.execute("update consents set granted_at = now() - interval '9 days', until = now()")
        with pytest.raises(RpcError) as refused:
            await documents.add(opened["case_id"], "other", PICTURE)
        assert refused.value.code == "consent_ended"
        assert await stored(runtime.files) == []

    async def test_that_the_database_refuses_at_the_end_leaves_no_file(
        self, documents: Documents, runtime: Runtime, owner: asyncpg.Connection, open_case: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        opened = await open_case()
        put = FileStore.put

        async def put_as_the_consent_ends(files: FileStore, *given: Any) -> None:
            await put(files, *given)
            await owner.execute("update consents set granted_at = now() - interval '9 days', until = now()")

        monkeypatch.setattr(FileStore, "put", put_as_the_consent_ends)
        with pytest.raises(RpcError):
            await documents.add(opened["case_id"], "other", PICTURE)
        assert await stored(runtime.files) == []

    async def test_while_the_store_is_away_writes_nothing(
        self, runtime: Runtime, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        opened = await open_case()
        before = await all_rows(owner)
        (runtime.settings.home / "files").mkdir(mode=0o700)
        (runtime.settings.home / "files" / "mortgage").write_text("in the way")
        with pytest.raises(DependencyUnavailableError):
            await Documents(runtime).add(opened["case_id"], "other", PICTURE)
        assert await all_rows(owner) == before

    @pytest.mark.parametrize("doc_type", list(DocumentType))
    async def test_knows_every_type(self, service: Any, open_case: Any, doc_type: DocumentType) -> None:
        payload = {"case_id": (await open_case())["case_id"], "doc_type": doc_type}
        plan = await service.call("plan_scenario_document", {"payload": payload})
        assert plan["must_be_masked"] is (doc_type is DocumentType.BANK_QUOTE)


class TestTheRpcs:
    def row(self, opened: dict[str, Any], tenant: Any, **changes: Any) -> dict[str, Any]:
        return {
            "case_id": opened["case_id"],
            "doc_type": "other",
            "storage_path": f"mortgage/{tenant}/{opened['case_id']}/{uuid4()}",
            "content_type": "image/png",
            "size_bytes": 10,
            "sha256": "a" * 64,
            "page_count": 1,
            "is_masked": False,
        } | changes

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"storage_path": f"mortgage/{uuid4()}/{uuid4()}/{uuid4()}"}, "invalid_input"),
            ({"storage_path": "mortgage/../../etc/passwd"}, "invalid_input"),
            ({"content_type": "text/html"}, "invalid_input"),
            ({"content_type": "image/svg+xml"}, "invalid_input"),
            ({"doc_type": "love_letter"}, "invalid_input"),
            ({"size_bytes": 0}, "invalid_input"),
            ({"sha256": "A" * 64}, "invalid_input"),
            ({"page_count": 1.5}, "invalid_input"),
            ({"doc_type": "bank_quote"}, "bank_quote_not_masked"),
            ({"doc_type": "bank_quote", "is_masked": True}, "bank_quote_not_masked"),
            ({"case_id": str(uuid4())}, "case_not_found"),
        ],
    )
    async def test_refuse_a_wrong_row(
        self, service: Any, people: Any, owner: asyncpg.Connection, open_case: Any, changes: Any, code: str
    ) -> None:
        row = self.row(await open_case(), people.default_tenant, **changes)
        before = await all_rows(owner)
        with pytest.raises(RpcError) as refused:
            await service.call("add_scenario_document", {"payload": row})
        assert refused.value.code == code
        assert await all_rows(owner) == before

    async def test_refuse_more_than_a_hundred(self, service: Any, people: Any, open_case: Any) -> None:
        opened = await open_case()
        for n in range(100):
            row = self.row(opened, people.default_tenant, sha256=f"{n:064x}")
            await service.call("add_scenario_document", {"payload": row})
        with pytest.raises(RpcError) as refused:
            await service.call("add_scenario_document", {"payload": self.row(opened, people.default_tenant)})
        assert refused.value.code == "too_many_documents"

    async def test_find_only_files_of_our_tenants_without_a_row(
        self, service: Any, people: Any, open_case: Any
    ) -> None:
        opened = await open_case()
        kept = self.row(opened, people.default_tenant)
        await service.call("add_scenario_document", {"payload": kept})
        lost = f"mortgage/{people.default_tenant}/{uuid4()}/{uuid4()}"
        paths = [
            kept["storage_path"],
            lost,
            f"mortgage/{uuid4()}/x/y",
            f"practice/{people.default_tenant}/x/y",
        ]
        assert await service.call("find_orphan_documents", {"paths": paths}) == [lost]


class TestAChangedConsent:
    async def test_moves_its_documents(
        self, documents: Documents, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await documents.add((await open_case())["case_id"], "other", PICTURE)
        await owner.execute("update consents set until = until + interval '10 days'")
        assert await owner.fetchval("select d.expires_at = k.until from scenario_documents d, consents k")

    async def test_that_ended_hides_them_at_once(
        self, documents: Documents, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        case_id = (await open_case())["case_id"]
        document = await documents.add(case_id, "other", PICTURE)
        await owner.execute("update consents set granted_at = now() - interval '9 days', until = now()")
        assert await documents.list(case_id) == []
        with pytest.raises(RpcError) as refused:
            await documents.read(document.document_id)
        assert refused.value.code == "document_not_found"


class TestReadingAndRemoving:
    async def test_a_view_and_a_removal_are_events(
        self, runtime: Runtime, people: Any, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        case_id = (await open_case())["case_id"]
        documents = Documents(runtime, people.broker)
        document = await documents.add(case_id, "identity", PICTURE)
        read, content = await documents.read(document.document_id)
        assert read == document
        assert Image.open(io.BytesIO(content)).size == (300, 200)
        await documents.remove(document.document_id)
        assert await stored(runtime.files) == []
        assert await documents.list(case_id) == []
        events = await owner.fetch(
            "select event_type::text, payload_json from scenario_events order by position"
        )
        assert [event["event_type"] for event in events] == [
            "lead_form",
            "doc_received",
            "admin_view",
            "admin_edit",
        ]
        for event in events[1:]:
            assert f"staff:{people.broker.sub}" in event["payload_json"]
        with pytest.raises(RpcError):
            await documents.remove(document.document_id)

    async def test_another_tenants_does_not_exist(
        self, runtime: Runtime, people: Any, open_case: Any
    ) -> None:
        case_id = (await open_case())["case_id"]
        document = await Documents(runtime).add(case_id, "identity", PICTURE)
        for stranger in (people.other_admin, people.member, people.stranger):
            theirs = Documents(runtime, stranger)
            for call in (
                theirs.read(document.document_id),
                theirs.remove(document.document_id),
                theirs.list(case_id),
                theirs.add(case_id, "identity", PICTURE),
            ):
                with pytest.raises(RpcError) as refused:
                    await call
                assert refused.value.status == 404
        assert len(await stored(runtime.files)) == 1

    async def test_a_lost_file_is_told_as_missing(
        self, documents: Documents, runtime: Runtime, open_case: Any
    ) -> None:
        document = await documents.add((await open_case())["case_id"], "other", PICTURE)
        [path] = await stored(runtime.files)
        await runtime.files.delete(path)
        with pytest.raises(FileMissingError):
            await documents.read(document.document_id)


class TestTheSweep:
    async def test_removes_old_files_without_a_row_and_no_other(
        self, documents: Documents, runtime: Runtime, people: Any, open_case: Any
    ) -> None:
        opened = await open_case()
        await documents.add(opened["case_id"], "other", PICTURE)
        [kept] = await stored(runtime.files)
        folder = kept.rpartition("/")[0]
        await runtime.files.put(f"{folder}/{uuid4()}", b"lost", "image/png")
        foreign = f"mortgage/{uuid4()}/{uuid4()}/{uuid4()}"
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
        self, runtime: Runtime, api_url: str, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        """Kill -9 between the file and its row."""
        opened = await open_case()
        script = f"""
import asyncio, os, signal
from casebase.kernel.config import load_settings
from casebase.kernel.db import Database
from casebase.kernel.files import FileStore
from casebase.kernel.runtime import Runtime
from casebase.modules.mortgage.documents import Documents
put = FileStore.put
async def put_and_die(*given):
    await put(*given)
    os.kill(os.getpid(), signal.SIGKILL)
FileStore.put = put_and_die
async def main():
    async with await Database.connect({api_url!r}) as database:
        runtime = Runtime(load_settings(home={str(runtime.settings.home)!r}), (), database, {api_url!r})
        await Documents(runtime).add({opened["case_id"]!r}, "other", {PICTURE!r})
asyncio.run(main())
"""
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stderr=subprocess.PIPE)
        _, said = await process.communicate()
        assert process.returncode == -signal.SIGKILL, said
        assert len(await stored(runtime.files)) == 1
        assert await owner.fetchval("select count(*) from scenario_documents") == 0
        aged(runtime, 2)
        await swept(runtime)
        assert await stored(runtime.files) == []

    async def test_removes_half_a_file(self, runtime: Runtime) -> None:
        await runtime.files.put("mortgage/a/b/c", b"whole", "image/png")
        half = runtime.settings.home / "files" / "mortgage" / "a" / "b" / f"{uuid4()}#1"
        half.write_bytes(b"hal")
        await swept(runtime)
        assert half.exists()
        aged(runtime, 2)
        await swept(runtime)
        assert not half.exists()
        assert await stored(runtime.files) == ["mortgage/a/b/c"]


@pytest.fixture
async def http(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_http(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://casebase") as client:
        yield client


class TestHttp:
    async def test_takes_lists_hands_out_and_removes(
        self, http: httpx.AsyncClient, people: Any, open_case: Any
    ) -> None:
        of_case = f"/v1/mortgage/cases/{(await open_case())['case_id']}/documents"
        headers = bearer(people.broker) | {"Content-Type": "text/html", "Idempotency-Key": "k"}
        added = await http.post(f"{of_case}?doc_type=bank_quote", content=QUOTE, headers=headers)
        assert added.status_code == 201, added.text
        document = added.json()
        assert "storage_path" not in document
        again = await http.post(f"{of_case}?doc_type=bank_quote", content=QUOTE, headers=headers)
        assert (again.status_code, again.json()["document_id"]) == (200, document["document_id"])
        listed = (await http.get(of_case, headers=headers)).json()["items"]
        assert [item["document_id"] for item in listed] == [document["document_id"]]
        address = f"/v1/mortgage/documents/{document['document_id']}"
        content = await http.get(f"{address}/content", headers=headers)
        assert content.headers["content-type"] == "application/pdf"
        assert content.headers["content-disposition"] == 'attachment; filename="bank_quote.pdf"'
        assert content.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert content.headers["cache-control"] == "private, no-store"
        assert content.headers["x-content-type-options"] == "nosniff"
        assert len(pypdfium2.PdfDocument(content.content)) == 1
        assert (await http.delete(address, headers=headers)).status_code == 204
        assert (await http.get(f"{address}/content", headers=headers)).status_code == 404

    async def test_takes_more_than_other_routes_but_not_too_much(
        self, runtime: Runtime, people: Any, open_case: Any
    ) -> None:
        small = dataclasses.replace(
            runtime,
            settings=load_settings(home=runtime.settings.home, max_body_bytes=1024, max_file_bytes=100_000),
        )
        of_case = f"/v1/mortgage/cases/{(await open_case())['case_id']}/documents?doc_type=other"
        headers = bearer(people.broker)

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(1000):
                yield bytes(1000)

        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(build_http(small)), base_url="http://casebase"
        ) as http:
            large = encoded(Image.effect_noise((200, 200), 50), "PNG")
            assert 1024 < len(large) < 100_000
            assert (await http.post(of_case, content=large, headers=headers)).status_code == 201
            for body in (bytes(100_001), bytes(400_000), endless()):
                refused = await http.post(of_case, content=body, headers=headers)
                assert refused.status_code == 413, refused.text
            other = await http.post("/v1/mortgage/leads", json={"x": "y" * 2000}, headers=headers)
            assert other.status_code == 413

    async def test_reads_no_body_of_a_stranger(self, http: httpx.AsyncClient, open_case: Any) -> None:
        read = 0

        async def body() -> AsyncIterator[bytes]:
            nonlocal read
            for _ in range(100):
                read += 1
                yield bytes(1000)

        of_case = f"/v1/mortgage/cases/{(await open_case())['case_id']}/documents?doc_type=other"
        assert (await http.post(of_case, content=body())).status_code == 401
        assert read == 0

    @pytest.mark.parametrize(
        ("content", "declared", "status", "code"),
        [
            (b"<html><script>alert(1)</script>", "application/pdf", 415, "file_type_unsupported"),
            (b"<svg onload='alert(1)'/>", "image/png", 415, "file_type_unsupported"),
            (b"", "application/pdf", 415, "file_type_unsupported"),
            (b"%PDF-1.7 and nothing more", "application/pdf", 422, "file_unreadable"),
        ],
        ids=["html", "svg", "nothing", "no pdf"],
    )
    async def test_believes_no_declared_type(
        self, http: httpx.AsyncClient, people: Any, open_case: Any,
        content: bytes, declared: str, status: int, code: str,
    ) -> None:  # fmt: skip
        of_case = f"/v1/mortgage/cases/{(await open_case())['case_id']}/documents?doc_type=other"
        headers = bearer(people.broker) | {"Content-Type": declared}
        refused = await http.post(of_case, content=content, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (status, code)

    async def test_wants_a_known_type_and_case(
        self, http: httpx.AsyncClient, people: Any, open_case: Any
    ) -> None:
        case_id = (await open_case())["case_id"]
        for query, who, status in (
            ("", people.broker, 422),
            ("?doc_type=diary", people.broker, 422),
            ("?doc_type=other", people.other_admin, 404),
            ("?doc_type=other", Principal("casebase_ai_broker", sub=uuid4()), 403),
        ):
            response = await http.post(
                f"/v1/mortgage/cases/{case_id}/documents{query}", content=PICTURE, headers=bearer(who)
            )
            assert response.status_code == status


class TestTheConsole:
    @pytest.fixture
    async def console(self, http: httpx.AsyncClient, owner: asyncpg.Connection) -> httpx.AsyncClient:
        await owner.execute("select casebase.create_user($1, $2, 'default', 'broker')", EMAIL, PASSWORD_HASH)
        assert (await sign_in(http)).status_code == 303
        return http

    async def test_takes_shows_hands_out_and_removes(
        self, console: httpx.AsyncClient, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        path = f"/console/mortgage/cases/{(await open_case())['case_id']}/documents"
        token = form_token((await console.get(path)).text)
        added = await console.post(
            path,
            data={"doc_type": "bank_quote", "csrf_token": token},
            files={"file": ("Rachel Tan.pdf", QUOTE)},
        )
        assert (added.status_code, added.headers["location"]) == (303, path)
        shown = (await console.get(path)).text
        assert "Bank quote" in shown
        assert "Masked" in shown
        document_id = await owner.fetchval("select id from scenario_documents")
        content = await console.get(f"/console/mortgage/documents/{document_id}")
        assert content.headers["content-disposition"] == 'attachment; filename="bank_quote.pdf"'
        assert content.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert content.headers["cache-control"] == "private, no-store"
        removed = await console.post(f"{path}/{document_id}/remove", data={"csrf_token": token})
        assert removed.status_code == 303
        assert "No documents" in (await console.get(path)).text
        assert all("Rachel Tan.pdf" not in row for rows in (await all_rows(owner)).values() for row in rows)

    async def test_says_why_a_file_is_not_taken(self, console: httpx.AsyncClient, open_case: Any) -> None:
        path = f"/console/mortgage/cases/{(await open_case())['case_id']}/documents"
        token = form_token((await console.get(path)).text)
        for doc_type, content, status, said in (
            ("bank_quote", PICTURE, 422, "cannot be masked"),
            ("other", b"<html>", 415, "no PDF, JPEG, PNG or WebP"),
            ("other", b"", 422, "Choose a file"),
            ("", PICTURE, 422, "field-bad"),
        ):
            refused = await console.post(
                path, data={"doc_type": doc_type, "csrf_token": token}, files={"file": ("x", content)}
            )
            assert (refused.status_code, said in refused.text) == (status, True), said

    async def test_wants_the_token_of_the_form(self, console: httpx.AsyncClient, open_case: Any) -> None:
        path = f"/console/mortgage/cases/{(await open_case())['case_id']}/documents"
        refused = await console.post(path, data={"doc_type": "other"}, files={"file": ("x", PICTURE)})
        assert refused.status_code == 403
