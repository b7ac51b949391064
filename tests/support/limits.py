"""The most that a typed model takes of each text, list and number, to compare with the RPC behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from casebase.kernel.errors import RpcError

Path = tuple[str, ...]
"""Where a value is in a payload; ``[]`` is a list's entry."""
Rules = Callable[[dict[str, Any], Path], Iterable[str]]


def limits(models: Mapping[str, type[BaseModel]], rules: Rules) -> list[Any]:
    """Return a test's parameters for each limit of each function's model: function, path, rule and the most it takes.

    ``rules`` says which of a value's rules the RPC has too, such as ``maxLength``; a list's ``maxItems`` it always has.
    """
    return [
        pytest.param(function, *limit, id=f"{function}-{'.'.join(limit[0])}")
        for function, model in models.items()
        for schema in [model.model_json_schema()]
        for limit in _walk(schema, schema, (), rules)
    ]


def at(path: Path, value: Any) -> Any:
    """Return a payload with a value at a path."""
    for name in reversed(path):
        value = [value] if name == "[]" else {name: value}
    return value


def sized(rule: str, count: int) -> Any:
    """Return a value of a size, as a rule measures it."""
    return {"maxItems": [{}] * count, "maxLength": "1" * count, "maximum": count}[rule]


async def is_refused(call: Awaitable[Any], path: Path, rule: str) -> bool:
    """Whether a call is refused for what it gave at a path, by a rule."""
    try:
        await call
    except RpcError as error:
        field = ".".join(path).replace(".[]", "[0]")
        return any(
            found["field"] in (field, f"p_{field}") and found["rule"] == rule
            for found in (error.detail or {}).get("errors", ())
        )
    return False


def _walk(
    schema: dict[str, Any], root: dict[str, Any], path: Path, rules: Rules
) -> Iterator[tuple[Path, str, int]]:
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    choices = schema.get("anyOf", [])
    if any(choice.get("type") == "number" for choice in choices):
        return  # a decimal, that may be spelled as a text
    for choice in choices:
        yield from _walk(choice, root, path, rules)
    for name, inner in schema.get("properties", {}).items():
        yield from _walk(inner, root, (*path, name), rules)
    if schema.get("type") == "array":
        yield path, "maxItems", schema["maxItems"]
        yield from _walk(schema["items"], root, (*path, "[]"), rules)
    for rule in rules(schema, path):
        yield path, rule, schema[rule]
