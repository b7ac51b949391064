"""Which tokens open the door, and how each other one is refused."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.responses import JSONResponse

from casebase.kernel.clock import Clock
from casebase.kernel.config import load_settings
from casebase.kernel.errors import ConfigurationError, UnauthenticatedError
from casebase.kernel.http import TokenVerifier
from casebase.kernel.http.jwks import KeySet, KeySetUnavailableError
from tests.kernel.http.conftest import SECRET, MakeApi, bearer, make_token

RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
P384_KEY = ec.generate_private_key(ec.SECP384R1())


def jwk(key: Any, key_id: str) -> dict[str, Any]:
    algorithm = (
        jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    )
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": key_id}


def key_set(*keys: dict[str, Any]) -> str:
    return json.dumps({"keys": keys})


def forged(header: dict[str, Any], signature: bytes = b"") -> str:
    claims = {"role": "service_role", "aud": "authenticated", "exp": int(time.time()) + 86400}
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


PUBLIC_PEM = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

BAD_TOKENS = {
    "not a token": "abc",
    "empty": "",
    "alg none": forged({"alg": "none", "typ": "JWT"}),
    "alg None, other case": forged({"alg": "nOnE"}),
    "no alg": forged({"typ": "JWT"}),
    "unsigned HS256": forged({"alg": "HS256"}),
    "wrong secret": make_token(key="another secret that is long enough, too"),
    "HS512 with the right secret": make_token(key=SECRET * 2, algorithm="HS512"),
    "HS384 with the right secret": make_token(algorithm="HS384"),
    "RS256 without a JWKS": make_token(key=RSA_KEY, algorithm="RS256"),
    "expired": make_token(exp=int(time.time()) - 1),
    "no exp": make_token(exp=None),
    "exp is text": make_token(exp="tomorrow"),
    "exp is true": make_token(exp=True),
    "exp beyond every float": make_token(exp=10**400),
    "no aud": make_token(aud=None),
    "wrong aud": make_token(aud="somebody else"),
    "not before tomorrow": make_token(nbf=int(time.time()) + 86400),
    "sub is no uuid": make_token(sub="root"),
    "too long": make_token(padding="x" * 9000),
}


class TestBadTokens:
    @pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
    async def test_are_refused_with_401_and_a_challenge(self, api: httpx.AsyncClient, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}

        rest = await api.post("/rest/v1/rpc/who_am_i", headers=headers)
        typed = await api.get("/v1/toy/numbers/1", headers=headers)

        assert (rest.status_code, rest.json()["code"]) == (401, "PGRST301")
        assert (typed.status_code, typed.json()["code"][:6]) == (401, "token_")
        for response in (rest, typed):
            assert response.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
            assert token == "" or token not in response.text

    async def test_another_scheme_is_refused(self, api: httpx.AsyncClient) -> None:
        response = await api.post("/rest/v1/rpc/add_numbers", json={"a": 1}, auth=("user", "password"))

        assert response.status_code == 401

    @pytest.mark.parametrize("role", ["postgres", "casebase_api", "", None, 5, ["service_role"], "ANON"])
    async def test_a_genuine_token_with_another_role_is_forbidden(
        self, api: httpx.AsyncClient, role: Any
    ) -> None:
        headers = {"Authorization": f"Bearer {make_token(role=role)}"}

        rest = await api.post("/rest/v1/rpc/who_am_i", headers=headers)
        typed = await api.get("/v1/toy/numbers/1", headers=headers)

        assert (rest.status_code, typed.status_code) == (403, 403)
        assert typed.json()["code"] == "role_not_allowed"

    async def test_wrong_issuer_is_refused_where_one_is_set(self, make_api: MakeApi) -> None:
        api = await make_api(jwt_issuer="https://issuer.example")

        async def status(**claims: Any) -> int:
            return (await api.post("/rest/v1/rpc/who_am_i", headers=bearer(**claims))).status_code

        assert await status(iss="https://issuer.example") == 200
        assert await status(iss="https://evil.example") == 401
        assert await status() == 401

    async def test_a_typed_endpoint_without_a_token_is_401(self, api: httpx.AsyncClient) -> None:
        response = await api.get("/v1/toy/numbers/1")

        assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
        assert response.headers["www-authenticate"] == "Bearer"

    def test_a_short_secret_is_a_configuration_error(self) -> None:
        with pytest.raises(ConfigurationError):
            TokenVerifier(load_settings(), "short", Clock())


class TestGoodTokens:
    async def test_claims_reach_the_database(self, api: httpx.AsyncClient) -> None:
        sub = str(uuid4())

        response = await api.post("/rest/v1/rpc/who_am_i", headers=bearer(sub=sub, email="jane@example.com"))

        assert response.json() == {"uid": sub, "role": "authenticated", "user": "authenticated"}

    async def test_one_token_stops_working_the_moment_it_expires(self) -> None:
        now = int(time.time())
        token = make_token(exp=now + 600)

        class MovableClock:
            def __init__(self) -> None:
                self.moved = 0

            def now(self) -> Any:
                from datetime import UTC, datetime, timedelta

                return datetime.now(UTC) + timedelta(seconds=self.moved)

        clock = MovableClock()
        verifier = TokenVerifier(load_settings(), SECRET, clock)  # type: ignore[arg-type]
        assert (await verifier.verify(token)).role == "authenticated"
        assert (await verifier.verify(token)).role == "authenticated"

        clock.moved = 601
        with pytest.raises(UnauthenticatedError):
            await verifier.verify(token)

    async def test_the_proofs_kept_are_bounded(self) -> None:
        verifier = TokenVerifier(load_settings(), SECRET, Clock())
        for number in range(4200):
            await verifier.verify(make_token(n=number))

        assert len(verifier._proofs) <= 4096


class TestKeySet:
    @pytest.fixture
    def jwks_file(self, tmp_path: Path) -> Path:
        file = tmp_path / "jwks.json"
        file.write_text(
            key_set(
                jwk(RSA_KEY, "one"),
                jwk(EC_KEY, "two"),
                jwk(P384_KEY, "three"),
                {"kty": "oct", "k": "c2VjcmV0"},
            )
        )
        return file

    @pytest.fixture
    async def api(self, make_api: MakeApi, jwks_file: Path) -> httpx.AsyncClient:
        return await make_api(secret=None, jwt_jwks_url=jwks_file.as_uri())

    async def _status(self, api: httpx.AsyncClient, token: str) -> int:
        response = await api.post("/rest/v1/rpc/who_am_i", headers={"Authorization": f"Bearer {token}"})
        return response.status_code

    @pytest.mark.parametrize(
        ("key", "algorithm", "key_id"), [(RSA_KEY, "RS256", "one"), (EC_KEY, "ES256", "two")]
    )
    async def test_rs256_and_es256_are_verified(
        self, api: httpx.AsyncClient, key: Any, algorithm: str, key_id: str
    ) -> None:
        assert await self._status(api, make_token(key, algorithm, {"kid": key_id})) == 200
        assert await self._status(api, make_token(key, algorithm)) == 200

    @pytest.mark.parametrize(
        "token",
        [
            make_token(rsa.generate_private_key(65537, 2048), "RS256", {"kid": "one"}),
            make_token(RSA_KEY, "RS256", {"kid": "unknown"}),
            make_token(RSA_KEY, "RS512", {"kid": "one"}),
            make_token(RSA_KEY, "PS256", {"kid": "one"}),
            make_token(P384_KEY, "ES384", {"kid": "three"}),
            make_token(),
        ],
        ids=["another key", "unknown kid", "RS512", "PS256", "ES384", "HS256 while only a JWKS is trusted"],
    )
    async def test_others_are_refused(self, api: httpx.AsyncClient, token: str) -> None:
        assert await self._status(api, token) == 401

    async def test_a_public_key_does_not_pass_for_a_secret(self, make_api: MakeApi, jwks_file: Path) -> None:
        import hashlib
        import hmac

        token = forged({"alg": "HS256", "kid": "one"})
        signing_input = token.rsplit(".", 1)[0]
        signature = hmac.new(PUBLIC_PEM, signing_input.encode(), hashlib.sha256).digest()
        confused = f"{signing_input}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

        for secret in (None, SECRET):
            api = await make_api(secret=secret, jwt_jwks_url=jwks_file.as_uri())
            assert await self._status(api, confused) == 401

    async def test_a_rotated_key_is_found_and_a_withdrawn_one_forgotten(self, jwks_file: Path) -> None:
        new_key = rsa.generate_private_key(65537, 2048)
        keys = KeySet(jwks_file.as_uri(), max_age_s=0, min_refetch_s=0)
        assert await keys.find("one", "RS256") is not None

        jwks_file.write_text(key_set(jwk(new_key, "next")))

        assert await keys.find("next", "RS256") is not None
        assert await keys.find("one", "RS256") is None

    async def test_the_last_keys_hold_while_the_source_is_away(self, jwks_file: Path) -> None:
        keys = KeySet(jwks_file.as_uri(), max_age_s=0, min_refetch_s=0)
        assert await keys.find("one", "RS256") is not None
        jwks_file.unlink()

        assert await keys.find("one", "RS256") is not None

    async def test_without_any_keys_the_answer_is_503(self, make_api: MakeApi, tmp_path: Path) -> None:
        with pytest.raises(KeySetUnavailableError):
            await KeySet((tmp_path / "absent.json").as_uri()).find("one", "RS256")

        api = await make_api(secret=None, jwt_jwks_url=(tmp_path / "absent.json").as_uri())
        assert await self._status(api, make_token(RSA_KEY, "RS256", {"kid": "one"})) == 503

    async def test_keys_are_fetched_over_http_once_for_many_forged_ids(self, serve: Any) -> None:
        fetches = 0

        async def source(scope: Any, receive: Any, send: Any) -> None:
            nonlocal fetches
            fetches += 1
            await JSONResponse(json.loads(key_set(jwk(EC_KEY, "two"))))(scope, receive, send)

        async with serve(source) as address:
            keys = KeySet(address)
            assert await keys.find("two", "ES256") is not None
            for number in range(50):
                assert await keys.find(f"forged {number}", "ES256") is None

        assert fetches == 1

    @pytest.mark.parametrize(
        "url", ["http://issuer.example/jwks", "ftp://127.0.0.1/jwks", "jwks.json", "http://10.0.0.1/"]
    )
    def test_keys_never_come_over_an_open_network(self, url: str) -> None:
        with pytest.raises(ConfigurationError):
            KeySet(url)
