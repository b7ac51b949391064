"""Turn a bearer token into the principal it proves, or refuse it."""

from __future__ import annotations

from typing import Any, Final, NamedTuple
from uuid import UUID

import jwt

from casebase.kernel.clock import Clock
from casebase.kernel.config import Settings
from casebase.kernel.db import ROLES, Principal
from casebase.kernel.errors import ConfigurationError, ForbiddenError, UnauthenticatedError
from casebase.kernel.http.jwks import ASYMMETRIC, KeySet

_CACHE_SIZE: Final = 4096
_CACHE_SECONDS: Final = 60
_MAX_TOKEN_LENGTH: Final = 8192
_CLOCK_SKEW_S: Final = 30
_LATEST_INSTANT: Final = 2.0**53


class InvalidTokenError(UnauthenticatedError):
    """The token is not one of ours, or not for us."""

    code = "token_invalid"


class ExpiredTokenError(UnauthenticatedError):
    """The token has expired."""

    code = "token_expired"


class RoleNotAllowedError(ForbiddenError):
    """The token is genuine, but its role may not call this API."""

    code = "role_not_allowed"


class _Proof(NamedTuple):
    principal: Principal
    expires_at: float
    cached_until: float


class TokenVerifier:
    """Verify tokens: signature, ``exp``, ``aud``, ``iss`` where one is set, and the role.

    The algorithm picks the key: HS256 is only ever checked with the secret, RS256 and ES256 only with keys of
    the JWKS, so a public key can't pass for a secret. A proof is kept for a minute: keys may be withdrawn.
    """

    def __init__(
        self, settings: Settings, secret: str | None, clock: Clock, keys: KeySet | None = None
    ) -> None:
        if secret is not None and len(secret.encode()) < 32:
            raise ConfigurationError("CASEBASE_JWT_SECRET must be at least 32 bytes long.")
        self._secret = secret
        self._keys = keys or (KeySet(settings.jwt_jwks_url) if settings.jwt_jwks_url else None)
        self._audience = settings.jwt_audience
        self._issuer = settings.jwt_issuer
        self._clock = clock
        self._proofs: dict[str, _Proof] = {}

    async def verify(self, token: str) -> Principal:
        """Return the principal; raise ``UnauthenticatedError``, or ``RoleNotAllowedError`` for its role."""
        now = self._clock.now().timestamp()
        proof = self._proofs.get(token)
        if proof is None or now >= proof.cached_until:
            proof = self._keep(token, await self._prove(token, now))
        if now >= proof.expires_at:
            raise ExpiredTokenError
        return proof.principal

    async def authorize(self, authorization: str) -> Principal:
        """Return the principal of an ``Authorization`` header."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise InvalidTokenError("The Authorization header must be: Bearer, a space, the token.")
        return await self.verify(token.strip())

    def _keep(self, token: str, proof: _Proof) -> _Proof:
        self._proofs.pop(token, None)
        while len(self._proofs) >= _CACHE_SIZE:
            del self._proofs[next(iter(self._proofs))]
        self._proofs[token] = proof
        return proof

    async def _prove(self, token: str, now: float) -> _Proof:
        if len(token) > _MAX_TOKEN_LENGTH:
            raise InvalidTokenError
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(header)
            claims = jwt.decode(
                token,
                key,
                algorithms=[header["alg"]],
                audience=self._audience,
                issuer=self._issuer,
                # Times are checked against the product's clock, which tests move.
                options={
                    "require": ["exp", "aud", *(["iss"] if self._issuer else [])],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise InvalidTokenError from error
        expires_at = _instant(claims["exp"])
        if now >= expires_at:
            raise ExpiredTokenError
        if "nbf" in claims and _instant(claims["nbf"]) > now + _CLOCK_SKEW_S:
            raise InvalidTokenError("The token is not valid yet.")
        return _Proof(_principal(claims), expires_at, now + _CACHE_SECONDS)

    async def _key(self, header: dict[str, Any]) -> str | jwt.PyJWK:
        algorithm, key_id = header.get("alg"), header.get("kid")
        key: str | jwt.PyJWK | None = None
        if algorithm == "HS256":
            key = self._secret
        elif algorithm in ASYMMETRIC and self._keys is not None:
            key = await self._keys.find(key_id if isinstance(key_id, str) else None, algorithm)
        if key is None:
            raise InvalidTokenError
        return key


def _instant(value: Any) -> float:
    # Not a number fails every comparison, and an integer beyond every float still has an order.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LATEST_INSTANT:
        raise InvalidTokenError
    return float(value)


def _principal(claims: dict[str, Any]) -> Principal:
    role, sub, email = claims.get("role"), claims.get("sub"), claims.get("email")
    if not isinstance(role, str) or role not in ROLES:
        raise RoleNotAllowedError
    try:
        subject = UUID(sub) if sub else None
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidTokenError from error
    return Principal(role, subject, email if isinstance(email, str) and email else None, claims)
