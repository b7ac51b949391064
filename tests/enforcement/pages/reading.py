"""What a person reads on a page, and what its form would send."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx

from tests.console.conftest import form_token

ROOT = "/console/enforcement"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def text_of(html: str) -> str:
    """The text of the main part: no tags, no attributes."""
    body = html.split("<main", 1)[1].split("</main>", 1)[0].replace("<wbr>", "")
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


async def read(client: httpx.AsyncClient, path: str) -> str:
    """The text of a page that is there."""
    response = await client.get(f"{ROOT}{path}")
    assert response.status_code == 200, text_of(response.text)
    return text_of(response.text)


async def submit(client: httpx.AsyncClient, path: str, *, files: Any = None, **fields: Any) -> httpx.Response:
    """Open a form and send it with these fields beside its hidden ones."""
    page = await client.get(f"{ROOT}{path}")
    assert page.status_code == 200, text_of(page.text)
    hidden = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text.split("<main", 1)[1])
    )
    hidden["csrf_token"] = form_token(page.text)
    return await client.post(f"{ROOT}{path}", data={**hidden, **fields}, files=files)
