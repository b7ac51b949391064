"""A story that does not come out as told: what ``casebase demo --check`` must refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from casebase.kernel.db import Session
from casebase.kernel.module import Proof
from casebase_toy.service import Client


class _Story:
    endpoint = "/v1/toy/greetings"
    requests: Sequence[Mapping[str, Any]] = ({"name": "Ada"},)

    async def is_told(self, session: Session, replies: Sequence[Mapping[str, Any]]) -> bool:
        return all(greeting["text"] for greeting in await Client(session).list_greetings())

    async def prove(self, session: Session, replies: Sequence[Mapping[str, Any]]) -> Sequence[Proof]:
        texts = [greeting["text"] for greeting in await Client(session).list_greetings()]
        return (
            Proof("Ada is greeted", texts == ["Hello, Ada!"]),
            Proof("Grace is greeted", "Hello, Grace!" in texts),
        )

    def page(self, reply: Mapping[str, Any]) -> tuple[str, str]:
        return "/console/toy/greetings", "Hello, Ada!"


story = _Story()
