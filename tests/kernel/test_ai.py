"""A chat model is asked over the real protocol, and every way it can fail has a code and no words of the server."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import ClassVar

import pytest
from pydantic import SecretStr

from casebase.kernel import ai
from casebase.kernel.ai import (
    AiRefusedError,
    AiTimeoutError,
    AiUnavailableError,
    ChatModel,
    Retry,
    chat_model,
)
from casebase.kernel.config import load_settings
from casebase.kernel.errors import CasebaseError, ConfigurationError
from tests.support.chat_server import ChatServer, chat_server

KEY = "key-of-the-tests-7391"
SECRET_TEXT = "The debtor banks at the corner of Ninth"


@pytest.fixture
async def server() -> AsyncIterator[ChatServer]:
    async with chat_server() as running:
        yield running


def model_at(url: str, timeout_s: float = 30) -> ChatModel:
    return ChatModel(url, "small-one", SecretStr(KEY), timeout_s)


async def test_asks_with_the_key_and_returns_the_text(server: ChatServer) -> None:
    server.says("  Two levies were filed [1].\n")
    answer = await model_at(server.url).ask("Summarise.", SECRET_TEXT)
    assert (answer.text, answer.model) == ("Two levies were filed [1].", "small-one")
    [request] = server.hook.received
    assert request.target == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.json == {
        "model": "small-one",
        "messages": [
            {"role": "system", "content": "Summarise."},
            {"role": "user", "content": SECRET_TEXT},
        ],
    }


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (400, AiRefusedError),
        (401, AiRefusedError),
        (404, AiRefusedError),
        (429, AiUnavailableError),
        (500, AiUnavailableError),
        (503, AiUnavailableError),
    ],
)
async def test_a_refusal_is_told_by_its_status_alone(
    server: ChatServer, status: int, refusal: type[CasebaseError]
) -> None:
    server.hook.answer = lambda _: status
    server.hook.body = lambda _: f'{{"error": {{"message": "{SECRET_TEXT}"}}}}'.encode()
    with pytest.raises(refusal) as caught:
        await model_at(server.url).ask("Summarise.", SECRET_TEXT)
    assert caught.value.detail == {"status": status}
    assert SECRET_TEXT not in str(caught.value)
    assert len(server.hook.received) == 1, "a job is tried again, the client need not"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"<html>", b'{"choices": []}', b'{"choices": [{"message": {"content": " "}}]}'],
    ids=["empty", "list", "object", "page", "no choice", "blank"],
)
async def test_an_answer_without_a_text_is_refused(server: ChatServer, body: bytes) -> None:
    server.hook.body = lambda _: body
    with pytest.raises(AiRefusedError):
        await model_at(server.url).ask("Summarise.", SECRET_TEXT)


async def test_a_server_that_does_not_answer_is_given_up(server: ChatServer) -> None:
    server.hook.answer = lambda _: None
    with pytest.raises(AiUnavailableError):
        await model_at(server.url, timeout_s=0.2).ask("Summarise.", SECRET_TEXT)


async def test_no_server_at_all_is_unavailable() -> None:
    async with chat_server() as gone:
        url = gone.url
    with pytest.raises(AiUnavailableError):
        await model_at(url).ask("Summarise.", SECRET_TEXT)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(server: ChatServer, status: int) -> None:
    async with chat_server() as elsewhere:
        server.hook.headers["location"] = f"{elsewhere.url}/chat/completions"
        server.hook.answer = lambda _: status
        with pytest.raises(AiRefusedError) as caught:
            await model_at(server.url).ask("Summarise.", SECRET_TEXT)
        assert caught.value.detail == {"status": status}
        assert elsewhere.hook.received == []


async def test_no_proxy_of_the_environment_is_told(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.says("Noted.")
    async with chat_server() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.hook.port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        await model_at(server.url).ask("Summarise.", SECRET_TEXT)
        assert (len(server.hook.received), proxy.hook.received) == (1, [])


async def test_neither_key_nor_text_is_logged(server: ChatServer, caplog: pytest.LogCaptureFixture) -> None:
    server.says("An answer nobody should read in a log")
    with caplog.at_level(logging.DEBUG):
        await model_at(server.url).ask("Summarise.", SECRET_TEXT)
    for secret in (KEY, SECRET_TEXT, "An answer nobody"):
        assert secret not in caplog.text


class TestStream:
    """An answer piece by piece, over the real protocol."""

    MESSAGES: ClassVar = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": SECRET_TEXT},
    ]

    @pytest.fixture(autouse=True)
    def quick_retries(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ai, "_BACKOFF_S", 0.01)

    async def heard(self, model: ChatModel, retries: list[Retry] | None = None) -> list[str]:
        told = [] if retries is None else retries
        return [piece async for piece in model.stream(self.MESSAGES, on_retry=told.append)]

    async def test_yields_pieces_as_they_come(self, server: ChatServer) -> None:
        server.streams_pieces("Two ", "", "levies.")
        assert await self.heard(model_at(server.url)) == ["Two ", "levies."]
        [request] = server.hook.received
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert request.json == {"model": "small-one", "messages": self.MESSAGES, "stream": True}

    async def test_tries_again_what_may_pass(self, server: ChatServer) -> None:
        server.streams_pieces("Yes.")
        server.hook.answer = lambda _: 503 if len(server.hook.received) < 3 else 200
        retries: list[Retry] = []
        assert await self.heard(model_at(server.url), retries) == ["Yes."]
        assert [(retry.attempt, retry.error.detail) for retry in retries] == [
            (1, {"status": 503}),
            (2, {"status": 503}),
        ]
        assert retries[1].wait_s > retries[0].wait_s

    async def test_gives_up_after_three(self, server: ChatServer) -> None:
        server.hook.answer = lambda _: 429
        with pytest.raises(AiUnavailableError):
            await self.heard(model_at(server.url))
        assert len(server.hook.received) == 3

    async def test_does_not_begin_anew_what_broke_off(self, server: ChatServer) -> None:
        async def say(_: object) -> AsyncIterator[str]:
            yield "Two lev"

        server.streams(say, finish=None)
        pieces = model_at(server.url).stream(self.MESSAGES)
        assert await anext(pieces) == "Two lev"
        with pytest.raises(AiUnavailableError) as caught:
            await anext(pieces)
        assert caught.value.detail == {"reason": "cut_short"}
        assert len(server.hook.received) == 1

    async def test_a_silent_server_is_given_up_once(self, server: ChatServer) -> None:
        server.hook.answer = lambda _: None
        with pytest.raises(AiTimeoutError):
            await self.heard(model_at(server.url, timeout_s=0.2))
        assert len(server.hook.received) == 1, "no time is left to ask again"

    async def test_no_redirect_is_followed(self, server: ChatServer) -> None:
        async with chat_server() as elsewhere:
            server.hook.headers["location"] = f"{elsewhere.url}/chat/completions"
            server.hook.answer = lambda _: 307
            with pytest.raises(AiRefusedError):
                await self.heard(model_at(server.url))
            assert elsewhere.hook.received == []


class TestSettings:
    def test_no_address_is_no_model(self) -> None:
        assert chat_model(load_settings()) is None

    def test_an_address_needs_a_model(self) -> None:
        with pytest.raises(ConfigurationError, match="no model"):
            chat_model(load_settings(ai_url="http://127.0.0.1:9/v1"))

    @pytest.mark.parametrize(
        "url",
        [
            "http://models.example/v1",
            "http://192.0.2.7:8000/v1",
            "http://localhost.example/v1",
            "ftp://127.0.0.1/v1",
            "127.0.0.1:9/v1",
            "http://[/v1",
        ],
    )
    def test_a_key_and_a_case_do_not_travel_in_clear(self, url: str) -> None:
        with pytest.raises(ConfigurationError, match="CASEBASE_AI_URL") as refused:
            chat_model(load_settings(ai_url=url, ai_model="m"))
        assert url not in str(refused.value)

    @pytest.mark.parametrize(
        "url",
        ["https://models.example/v1", "http://127.0.0.1:9/v1", "http://localhost:9/v1", "http://[::1]:9/v1"],
    )
    def test_what_is_encrypted_or_stays_on_the_machine_may(self, url: str) -> None:
        model = chat_model(load_settings(ai_url=url, ai_model="m"))
        assert model is not None
        assert model.url == url

    def test_the_key_is_not_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {"URL": "http://127.0.0.1:9/v1", "MODEL": "m", "KEY": KEY}.items():
            monkeypatch.setenv(f"CASEBASE_AI_{name}", value)
        settings = load_settings()
        assert KEY not in repr(settings) + repr(chat_model(settings))
