"""A chat model on any server that speaks OpenAI's protocol: ``CASEBASE_AI_URL``, needs ``casebase[ai]``.

Neither what is asked nor what is answered is logged, nor the key.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from casebase.kernel.addresses import is_private_on_the_way
from casebase.kernel.config import Settings
from casebase.kernel.errors import CasebaseError, ConfigurationError, DependencyUnavailableError

_MAX_CHARACTERS = 100_000


class AiUnavailableError(DependencyUnavailableError):
    """The chat model does not answer right now."""

    code = "ai_unavailable"


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
class ChatModel:
    """One model of one server. It holds no connection: an answer takes seconds, a connection milliseconds."""

    url: str
    name: str
    key: SecretStr | None = None
    timeout_s: float = 60.0

    async def ask(self, instructions: str, material: str) -> Answer:
        """Answer by ``instructions`` about ``material``, which is data: it goes in a message of its own.

        One request, as whoever asks from a job is tried again anyway. Raises ``AiUnavailableError`` for what may pass
        (no connection, too slow, 429, 5xx), else ``AiRefusedError``; neither quotes the server.
        """
        openai = _openai()
        try:
            # A deadline of ours: the client's is per read, and a server could drip its answer for ever.
            async with (
                asyncio.timeout(self.timeout_s),
                # The key and the case go to the address that is set, and to no other: neither where a redirect leads
                # nor by way of a proxy that happens to be in the environment.
                httpx.AsyncClient(timeout=self.timeout_s, follow_redirects=False, trust_env=False) as http,
                openai.AsyncOpenAI(
                    base_url=self.url,
                    # Servers of one's own need none, but the client insists on sending one.
                    api_key=self.key.get_secret_value() if self.key else "none",
                    max_retries=0,
                    http_client=http,
                ) as client,
            ):
                reply = await client.chat.completions.create(
                    model=self.name,
                    messages=[
                        {"role": "system", "content": instructions},
                        {"role": "user", "content": material},
                    ],
                )
        except (TimeoutError, openai.APIConnectionError) as error:
            raise AiUnavailableError(detail={"reason": type(error).__name__}) from None
        except openai.APIStatusError as error:
            passes = error.status_code in (408, 409, 429) or error.status_code >= 500
            refusal = AiUnavailableError if passes else AiRefusedError
            raise refusal(detail={"status": error.status_code}) from None
        except (openai.OpenAIError, ValueError) as error:
            raise AiRefusedError(detail={"reason": type(error).__name__}) from None
        return Answer(_text(reply), self.name)


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
