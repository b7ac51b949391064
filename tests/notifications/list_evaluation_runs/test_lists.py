"""Evaluations are listed the latest first, each once, with what they counted."""

from __future__ import annotations

from typing import Any

import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import CasebaseError
from tests.notifications.conftest import Evaluate, MakeMentor, People


async def test_pages_hold_each_run_once(
    api: Database, people: People, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await make_mentor(last_active=30)
    for n in range(5):
        await evaluate(
            organization_id=people.default_tenant, scenario_types=["inactivity"], run_key=f"run {n}"
        )
    await evaluate(organization_id=people.other_tenant)
    admin, items, cursor = api.session(people.admin), [], None
    while True:
        page = await admin.call("list_evaluation_runs", {"page_size": 2, "cursor": cursor})
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len({item["run_id"] for item in items}) == 5
    assert [item["started_at"] for item in items] == sorted(
        (item["started_at"] for item in items), reverse=True
    )
    assert items[-1]["scenarios"] == {"inactivity": {"notified": 1}}
    assert items[0]["scenarios"] == {"inactivity": {"cooldown": 1}}
    assert all(item["finished_at"] for item in items)


@pytest.mark.parametrize(
    ("field", "value"), [("page_size", 0), ("page_size", 201), ("cursor", "ff"), ("cursor", "x")]
)
async def test_what_no_list_knows_is_refused(service: Session, field: str, value: Any) -> None:
    with pytest.raises(CasebaseError) as refused:
        await service.call("list_evaluation_runs", {field: value})
    assert refused.value.status == 422
    assert [error["field"] for error in refused.value.detail["errors"]] == [field]
