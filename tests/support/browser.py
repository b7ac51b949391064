"""A page in Debian's Chromium, in a fresh profile, that fails its test on any console error."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright

from tests.support.requires import program

_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_REFUSED = "Failed to load resource: the server responded with a status of"


@pytest.fixture
async def browser_page() -> AsyncIterator[Page]:
    """An empty page; what the browser logs as an error, a refused script or style included, fails the test."""
    errors: list[str] = []
    logged: list[tuple[str, str]] = []
    pages: set[str] = set()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program("chromium"), args=list(_ARGUMENTS))
        try:
            page = await browser.new_page()
            page.on("request", lambda asked: pages.add(asked.url) if asked.is_navigation_request() else None)
            page.on(
                "console",
                lambda message: (
                    logged.append((message.text, message.location["url"]))
                    if message.type == "error"
                    else None
                ),
            )
            page.on("pageerror", lambda error: errors.append(str(error)))
            yield page
        finally:
            await browser.close()
    # That a page itself is a refusal, its test knows.
    errors += [text for text, url in logged if not (text.startswith(_REFUSED) and url in pages)]
    assert not errors, errors
