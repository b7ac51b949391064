"""Who is calling: the verified claims that a call runs under."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

ROLES: Final = frozenset({"anon", "authenticated", "service_role", "casebase_analyst", "casebase_ai_broker"})
"""Every role a token may name; ``casebase.rpc`` refuses the rest too."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Carry a role and the JWT claims it came with; ``claims_json`` is what the database sees."""

    role: str
    sub: UUID | None = None
    email: str | None = None
    claims: dict[str, Any] = field(default_factory=dict, repr=False)
    claims_json: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"unknown role {self.role!r}")
        claims = {**self.claims, "role": self.role}
        if self.sub is not None:
            claims["sub"] = str(self.sub)
        if self.email is not None:
            claims["email"] = self.email
        object.__setattr__(self, "claims_json", json.dumps(claims, separators=(",", ":")))


ANON: Final = Principal("anon")
SERVICE: Final = Principal("service_role")
ANYONE: Final = Principal("service_role", claims={"client": "anyone"})
"""Whoever calls a public endpoint: the service acts for them, but their idempotency keys never meet its own."""
