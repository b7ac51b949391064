"""What RPCs are sent: typed values as JSON, and documents masked before the database's own guard."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from casebase.kernel.errors import InvalidInputError
from casebase.kernel.privacy.detectors import mask_json

M = TypeVar("M", bound=BaseModel)
E = TypeVar("E", bound=Mapping[str, Any])

_MAX_BYTES: Final = 16_384  # as the modules' RPCs have it


def jsonable(model: BaseModel, *, only_given: bool = False) -> dict[str, Any]:
    """Return a model as JSON values for an RPC, decimals as numbers; without what is null, or ``only_given`` fields."""
    fields = model.model_dump(mode="python", exclude_none=not only_given, exclude_unset=only_given)
    # A decimal of up to 15 digits, more than any money here has, is spelled alike as a float.
    document: dict[str, Any] = json.loads(json.dumps(fields, default=_plain))
    return document


def validated(kind: type[M], given: M | Mapping[str, Any]) -> M:
    """Return what was given as a model; raise ``InvalidInputError`` naming each field and rule, never a value."""
    try:
        return given if isinstance(given, kind) else kind.model_validate(given)
    except ValidationError as error:
        found = [
            {"field": ".".join(map(str, e["loc"])), "rule": e["type"], "message": e["msg"]}
            for e in broken_rules(error.errors(include_input=False, include_url=False))
        ]
        raise InvalidInputError(detail={"errors": found}) from None


def broken_rules(found: Sequence[E]) -> list[E]:
    """Return what pydantic found broken, but no list called too short because of items in it that are wrong."""
    # Of a tuple it counts the items that are right.
    within = {tuple(entry["loc"][:depth]) for entry in found for depth in range(len(entry["loc"]))}
    return [entry for entry in found if entry["type"] != "too_short" or tuple(entry["loc"]) not in within]


def masked(document: Mapping[str, Any], field: str, *, keep: Collection[str] = ()) -> Any:
    """Return a free-form document with personal data masked, but not what stands under the keys ``keep``.

    Raises ``InvalidInputError`` naming ``field`` for one of more than 16 KB.
    """
    # The bound comes first: searching a text takes time, and whoever sent it has not been asked who they are.
    if len(json.dumps(document, ensure_ascii=False).encode()) > _MAX_BYTES:
        error = {"field": field, "rule": "maxBytes", "message": f"must not exceed {_MAX_BYTES} bytes"}
        raise InvalidInputError(detail={"errors": [error]})
    return mask_json(document, keep=keep)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
