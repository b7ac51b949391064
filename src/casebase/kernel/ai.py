"""A chat model on any server that speaks OpenAI's protocol: ``CASEBASE_AI_URL``, needs ``casebase[ai]``.

Neither what is asked nor what is answered is logged, nor the key.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import httpx
from pydantic import SecretStr

from casebase.kernel.addresses import is_private_on_the_way
from casebase.kernel.config import Settings
from casebase.kernel.errors import CasebaseError, ConfigurationError, DependencyUnavailableError

_MAX_CHARACTERS: Final = 100_000
_ATTEMPTS: Final = 3
_BACKOFF_S: Final = 0.5
_MAX_BACKOFF_S: Final = 8.0


class AiUnavailableError(DependencyUnavailableError):
    """The chat model does not answer right now."""

    code = "ai_unavailable"


class AiTimeoutError(AiUnavailableError):
    """The chat model takes too long."""

    code = "ai_timeout"


class AiRefusedError(CasebaseError):
    """The chat model's server refuses what it is asked, or answers without a text."""

    code = "ai_refused"
    status = 502


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said, and what the server calls it."""

    text: str
    model: str


@dataclass(frozen=True, slots=True)
class Retry:
    """A request that failed before its first piece and is made again: the ``attempt`` that failed, and the wait."""

    attempt: int
    error: AiUnavailableError
    wait_s: float


@dataclass(frozen=True, slots=True)
class ChatModel:
    """One model of one server. It holds no connection: an answer takes seconds, a connection milliseconds."""

    url: str
    name: str
    key: SecretStr | None = None
    timeout_s: float = 60.0

    async def ask(self, instructions: str, material: str) -> Answer:
        """Answer by ``instructions`` about ``material``, which is data: it goes in a message of its own.

        One request, as whoever asks from a job is tried again anyway. Raises ``AiUnavailableError`` for what may pass
        (no connection, 429, 5xx; ``AiTimeoutError``: too slow), else ``AiRefusedError``; neither quotes the server.
        """
        messages = [{"role": "system", "content": instructions}, {"role": "user", "content": material}]
        async with self._client() as client, asyncio.timeout(self.timeout_s):
            # A deadline of ours: the client's is per read, and a server could drip its answer for ever.
            reply = await client.chat.completions.create(model=self.name, messages=messages)
        return Answer(_text(reply), self.name)

    async def stream(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        attempts: int = _ATTEMPTS,
        on_retry: Callable[[Retry], None] = lambda _: None,
    ) -> AsyncGenerator[str, None]:
        """Yield an answer to ``messages`` ({role, content}) as it comes, in pieces that are not empty.

        What may pass is tried again, after growing waits, as long as nothing was yielded; ``on_retry`` is told of it.
        ``timeout_s`` is for all of it together. Raises as ``ask`` does, also when an answer breaks off.
        """
        deadline = asyncio.get_running_loop().time() + self.timeout_s
        for attempt in range(1, attempts + 1):
            has_begun = False
            try:
                async with aclosing(self._pieces(messages, deadline)) as pieces:
                    async for piece in pieces:
                        has_begun = True
                        yield piece
                return
            except AiUnavailableError as error:
                # A quarter of it random, so that those who failed together come back apart.
                wait_s = min(_BACKOFF_S * 2 ** (attempt - 1), _MAX_BACKOFF_S) * random.uniform(0.75, 1)  # noqa: S311
                is_late = asyncio.get_running_loop().time() + wait_s >= deadline
                if has_begun or is_late or attempt == attempts:
                    raise
                on_retry(Retry(attempt, error, wait_s))
            await asyncio.sleep(wait_s)

    def require_client(self) -> None:
        """Raise ``ConfigurationError`` where no client is installed; else load it, which takes a second."""
        _openai()

    async def _pieces(
        self, messages: Sequence[Mapping[str, str]], deadline: float
    ) -> AsyncGenerator[str, None]:
        has_ended = False
        async with self._client() as client, AsyncExitStack() as opened:
            # Each wait by itself: a deadline around a yield would strike whoever is reading.
            async with asyncio.timeout_at(deadline):
                # Its events are read here: a model of each would take the client a millisecond.
                response = await opened.enter_async_context(
                    client.chat.completions.with_streaming_response.create(
                        model=self.name, messages=list(messages), stream=True
                    )
                )
            events = await opened.enter_async_context(aclosing(_events(response)))
            while True:
                async with asyncio.timeout_at(deadline):
                    event = await anext(events, None)
                if event is None:
                    break
                text, reason = _delta(event)
                if text:
                    yield text
                if reason == "length":
                    raise AiRefusedError(detail={"reason": "length"})
                has_ended = has_ended or reason is not None
        if not has_ended:
            raise AiUnavailableError(detail={"reason": "cut_short"})

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[Any]:
        """Lend a client; what it raises becomes one of ours."""
        openai = _openai()
        try:
            async with (
                # The key and the case go to the address that is set, and to no other: neither where a redirect leads
                # nor by way of a proxy that happens to be in the environment.
                httpx.AsyncClient(
                    timeout=self.timeout_s, follow_redirects=False, trust_env=False, verify=_tls()
                ) as http,
                openai.AsyncOpenAI(
                    base_url=self.url,
                    # Servers of one's own need none, but the client insists on sending one.
                    api_key=self.key.get_secret_value() if self.key else "none",
                    max_retries=0,
                    http_client=http,
                ) as client,
            ):
                yield client
        except (TimeoutError, openai.APITimeoutError, httpx.TimeoutException) as error:
            raise AiTimeoutError(detail={"reason": type(error).__name__}) from None
        except (openai.APIConnectionError, httpx.HTTPError) as error:
            raise AiUnavailableError(detail={"reason": type(error).__name__}) from None
        except openai.APIStatusError as error:
            passes = error.status_code in (408, 409, 429) or error.status_code >= 500
            refusal = AiUnavailableError if passes else AiRefusedError
            raise refusal(detail={"status": error.status_code}) from None
        except (openai.OpenAIError, ValueError, RecursionError) as error:
            raise AiRefusedError(detail={"reason": type(error).__name__}) from None


def chat_model(settings: Settings) -> ChatModel | None:
    """Return the model that the settings name, or ``None`` without one.

    Raises ``ConfigurationError`` where no model is named, or where the address is plain HTTP to another machine.
    """
    if settings.ai_url is None:
        return None
    if not is_private_on_the_way(settings.ai_url):
        raise ConfigurationError(
            "CASEBASE_AI_URL must be https: a case and a key go there.",
            hint="http: serves the loopback address only.",
        )
    if settings.ai_model is None:
        raise ConfigurationError("CASEBASE_AI_URL is set, but no model.", hint="Set CASEBASE_AI_MODEL.")
    return ChatModel(settings.ai_url, settings.ai_model, settings.ai_key, settings.ai_timeout_s)


def _text(reply: Any) -> str:
    # A server that is merely compatible may answer any JSON at all.
    try:
        text = reply.choices[0].message.content
    except (AttributeError, IndexError, TypeError):
        text = None
    if not isinstance(text, str) or not text.strip():
        raise AiRefusedError(detail={"reason": "no_text"})
    return text.strip()[:_MAX_CHARACTERS]


async def _events(response: Any) -> AsyncGenerator[Any, None]:
    """Yield the documents of a stream of server-sent events until it says that it is done."""
    waiting = b""
    async for piece in response.iter_bytes():
        *lines, waiting = (waiting + piece).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                data = line.removeprefix(b"data:").strip()
                if data == b"[DONE]":
                    return
                yield json.loads(data)
        if len(waiting) > _MAX_CHARACTERS:
            raise AiRefusedError(detail={"reason": "no_events"})


def _delta(event: Any) -> tuple[str, str | None]:
    """Return the text of an event of a stream, and why the answer ends with it; usage and the like have neither."""
    try:
        choices = event["choices"]
        if not choices:
            return "", None
        text, reason = choices[0]["delta"].get("content"), choices[0].get("finish_reason")
    except (AttributeError, IndexError, KeyError, TypeError):
        raise AiRefusedError(detail={"reason": "no_text"}) from None
    return text if isinstance(text, str) else "", reason if isinstance(reason, str) else None


@cache
def _tls() -> ssl.SSLContext:
    # Reading all the world's certificates takes longer than a connection does.
    return httpx.create_ssl_context(trust_env=False)


def _openai() -> Any:
    try:
        import openai
    except ImportError as error:
        raise ConfigurationError(
            "CASEBASE_AI_URL is set, but no client for it is installed.", hint="pip install 'casebase[ai]'"
        ) from error
    # At level debug it logs the bodies of its requests.
    logging.getLogger("openai").setLevel(logging.WARNING)
    return openai
