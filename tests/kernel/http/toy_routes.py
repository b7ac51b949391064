"""Routes as a module writes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from casebase.kernel.http import PublicCaller, VerifiedCaller

router = APIRouter()


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=200)]
    amount: Annotated[Decimal, Field(ge=0, le=1000)] = Decimal(0)
    due: date | None = None

    @field_validator("text")
    @classmethod
    def _no_shouting(cls, value: str) -> str:
        if value.isupper():
            raise ValueError("must not shout")
        return value


@router.post("/notes", status_code=201)
async def add_note(note: Note, caller: PublicCaller) -> Response:
    """Keep a note of anyone."""
    return await caller.rpc("add_note", {"text": note.text}, status_code=201)


@router.post("/echo")
async def echo(note: Note, caller: VerifiedCaller) -> Response:
    """Hand a note back."""
    return await caller.rpc("echo", {"payload": note})


@router.get("/numbers/{count}")
async def list_numbers(count: Annotated[int, Field(ge=0, le=100)], caller: VerifiedCaller) -> Response:
    """List numbers."""
    return await caller.rpc("list_numbers", {"n": count})


@router.get("/words/{word}")
async def echo_word(word: str, caller: VerifiedCaller, other: str = "") -> Response:
    """Hand words back."""
    return await caller.rpc("echo", {"payload": {"word": word, "other": other}})


@router.post("/refusals")
async def refuse(caller: VerifiedCaller) -> Response:
    """Refuse."""
    return await caller.rpc("refuse")


@router.post("/service")
async def for_service(caller: VerifiedCaller) -> Response:
    """Serve the service role only."""
    return await caller.rpc("for_service")


@router.post("/failures")
async def fail(caller: VerifiedCaller) -> Response:
    """Fail with a message that quotes a person."""
    raise RuntimeError("bad value: jane.doe@example.com")
