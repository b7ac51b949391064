"""``/v1/toy``."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel

from casebase.kernel.http import PublicCaller

router = APIRouter()


class Visitor(BaseModel):
    """Who wants to be greeted."""

    name: str


@router.post("/greetings", status_code=201)
async def create_greeting(visitor: Visitor, caller: PublicCaller) -> Response:
    """Ask for a greeting."""
    return await caller.rpc("create_greeting", {"payload": visitor.model_dump()}, status_code=201)
