"""What the module's RPCs are sent: typed values as JSON, and free text masked before the database's own guard.

The detectors know forms the database does not (addresses, names, numbers as people write them); the database knows the
case's own debtor. What is written passes both.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel

from casebase.kernel.payloads import jsonable, masked
from casebase.kernel.privacy.detectors import mask

_TEXTS: Final = frozenset({"note", "notes", "status_reason", "title"})
_DOCUMENTS: Final = frozenset({"payload", "metadata", "document_metadata"})


def payload_of(given: BaseModel, **ids: Any) -> dict[str, Any]:
    """Return what was given as an RPC's payload, with the ids it is about and its free texts masked."""
    payload = jsonable(given) | {name: str(value) for name, value in ids.items() if value is not None}
    for name in _TEXTS & payload.keys():
        payload[name] = mask(payload[name])
    for name in _DOCUMENTS & payload.keys():
        payload[name] = masked(payload[name], name)
    return payload


def docket_arguments(docket_id: UUID | str, given: BaseModel) -> dict[str, Any]:
    """Return the arguments of ``set_case_enrichment`` and ``set_case_scores``, which are named ``p_…``."""
    return {"p_case_id": str(docket_id)} | {f"p_{name}": value for name, value in jsonable(given).items()}
