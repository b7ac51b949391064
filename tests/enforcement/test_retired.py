"""What the specification retired is not there."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("ack_job", {"queue_name": "enrich", "msg_id": 1}),
        ("complete_plaintiff_call_task", {"task_id": str(uuid4()), "actor": "x", "payload": {}}),
        ("set_updated_at", {}),
    ],
)
async def test_a_retired_rpc_is_not_found(service: Session, function: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(RpcError) as refused:
        await service.call(function, arguments)
    assert (refused.value.status, refused.value.code) == (404, "function_not_found")
