"""Vendors are asked for what is needed, believed in what can be read, and never quoted."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from casebase.kernel.config import load_settings
from casebase.kernel.db import Session
from casebase.kernel.errors import CasebaseError, ConfigurationError
from casebase.modules.enforcement.vendor import (
    FileVendor,
    HttpVendor,
    VendorRefusedError,
    VendorUnavailableError,
    read_bundle,
    vendor_of,
)
from tests.enforcement.conftest import MakeJudgment
from tests.enforcement.vendor_server import VendorServer, vendor_server

SUBJECT: dict[str, Any] = {
    "case_id": str(UUID(int=1)),
    "judgment_id": str(UUID(int=2)),
    "case_number": "CV-1/24",
    "court": "Civil Court",
    "county": "Kings",
    "state": "NY",
    "balance_due": 9000,
    "debtor": {"kind": "person", "name": "Jordan Quillfeather", "discriminator": ""},
    "contacts": [{"kind": "phone", "value": "6465550148", "source": "manual", "confidence": None}],
    "assets": [],
}
ANSWER = {
    "contacts": [{"kind": "phone", "value": "+1 646 555 0199", "confidence": 0.9, "carrier": "A"}],
    "assets": [{"kind": "bank", "description": " Checking ", "estimated_value": 10.005}],
    "adverse_signals": ["bankruptcy"],
}


@pytest.fixture
async def server() -> AsyncIterator[VendorServer]:
    async with vendor_server() as running:
        yield running


async def test_it_is_asked_for_a_debtor_and_no_more(server: VendorServer) -> None:
    server.body = ANSWER
    vendor = HttpVendor(server.url, SecretStr("a secret token"))
    bundle = await vendor.look_up(SUBJECT, request_key="enrich-7")
    assert bundle.json(case_id=SUBJECT["case_id"], source="vendor") == {
        "case_id": SUBJECT["case_id"],
        "source": "vendor",
        "contacts": [
            {"kind": "phone", "value": "+1 646 555 0199", "confidence": 0.9, "is_do_not_contact": False}
        ],
        "assets": [{"kind": "bank", "description": "Checking", "estimated_value": 10.01}],
        "adverse_signals": ["bankruptcy"],
    }
    (asked,) = server.asked
    question = asked.json
    assert (asked.headers["authorization"], asked.headers["idempotency-key"]) == (
        "Bearer a secret token",
        "enrich-7",
    )
    assert question.keys() == {"judgment_id", "debtor", "docket", "contacts"}
    assert "9000" not in json.dumps(question)
    assert "a secret token" not in repr(vendor)


async def test_nothing_known_is_an_empty_bundle(server: VendorServer) -> None:
    server.status = 404
    bundle = await HttpVendor(server.url).look_up(SUBJECT, request_key="k")
    assert (bundle.contacts, bundle.assets, bundle.adverse_signals) == ((), (), None)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, VendorUnavailableError),
        (503, VendorUnavailableError),
        (302, VendorRefusedError),
        (204, VendorRefusedError),
        (401, VendorRefusedError),
    ],
)
async def test_what_may_pass_is_told_from_what_will_not(
    server: VendorServer, status: int, error: type[CasebaseError]
) -> None:
    server.status = status
    server.body = {"message": "Jordan Quillfeather is unknown"}
    with pytest.raises(error) as refused:
        await HttpVendor(server.url).look_up(SUBJECT, request_key="k")
    assert refused.value.detail == {"status": status}
    assert "Quillfeather" not in str(refused.value)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"7", b'{"contacts": {}}', b"[" * 200_000, b'"' + b"x" * 1_100_000 + b'"']
)
async def test_an_answer_that_nobody_can_read(server: VendorServer, body: bytes) -> None:
    server.body = body
    with pytest.raises(VendorRefusedError):
        await HttpVendor(server.url).look_up(SUBJECT, request_key="k")


async def test_a_vendor_that_says_nothing_is_not_waited_for(server: VendorServer) -> None:
    server.status = None
    with pytest.raises(VendorUnavailableError):
        await HttpVendor(server.url, timeout_s=0.2).look_up(SUBJECT, request_key="k")


async def test_a_vendor_that_is_not_there() -> None:
    with pytest.raises(VendorUnavailableError):
        await HttpVendor("http://127.0.0.1:1/").look_up(SUBJECT, request_key="k")


@pytest.mark.parametrize(
    "entry",
    [
        7,
        {"kind": "fax", "value": "1"},
        {"kind": "phone", "value": "12"},
        {"kind": "phone", "value": "6465550199", "confidence": 2},
        {"kind": "phone", "value": "6465550199", "confidence": float("nan")},
        {"kind": "email", "value": "nobody"},
        {"kind": "address", "value": "   "},
        {"kind": "address", "value": "a\0b"},
    ],
)
def test_an_entry_that_is_wrong_does_not_cost_the_rest(entry: Any) -> None:
    good = {"kind": "email", "value": "jq@quill.example"}
    bundle = read_bundle(json.dumps({"contacts": [entry, good]}).encode())
    assert [contact.value for contact in bundle.contacts] == ["jq@quill.example"]
    assert bundle.left_out == 1


ODD: dict[str, list[Any]] = {
    "contacts": [
        *({"kind": "email", "value": value} for value in (
            "x" * 64 + "@quill.example", "x" * 65 + "@quill.example", "a..b@quill.example", ".a@quill.example",
            "jq@quill.example\n", "jq@-quill.example", "jq@quill.example" + "x" * 300, "jq@quïll.example",
        )),
        *({"kind": "phone", "value": value} for value in (
            "๖๔๖๕๕๕๐๑๙๙", "６４６５５５０１９９", "6465550199²³⁴⁵⁶⁷", "6465550199٠٠٠٠٠٠", "٦٤٦٥٥٥٠١٩٩", "646–555\u00a00199",
            "1" * 15, "1" * 16, "646555", "1646555", "646-555-0199" + " " * 40 + "1", "6465550199 ①②③④⑤⑥",
        )),
        *({"kind": "address", "value": value} for value in ("\u00a0", "\ud800", "x" * 500, "x" * 501, "\n1 Elm\n")),
        *({"kind": "phone", "value": "6465550199", **more} for more in (
            {"label": ""}, {"label": "x" * 81}, {"label": "\ud800"}, {"label": 7}, {"confidence": 1e-300},
            {"confidence": True}, {"confidence": "0.5"}, {"is_do_not_contact": "yes"}, {"metadata": "none"},
        )),
    ],
    "assets": [
        {"kind": "bank", "description": "A", **more} for more in (
            {"description": " "}, {"description": "\u200b"}, {"description": "x" * 501}, {"reference": ""},
            {"reference": "x" * 121}, {"reference": "--"}, {"estimated_value": 1e9}, {"estimated_value": 1e9 + 0.01},
            {"estimated_value": 1e-9}, {"estimated_value": 0.1 + 0.2}, {"estimated_value": -0.001},
            {"confidence": 0.30000000000000004}, {"kind": "yacht"},
        )
    ],
    "adverse_signals": ["deceased", "deceased", "rumour", 7, None],
}  # fmt: skip


async def test_what_can_be_read_the_database_takes(service: Session, make_judgment: MakeJudgment) -> None:
    judgment = await make_judgment()
    left_out = 0
    for name, entries in ODD.items():
        for entry in entries:
            read = read_bundle(json.dumps({name: [entry]}).encode())
            left_out += read.left_out
            await service.call(
                "upsert_enrichment_bundle",
                {"bundle": read.json(case_id=judgment.docket_id, source="vendor")},
            )
    assert 0 < left_out < sum(map(len, ODD.values()))


async def test_files(tmp_path: Path) -> None:
    vendor = FileVendor(tmp_path)
    assert await vendor.look_up(SUBJECT, request_key="k") == read_bundle(b"{}")
    (tmp_path / f"{SUBJECT['judgment_id']}.json").write_text(json.dumps(ANSWER))
    bundle = await vendor.look_up(SUBJECT, request_key="k")
    assert [asset.description for asset in bundle.assets] == ["Checking"]
    (tmp_path / f"{SUBJECT['judgment_id']}.json").write_bytes(b" " * 1_100_000)
    with pytest.raises(VendorRefusedError):
        await vendor.look_up(SUBJECT, request_key="k")


class TestSettings:
    def test_none_is_none(self) -> None:
        assert vendor_of(load_settings()) is None

    def test_one_of_each(self, tmp_path: Path) -> None:
        assert isinstance(vendor_of(load_settings(vendor_url="https://vendor.example/v1")), HttpVendor)
        assert isinstance(vendor_of(load_settings(vendor_url="http://127.0.0.1:9/")), HttpVendor)
        assert vendor_of(load_settings(vendor_folder=tmp_path)) == FileVendor(tmp_path)

    def test_two_are_one_too_many(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError):
            vendor_of(load_settings(vendor_url="https://vendor.example/", vendor_folder=tmp_path))

    @pytest.mark.parametrize("url", ["http://vendor.example/", "ftp://127.0.0.1/", "vendor.example"])
    def test_names_go_nowhere_in_the_clear(self, url: str) -> None:
        with pytest.raises(ConfigurationError):
            vendor_of(load_settings(vendor_url=url))
