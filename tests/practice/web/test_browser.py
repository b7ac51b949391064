"""The web client in a browser: on every screen, read aloud, by keyboard, with answers as they are written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI
from playwright.async_api import Page, Route, expect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casebase.kernel.config import load_settings
from casebase.kernel.db import Principal
from casebase.kernel.runtime import Runtime
from casebase.modules.practice import listening
from casebase.modules.practice.answer_rates import AnswerRateError, AnswerRates
from tests.practice.conftest import MakeSession
from tests.practice.web.conftest import EMAIL, PASSWORD
from tests.support.chat_server import ChatServer, chat_server
from tests.support.looking import DESK, PHONE, Look, looked_at
from tests.support.requires import requires
from tests.support.serving import serving
from tests.support.waiting import PATIENCE_S

__all__ = ["looked_at"]

pytestmark = [requires("chromium"), requires("axe")]


class Cut:
    """Stand in front of an application and end some of its streams after their second event, as a proxy may."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.cuts = 0
        self.resumed_after: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "/messages" not in scope["path"]:
            await self._app(scope, receive, send)
            return
        seen = 0
        if last := dict(scope["headers"]).get(b"last-event-id"):
            self.resumed_after.append(last.rpartition(b":")[2])
            seen = 1 + int(self.resumed_after[-1])
        is_over = False

        async def send_some(message: Message) -> None:
            nonlocal seen, is_over
            if is_over:
                return
            if message["type"] == "http.response.body":
                seen += message["body"].count(b"\n\n")
                if self.cuts and seen >= 2:
                    self.cuts -= 1
                    is_over = True
                    message = {**message, "more_body": False}
            await send(message)

        await self._app(scope, receive, send_some)


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """Where a browser finds the application, behind something that may cut its streams."""
    app.state.cut = Cut(app)
    async with serving(app.state.cut) as found:
        yield found


@pytest.fixture
async def model() -> AsyncIterator[ChatServer]:
    """A model's server on loopback; asked for by a test, the application asks it."""
    async with chat_server() as running:
        yield running


@pytest.fixture
def runtime(request: pytest.FixtureRequest, runtime: Runtime) -> Runtime:
    if "model" not in request.fixturenames:
        return runtime
    model: ChatServer = request.getfixturevalue("model")
    return replace(runtime, settings=load_settings(ai_url=model.url, ai_model="small-one"))


@pytest.fixture
async def page(browser_page: Page, address: str, learner: UUID) -> Page:
    """A page of the learner, who has signed in."""
    await browser_page.set_viewport_size(DESK)
    await browser_page.goto(f"{address}/practice/sign-in")
    await browser_page.fill("[name=email]", EMAIL)
    await browser_page.fill("[name=password]", PASSWORD)
    await browser_page.keyboard.press("Enter")
    await browser_page.wait_for_url("**/practice/")
    return browser_page


async def start(page: Page, title: str = "Marketplace") -> None:
    await page.get_by_role("button", name=f"Start {title}").click()
    await page.wait_for_url("**/practice/sessions/*")


async def say(page: Page, words: str, chat: str = "main") -> None:
    await page.fill(f"#{chat}-content", words)
    await page.press(f"#{chat}-content", "Enter")


async def answered(page: Page) -> None:
    """Wait until nobody writes any more."""
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)


async def test_the_way_in_fits_every_screen_and_reader(
    browser_page: Page, address: str, looked_at: Look
) -> None:
    await browser_page.goto(f"{address}/practice/sign-in")
    await looked_at("sign-in")


