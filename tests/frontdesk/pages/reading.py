"""What a person reads on a page, and what its forms would send."""

from __future__ import annotations

from typing import Any

import httpx

from tests.console.conftest import form_token
from tests.enforcement.pages.reading import text_of
from tests.frontdesk.pages.conftest import ROOT


async def read(client: httpx.AsyncClient, path: str) -> str:
    """The text of a page that is there."""
    response = await client.get(f"{ROOT}/{path}")
    assert response.status_code == 200, text_of(response.text)
    return text_of(response.text)


async def submit(client: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    """Send a form to a path."""
    token = form_token((await client.get(f"{ROOT}/calendar")).text)
    return await client.post(f"{ROOT}/{path}", data={"csrf_token": token, **fields})


async def followed(client: httpx.AsyncClient, answer: httpx.Response) -> str:
    """The text of the page that an answer leads to."""
    assert answer.status_code == 303, text_of(answer.text)
    return text_of((await client.get(answer.headers["location"])).text)
