"""A loopback server that speaks the chat protocol of OpenAI-compatible servers; its model says what the test wants."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from tests.support.receiver import Received, Receiver, receiver


@dataclass(frozen=True)
class ChatServer:
    """The server; ``hook.answer`` and ``hook.body`` make it fail."""

    hook: Receiver

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.hook.port}/v1"

    @property
    def asked(self) -> list[Any]:
        """The bodies of the requests so far."""
        return [request.json for request in self.hook.received]

    def says(self, text: str | Callable[[Any], str]) -> None:
        """Let the model answer with a text, or with what a function makes of the request."""
        self.hook.answer = lambda _: 200
        self.hook.body = lambda request: completion(request, text)


def completion(request: Received, text: str | Callable[[Any], str]) -> bytes:
    """Return the body of a chat completion, as the protocol has it."""
    asked = request.json
    message = {"role": "assistant", "content": text if isinstance(text, str) else text(asked)}
    return json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": asked["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }
    ).encode()


@contextlib.asynccontextmanager
async def chat_server() -> AsyncIterator[ChatServer]:
    """Run a chat server beside the block; until told otherwise its model says ``Noted.``"""
    async with receiver() as hook:
        hook.headers["content-type"] = "application/json"
        server = ChatServer(hook)
        server.says("Noted.")
        yield server
