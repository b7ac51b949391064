"""The PowerShell example makes the requests it is meant to: each is read from the page and sent as PowerShell would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from casebase.kernel.db import SERVICE
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from tests.enforcement.conftest import MakeJudgment
from tests.support.tokens import bearer

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "powershell.md"
_BLOCK = re.compile(r"```powershell\n(.*?)```", re.DOTALL)
_REQUEST = re.compile(
    r"""(?:\$(?P<result>\w+)\ =\ )?Invoke-RestMethod\ -Method\ (?P<method>\w+)\ -Uri\ "(?P<uri>[^"]+)"\s+`\n
        \s*-Headers\ \$headers\ -ContentType\ '(?P<type>[^']+)'\s+`\n
        \s*-Body\ \((?P<body>@\{.*\})\ \|\ ConvertTo-Json\ -Depth\ 5\)""",
    re.VERBOSE,
)
_TOKEN = re.compile(r"@\{|\}|;|=|'(?:[^']|'')*'|\$\w+|\w+")


class Call(NamedTuple):
    """One ``Invoke-RestMethod`` of the page; ``result`` is the variable that takes the answer."""

    result: str | None
    method: str
    uri: str
    content_type: str
    body: str


def calls(script: str) -> Iterator[Call]:
    for found in _REQUEST.finditer(script):
        yield Call(found["result"], found["method"], found["uri"], found["type"], found["body"])


def literal(text: str, variables: dict[str, Any]) -> Any:
    """Read a hash literal of PowerShell: nested ones, strings in single quotes, and variables."""
    tokens = iter(_TOKEN.findall(text))

    def value(token: str) -> Any:
        if token == "@{":
            return table()
        if token.startswith("$"):
            return variables[token[1:]]
        return token[1:-1].replace("''", "'")

    def table() -> dict[str, Any]:
        read: dict[str, Any] = {}
        for name in tokens:
            if name == "}":
                break
            if name != ";":
                assert next(tokens) == "="
                read[name] = value(next(tokens))
        return read

    return value(next(tokens))


async def test_the_example_does_what_it_says(runtime: Runtime, make_judgment: MakeJudgment) -> None:
    text = PAGE.read_text("utf-8")
    example, refusal = _BLOCK.findall(text)
    assert (
        len(re.findall("Invoke-RestMethod", example + refusal))
        == len([*calls(example), *calls(refusal)])
        == 3
    )
    variables: dict[str, Any] = {"address": "http://casebase", "judgmentId": str((await make_judgment()).id)}

    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(runtime))) as client:

        async def send(call: Call) -> httpx.Response:
            return await client.request(
                call.method,
                re.sub(r"\$(\w+)", lambda found: variables[found[1]], call.uri),
                json=literal(call.body, variables),
                headers=bearer(SERVICE) | {"Content-Type": call.content_type},
            )

        for call in calls(example):
            response = await send(call)
            assert response.status_code == 200, response.text
            assert call.result is not None
            variables[call.result] = response.json()
        for variable, field in re.findall(r"^\$(\w+)\.(\w+)$", example, re.MULTILINE):
            assert variables[variable][field]
        [again] = calls(refusal)
        refused = await send(again)
        assert (refused.status_code, refused.json()["message"]) == (409, "case_already_open")
        assert "`case_already_open`" in text