class TestWaysInAndOut:
    """Pages of who is nobody yet, or not any more, and of what goes wrong."""

    @pytest.fixture
    def runtime(self, monkeypatch: pytest.MonkeyPatch, runtime: Runtime) -> Runtime:
        monkeypatch.setenv("CASEBASE_PRACTICE_SIGN_UP", "true")
        return runtime

    async def test_sign_up_fits_every_screen_and_reader(
        self, browser_page: Page, address: str, looked_at: Look, learner: UUID
    ) -> None:
        await browser_page.goto(f"{address}/practice/sign-up")
        await looked_at("sign-up")
        await browser_page.fill("[name=email]", EMAIL)
        await browser_page.fill("[name=password]", PASSWORD)
        await browser_page.keyboard.press("Enter")
        await browser_page.get_by_text("There is an account with this e-mail already.").wait_for()
        await looked_at("sign-up-refused")

    async def test_a_refused_sign_in_fits_every_screen_and_reader(
        self, browser_page: Page, address: str, looked_at: Look
    ) -> None:
        await browser_page.goto(f"{address}/practice/sign-in")
        await browser_page.fill("[name=email]", EMAIL)
        await browser_page.fill("[name=password]", PASSWORD)
        await browser_page.keyboard.press("Enter")
        await browser_page.get_by_text("E-mail or password is wrong.").wait_for()
        await looked_at("sign-in-refused")

    async def test_a_goodbye_fits_every_screen_and_reader(
        self, page: Page, address: str, looked_at: Look
    ) -> None:
        await page.goto(f"{address}/practice/account/delete")
        await page.check("[name=is_sure]")
        await page.fill("[name=password]", "nicht das richtige")
        await page.keyboard.press("Enter")
        await page.get_by_text("This is not your password.").wait_for()
        await looked_at("account-delete-refused")
        await page.check("[name=is_sure]")
        await page.fill("[name=password]", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/practice/goodbye")
        await expect(page.get_by_text("Auf Wiedersehen", exact=True)).to_have_attribute("lang", "de")
        await looked_at("goodbye")

    async def test_errors_fit_every_screen_and_reader(
        self,
        page: Page,
        address: str,
        away: FastAPI,
        looked_at: Look,
        learner: UUID,
        make_session: MakeSession,
    ) -> None:
        long_ago = datetime.now(UTC) - timedelta(days=8)
        expired = await make_session(
            Principal("authenticated", sub=learner), started_at=long_ago, last_activity_at=long_ago
        )
        for name, path, heading in (
            ("not-there", "nowhere", "Nothing here"),
            ("expired", f"sessions/{expired}", "Not any more"),
        ):
            await page.goto(f"{address}/practice/{path}")
            await page.get_by_role("heading", name=heading).wait_for()
            await looked_at(f"problem-{name}")
        async with serving(away) as elsewhere:
            await page.goto(f"{elsewhere}/practice/history")
            await page.get_by_role("heading", name="Back in a moment").wait_for()
            await looked_at("problem-away")
        await page.context.clear_cookies()
        await page.goto(f"{address}/practice/nowhere")
        await page.get_by_role("heading", name="Nothing here").wait_for()
        await looked_at("problem-of-nobody")


async def test_pages_fit_every_screen_and_reader(
    page: Page, address: str, looked_at: Look, learner: UUID, make_session: MakeSession
) -> None:
    await expect(page.get_by_text("Willkommen!")).to_have_attribute("lang", "de")
    await looked_at("home")
    await start(page)
    await looked_at("session-new")
    await say(page, "Guten Tag! Ich hätte gern ein Kilo Äpfel und fünf Tomaten. Was kostet das?")
    await page.locator(".chat-main .message:nth-child(3)").wait_for()
    await say(page, "What does 'hätte gern' mean?", "helper")
    await page.locator(".chat-helper .message:nth-child(3)").wait_for()
    await answered(page)
    await looked_at("session")
    await page.set_viewport_size(PHONE)
    await page.get_by_role("link", name="Helper").click()
    await looked_at("session-helper")
    for name in ("Abandon", "Finish"):
        await page.get_by_role("link", name=name).click()
        await looked_at(name.lower())
        await page.get_by_role("link", name="Go on talking").click()
    await page.goto(f"{address}/practice/")
    await looked_at("home-open")
    await page.get_by_role("link", name="Carry on").click()
    await page.get_by_role("link", name="Finish").click()
    await page.get_by_role("button", name="Finish it").click()
    await page.wait_for_url("**?done=1")
    await looked_at("done")
    for scenario in (2, 3):
        person = Principal("authenticated", sub=learner)
        await make_session(person, main=21, helper=6, scenario_id=scenario, is_completed=True)
    await page.goto(f"{address}/practice/")
    await looked_at("home-spent")
    for name in ("history", "account", "account/delete"):
        await page.goto(f"{address}/practice/{name}")
        await looked_at(name.replace("/", "-"))


async def test_nothing_yet(page: Page, address: str, looked_at: Look) -> None:
    await page.goto(f"{address}/practice/history")
    await looked_at("history-empty")


def speaks_in_two(model: ChatServer, first: str, rest: str) -> asyncio.Event:
    """Let the model say ``first``, if anything, and the ``rest`` once the event is set."""
    goes_on = asyncio.Event()

    async def speak(_: Any) -> AsyncIterator[str]:
        if first:
            yield first
        await goes_on.wait()
        yield rest

    model.streams(speak)
    return goes_on


async def test_an_answer_is_written_as_it_comes(
    page: Page, model: ChatServer, owner: asyncpg.Connection
) -> None:
    goes_on = speaks_in_two(model, "Guten Tag! Die Äpfel ", "kosten zwei Euro.")
    await start(page)
    await say(page, "Was kosten die Äpfel?")
    answer = page.locator(".chat-main .message:nth-child(3) .bubble")
    await expect(answer).to_have_text("Guten Tag! Die Äpfel ")
    # Who hears the page hears whole sentences, while the rest is written; the other chat stays free.
    await expect(page.locator("#said")).to_have_text("Partner: Guten Tag!")
    await expect(page.locator(".chat-main .messages")).to_have_attribute("aria-busy", "true")
    await expect(page.locator("#main-content")).to_be_focused()
    await expect(page.locator("#main-content")).to_have_value("")
    goes_on.set()
    await answered(page)
    await expect(answer).to_have_text("Guten Tag! Die Äpfel kosten zwei Euro.")
    await expect(page.locator("#said")).to_have_text("Partner: Guten Tag!Die Äpfel kosten zwei Euro.")
    await expect(page.locator("#progress-text")).to_have_text("3 of about 20 messages")
    kept = await owner.fetchval(
        "select content from public.messages where role = 'scenario' and content ~ 'Euro'"
    )
    assert kept == "Guten Tag! Die Äpfel kosten zwei Euro."


async def test_who_hears_the_page_hears_the_last_answer_alone(page: Page, model: ChatServer) -> None:
    await start(page)
    for answer in ("Zwei Euro.", "Drei Euro."):
        model.streams_pieces(answer)
        await say(page, "Was kostet das?")
        await answered(page)
        await expect(page.locator("#said")).to_have_text(f"Partner: {answer}")


@pytest.mark.parametrize("screen", [{"width": 1440, "height": 844}, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("chat", ["main", "helper"])
async def test_without_a_script_the_answer_is_in_sight(
    page: Page, address: str, learner: UUID, make_session: MakeSession, screen: dict[str, int], chat: str
) -> None:
    session_id = await make_session(Principal("authenticated", sub=learner), main=25, helper=24)
    assert page.context.browser
    # Its own context, as a page's script is turned off with its first.
    context = await page.context.browser.new_context(
        java_script_enabled=False,
        viewport=screen,  # type: ignore[arg-type]
        storage_state=await page.context.storage_state(),
    )
    plain = await context.new_page()
    await plain.goto(f"{address}/practice/sessions/{session_id}?chat={chat}")
    await plain.fill(f"#{chat}-content", "Was bedeutet das?")
    await plain.locator(f".chat-{chat} .send").click()
    await expect(plain.locator(f".chat-{chat} .message")).to_have_count(27 if chat == "main" else 26)
    await expect(plain.locator(f".chat-{chat} .message").last).to_be_in_viewport(ratio=1)
    # So on the page that refuses.
    await plain.fill(f"#{chat}-content", "   ")
    await plain.locator(f".chat-{chat} .send").click()
    await expect(plain.locator(f".chat-{chat} .trouble")).to_contain_text("Write something")
    await expect(plain.locator(f".chat-{chat} .message").last).to_be_in_viewport(ratio=1)
    await context.close()


async def test_an_answer_that_is_cut_off_goes_on_where_it_was(
    page: Page, app: FastAPI, model: ChatServer
) -> None:
    goes_on = speaks_in_two(model, "Eins, ", "zwei, drei.")
    await start(page)
    app.state.cut.cuts = 2
    await say(page, "Zähl bitte.")
    await expect(page.locator(".chat-main .remark")).to_have_text("The connection is lost, trying again …")
    goes_on.set()
    await answered(page)
    await expect(page.locator(".chat-main .message:nth-child(3) .bubble")).to_have_text("Eins, zwei, drei.")
    await expect(page.locator(".chat-main .message")).to_have_count(3)
    assert app.state.cut.cuts == 0
    assert app.state.cut.resumed_after == [b"1", b"2"]


async def test_who_reloads_the_page_hears_the_rest(page: Page, model: ChatServer) -> None:
    goes_on = speaks_in_two(model, "Eins, ", "zwei, drei.")
    await start(page)
    await say(page, "Zähl bitte.")
    answer = page.locator(".chat-main .message:nth-child(3) .bubble")
    await expect(answer).to_have_text("Eins, ")
    await page.reload()
    await expect(answer).to_have_text("Eins, ")
    goes_on.set()
    await answered(page)
    await expect(answer).to_have_text("Eins, zwei, drei.")


async def test_what_got_no_answer_is_asked_again_in_place(page: Page, model: ChatServer) -> None:
    model.streams_pieces()
    await start(page)
    await say(page, "Was kostet das?")
    again = page.locator(".chat-main .trouble").get_by_role("button", name="Ask again")
    await again.wait_for()
    model.streams_pieces("Zwei Euro.")
    await again.click()
    await expect(page.locator(".chat-main .message:nth-child(3) .bubble")).to_have_text("Zwei Euro.")
    await expect(page.locator(".chat-main .trouble")).to_be_empty()


async def test_what_is_kept_but_not_told_here_is_not_said_twice(
    page: Page, model: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.streams_pieces("Zwei Euro.")
    await start(page)
    assert page.context.browser
    # Its own context, whose console may tell of the refusal.
    context = await page.context.browser.new_context(storage_state=await page.context.storage_state())
    tab = await context.new_page()
    await tab.goto(page.url)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(listening, "MAX_STREAMS", 0)
        await say(tab, "Was kostet das?")
        again = tab.locator(".chat-main .trouble").get_by_role("button", name="Ask again")
        await again.wait_for()
    await again.click()
    await expect(tab.locator(".chat-main .message:nth-child(3) .bubble")).to_have_text("Zwei Euro.")
    await expect(tab.locator("#main-content")).to_have_value("")
    assert len(model.asked) == 1
    await context.close()


async def test_who_asks_again_too_often_says_nothing_twice(
    page: Page, model: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refusal(*_: object) -> AnswerRateError:
        return AnswerRateError(retry_after=5)

    model.streams_pieces()
    await start(page)
    assert page.context.browser
    # Its own context, whose console may tell of the refusal.
    context = await page.context.browser.new_context(storage_state=await page.context.storage_state())
    tab = await context.new_page()
    await tab.goto(page.url)
    await say(tab, "Was kostet das?")
    trouble = tab.locator(".chat-main .trouble")
    await trouble.get_by_role("button", name="Ask again").wait_for()
    model.streams_pieces("Zwei Euro.")
    with monkeypatch.context() as busy:
        busy.setattr(AnswerRates, "refusal", refusal)
        await trouble.get_by_role("button", name="Ask again").click()
        await expect(trouble).to_contain_text("That was a lot")
    await expect(tab.locator("#main-content")).to_have_value("")
    await trouble.get_by_role("button", name="Ask again").click()
    await expect(tab.locator(".chat-main .message:nth-child(3) .bubble")).to_have_text("Zwei Euro.")
    await context.close()


def abort_repeats() -> Callable[[Route], Awaitable[None]]:
    """Let the first request through, and none after it."""
    requests = count()

    async def handle(route: Route) -> None:
        await (route.abort() if next(requests) else route.continue_())

    return handle


async def test_who_was_away_for_long_asks_for_the_whole_answer_again(
    page: Page, app: FastAPI, model: ChatServer
) -> None:
    goes_on = speaks_in_two(model, "Eins, ", "zwei, drei.")
    await start(page)
    assert page.context.browser
    # Its own context, whose console tells that nothing is reached.
    context = await page.context.browser.new_context(storage_state=await page.context.storage_state())
    tab = await context.new_page()
    await tab.clock.install()
    await tab.goto(page.url)
    app.state.cut.cuts = 1
    await tab.route("**/messages", abort_repeats())
    await say(tab, "Zähl bitte.")
    again = tab.locator(".chat-main .trouble").get_by_role("button", name="Ask again")
    async with asyncio.timeout(PATIENCE_S):
        while not await again.is_visible():
            await tab.clock.run_for(1000)
    await tab.unroute("**/messages")
    goes_on.set()
    await again.click()
    await expect(tab.locator(".chat-main .message:nth-child(3) .bubble")).to_have_text("Eins, zwei, drei.")
    await expect(tab.locator(".chat-main .message")).to_have_count(3)
    await context.close()


async def test_at_its_end_the_chat_leads_to_the_finish(
    page: Page, address: str, learner: UUID, make_session: MakeSession, model: ChatServer
) -> None:
    model.streams_pieces("Auf Wiedersehen!")
    session_id = await make_session(Principal("authenticated", sub=learner), main=27)
    await page.goto(f"{address}/practice/sessions/{session_id}")
    await say(page, "Auf Wiedersehen!")
    await expect(page.locator("#ending")).to_contain_text("Finish it, and it counts.")
    await expect(page.locator("#main-content")).to_have_count(0)
    await expect(page.locator("#finish")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Finish it").click()
    await page.get_by_role("heading", name="Gut gemacht!").wait_for()


async def test_on_a_phone_one_chat_is_shown_and_the_other_tells_its_news(
    page: Page, model: ChatServer
) -> None:
    goes_on = speaks_in_two(model, "", "Zwei Euro.")
    await start(page)
    await page.set_viewport_size(PHONE)
    await expect(page.locator(".chat-helper")).to_be_hidden()
    await say(page, "Was kostet das?")
    await page.get_by_role("link", name="Helper").click()
    await expect(page.locator(".chat-helper")).to_be_visible()
    await expect(page.locator(".chat-main")).to_be_hidden()
    goes_on.set()
    tab = page.get_by_role("link", name="Conversation")
    await expect(tab).to_have_class("has-news")
    await tab.click()
    await expect(tab).not_to_have_class("has-news")
    await expect(page.get_by_text("Zwei Euro.").first).to_be_visible()


async def test_everything_is_reached_by_keyboard(page: Page, model: ChatServer) -> None:
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Start Marketplace")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/practice/sessions/*")
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == "main-content":
            break
    model.streams_pieces("Gern.")
    await page.keyboard.type("Ein Brot")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("und Butter, bitte.")
    await page.keyboard.press("Enter")
    await expect(page.locator(".chat-main .message:nth-child(3)")).to_contain_text("Gern.")
    assert await page.locator(".chat-main .is-mine .bubble").inner_text() == "Ein Brot\nund Butter, bitte."


async def test_it_works_without_a_script(browser_page: Page, address: str, learner: UUID) -> None:
    browser = browser_page.context.browser
    assert browser is not None
    context = await browser.new_context(java_script_enabled=False, viewport=PHONE)
    try:
        page = await context.new_page()
        await page.goto(f"{address}/practice/sign-in")
        await page.fill("[name=email]", EMAIL)
        await page.fill("[name=password]", PASSWORD)
        await page.click("button")
        await start(page, "Party")
        await page.fill("#main-content", "Ich bin Anna. Ich kenne Jonas aus der Schule.")
        await page.get_by_role("button", name="Send to the partner").click()
        await expect(page.locator(".chat-main .message")).to_have_count(3)
        await page.get_by_role("link", name="Helper").click()
        await page.fill("#helper-content", "What does kennen mean?")
        await page.get_by_role("button", name="Send to the helper").click()
        await expect(page.locator(".chat-helper .message:visible")).to_have_count(3)
        await page.get_by_role("link", name="Finish").click()
        await page.get_by_role("button", name="Finish it").click()
        await page.get_by_role("heading", name="Gut gemacht!").wait_for()
    finally:
        await context.close()


async def test_times_are_those_of_the_reader(
    browser_page: Page, address: str, learner: UUID, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    browser = browser_page.context.browser
    assert browser is not None
    context = await browser.new_context(timezone_id="Asia/Tokyo", reduced_motion="reduce")
    try:
        page = await context.new_page()
        await page.goto(f"{address}/practice/sign-in")
        await page.fill("[name=email]", EMAIL)
        await page.fill("[name=password]", PASSWORD)
        await page.keyboard.press("Enter")
        # Monday, 00:00 UTC, is Monday morning in Tokyo.
        await expect(page.locator(".allowance time")).to_contain_text("Monday")
        await expect(page.locator(".allowance time")).to_contain_text("09:00")
    finally:
        await context.close()
