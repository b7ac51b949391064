"""What the module's RPCs are sent: typed values as JSON, and free text masked before the database's own guard.

The detectors know forms the database does not (addresses, names, numbers as people write them); the database knows the
case's own debtor. What is written passes both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from casebase.kernel.errors import InvalidInputError
from casebase.kernel.privacy.detectors import mask, mask_json

M = TypeVar("M", bound=BaseModel)

_TEXTS: Final = frozenset({"note", "notes", "status_reason", "title"})
_DOCUMENTS: Final = frozenset({"payload", "metadata", "document_metadata"})
_MAX_BYTES: Final = 16_384  # as the RPCs have it


def payload_of(given: BaseModel, **ids: Any) -> dict[str, Any]:
    """Return what was given as an RPC's payload, with the ids it is about and its free texts masked."""
    payload = jsonable(given) | {name: str(value) for name, value in ids.items() if value is not None}
    for name in _TEXTS & payload.keys():
        payload[name] = mask(payload[name])
    for name in _DOCUMENTS & payload.keys():
        payload[name] = _masked(payload[name], name)
    return payload


def docket_arguments(docket_id: UUID | str, given: BaseModel) -> dict[str, Any]:
    """Return the arguments of ``set_case_enrichment`` and ``set_case_scores``, which are named ``p_…``."""
    return {"p_case_id": str(docket_id)} | {f"p_{name}": value for name, value in jsonable(given).items()}


def jsonable(model: BaseModel) -> dict[str, Any]:
    """Return a model as JSON values for an RPC, decimals as numbers; without what is null."""
    fields = model.model_dump(mode="python", exclude_none=True)
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
            for e in error.errors(include_input=False, include_url=False)
        ]
        raise InvalidInputError(detail={"errors": found}) from None


def _masked(document: Mapping[str, Any], field: str) -> Any:
    # The bound comes first: searching a text takes time.
    if len(json.dumps(document, ensure_ascii=False).encode()) > _MAX_BYTES:
        error = {"field": field, "rule": "maxBytes", "message": f"must not exceed {_MAX_BYTES} bytes"}
        raise InvalidInputError(detail={"errors": [error]})
    return mask_json(document)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
