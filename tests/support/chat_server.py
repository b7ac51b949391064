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
        self.hook.stream = None
        self.hook.body = lambda request: completion(request, text)

    def streams(self, say: Callable[[Any], AsyncIterator[str]], *, finish: str | None = "stop") -> None:
        """Let the model answer piece by piece with what a function makes of the request; ``finish`` None: cut off."""

        async def stream(request: Received) -> AsyncIterator[bytes]:
            async for text in say(request.json):
                yield _event({"content": text})
            if finish is not None:
                yield _event({}, finish) + b"data: [DONE]\n\n"

        self.hook.answer = lambda _: 200
        self.hook.headers["content-type"] = "text/event-stream"
        self.hook.stream = stream

    def streams_pieces(self, *pieces: str) -> None:
        """Let the model answer with these pieces, at once."""

        async def say(_: Any) -> AsyncIterator[str]:
            for piece in pieces:
                yield piece

        self.streams(say)


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    document = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": "m"}
    return f"data: {json.dumps({**document, 'choices': [choice]})}\n\n".encode()


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
