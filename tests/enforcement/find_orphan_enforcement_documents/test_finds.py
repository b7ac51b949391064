"""Files of our tenants without a row are nobody's; every other file is somebody's."""

from __future__ import annotations

from uuid import uuid4

import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.add_enforcement_document.test_records import ADD, planned
from tests.enforcement.conftest import OpenCase, People

FIND = "find_orphan_enforcement_documents"


async def test_only_files_of_our_tenants_without_a_row(
    service: Session, people: People, open_case: OpenCase
) -> None:
    kept = await planned(service, await open_case())
    await service.call(ADD, {"payload": kept})
    lost = f"enforcement/{people.default_tenant}/{uuid4()}/{uuid4()}"
    paths = [
        kept["storage_path"],
        lost,
        f"enforcement/{uuid4()}/x/y",
        f"mortgage/{people.default_tenant}/x/y",
        "enforcement",
    ]
    assert await service.call(FIND, {"paths": paths}) == [lost]
    assert await service.call(FIND, {"paths": []}) == []


async def test_it_is_the_services_alone(api: Database, people: People) -> None:
    with pytest.raises(RpcError) as refused:
        await api.session(people.admin).call(FIND, {"paths": []})
    assert refused.value.status == 403
