"""The tenant's members see a case's documents, newest first, those kept elsewhere among them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.add_enforcement_document.test_records import ADD, planned
from tests.enforcement.conftest import OpenCase, People

LIST = "list_enforcement_documents"


async def test_members_see_them_newest_first(
    api: Database, service: Session, people: People, open_case: OpenCase
) -> None:
    case_id = await open_case()
    added = await service.call(ADD, {"payload": await planned(service, case_id, title="Order")})
    event = {"case_id": case_id, "event_kind": "bank_levy_served", "document_path": "court/served.pdf"}
    event_id = await service.call("log_enforcement_event", {"payload": event})
    await service.call(ADD, {"payload": await planned(service, await open_case())})
    items = (await api.session(people.member).call(LIST, {"case_id": case_id}))["items"]
    assert [(item["doc_kind"], item["is_ours"], item["event_id"]) for item in items] == [
        ("bank_levy_served", False, event_id),
        ("court_order", True, None),
    ]
    assert items[0]["content_type"] is None
    assert items[1]["document_id"] == added["document_id"]


@pytest.mark.parametrize("who", ["other_operator", "stranger"])
async def test_others_find_no_case(api: Database, people: People, open_case: OpenCase, who: str) -> None:
    for case_id in (await open_case(), uuid4()):
        with pytest.raises(RpcError) as refused:
            await api.session(getattr(people, who)).call(LIST, {"case_id": case_id})
        assert (refused.value.status, refused.value.code) == (404, "case_not_found")
