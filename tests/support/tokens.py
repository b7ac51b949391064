"""Tokens of whoever a test calls the API as."""

from __future__ import annotations

import time
from typing import Final

import jwt

from casebase.kernel.db import Principal

JWT_SECRET: Final = "a secret of the tests, long enough for HS256"
"""What the tests' runtime verifies tokens with."""


def token(principal: Principal, *, expires_in: int = 3600) -> str:
    """Return a principal's token."""
    claims = {"role": principal.role, "aud": "authenticated", "exp": int(time.time()) + expires_in}
    claims |= principal.claims
    if principal.sub:
        claims["sub"] = str(principal.sub)
    if principal.email:
        claims["email"] = principal.email
    return jwt.encode(claims, JWT_SECRET, algorithm="HS256")


def bearer(principal: Principal, *, expires_in: int = 3600) -> dict[str, str]:
    """Return the header of a principal's token."""
    return {"Authorization": f"Bearer {token(principal, expires_in=expires_in)}"}
