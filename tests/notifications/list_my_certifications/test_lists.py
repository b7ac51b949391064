"""Everybody lists their own certifications, of all their organisations, soonest to expire first."""

from __future__ import annotations

from typing import Any

import pytest

from casebase.kernel.db import ANON, Database, Session
from casebase.kernel.errors import RpcError
from tests.notifications.conftest import People


async def test_own_ones_are_listed(api: Database, service: Session, people: People) -> None:
    for organization_id, user, names in (
        (people.default_tenant, people.member, {"Late": "2027-12-01", "Soon": "2026-12-01"}),
        (people.other_tenant, people.other_member, {"Another's": "2026-11-01"}),
    ):
        certifications = [
            {"user_id": str(user.sub), "name": name, "expires_on": day} for name, day in names.items()
        ]
        payload = {"organization_id": str(organization_id), "certifications": certifications}
        await service.call("set_certifications", {"payload": payload})
    listed: list[dict[str, Any]] = await api.session(people.member).call("list_my_certifications", {})
    assert [(c["name"], c["expires_on"], c["organization_id"]) for c in listed] == [
        ("Soon", "2026-12-01", str(people.default_tenant)),
        ("Late", "2027-12-01", str(people.default_tenant)),
    ]
    assert await api.session(people.stranger).call("list_my_certifications", {}) == []


async def test_whoever_has_no_token_lists_nothing(api: Database) -> None:
    with pytest.raises(RpcError) as refused:
        await api.session(ANON).call("list_my_certifications", {})
    assert refused.value.status == 403
