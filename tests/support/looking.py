"""Looking at a page as people do: on two screens, in both schemes, with axe's eyes and, if asked, with ours."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Page, ViewportSize

from tests.support.requires import program

PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
DESK: Final[ViewportSize] = {"width": 1440, "height": 900}

Look = Callable[[str], Awaitable[None]]


@pytest.fixture
async def looked_at(browser_page: Page, tmp_path: Path) -> Look:
    """Look at the page as it is, under a name; CASEBASE_SCREENSHOTS names the folder that keeps what was seen."""
    shots = Path(os.environ.get("CASEBASE_SCREENSHOTS", tmp_path))
    axe = Path(program("axe")).read_text(encoding="utf-8")
    # The policy of the pages lets no foreign script in: the tester's comes by the debugger.
    session = await browser_page.context.new_cdp_session(browser_page)

    async def look(name: str) -> None:
        await session.send("Runtime.evaluate", {"expression": axe})
        for scheme in ("light", "dark"):
            for screen, size in (("desk", DESK), ("phone", PHONE)):
                await browser_page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                await browser_page.set_viewport_size(size)
                where = f"{name} {screen} {scheme}"
                width = await browser_page.evaluate(
                    "document.documentElement.scrollWidth - window.innerWidth"
                )
                assert width <= 0, where
                await browser_page.screenshot(path=shots / f"{where.replace(' ', '-')}.png", full_page=True)
                found = await browser_page.evaluate("axe.run(document, {resultTypes: ['violations']})")
                bad = [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found["violations"]]
                assert not bad, f"{where}: {json.dumps(bad, indent=1)}"
        await browser_page.set_viewport_size(DESK)

    return look
