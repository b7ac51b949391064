"""What changed between two versions of a record, field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from casebase.console.kit.format import plain, words

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Change:
    """One field that was added, removed or changed; ``before`` and ``after`` read as text."""

    field: str
    label: str
    kind: Literal["added", "removed", "changed"]
    before: str
    after: str


def diff(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    labels: Mapping[str, str] | None = None,
    show: Mapping[str, Callable[[Any], str]] | None = None,
) -> list[Change]:
    """List the differing fields of two records in their order; nested records are compared by dotted path.

    ``labels`` names fields and ``show`` formats their values, both by path.
    """
    old, new = dict(_flatten(before)), dict(_flatten(after))
    changes = []
    for path in {**old, **new}:
        was, now = old.get(path, _ABSENT), new.get(path, _ABSENT)
        if was == now:
            continue
        read = (show or {}).get(path, plain)
        changes.append(
            Change(
                field=path,
                label=(labels or {}).get(path, " · ".join(words(part) for part in path.split("."))),
                kind="added" if was is _ABSENT else "removed" if now is _ABSENT else "changed",
                before="" if was is _ABSENT else read(was),
                after="" if now is _ABSENT else read(now),
            )
        )
    return changes


def _flatten(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        if isinstance(value, Mapping) and value:
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
