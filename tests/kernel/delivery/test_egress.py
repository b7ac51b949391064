"""Where a webhook may go: the internet's addresses only, however they are written, and whoever holds the name."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from casebase.kernel.delivery import egress
from casebase.kernel.delivery.egress import EgressError, is_public, post
from tests.support.receiver import Receiver, receiver


async def refusal(url: str, **how: bool) -> str:
    with pytest.raises(EgressError) as refused:
        await post(url, b"{}", {}, **how)
    return refused.value.code


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names resolve to, one answer after the other: the last step before the network."""
    answers: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **named: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in answers:
            return list(real(host, *rest, **named))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers[name].pop(0), 0))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return answers


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1"),
        *("64:ff9b::169.254.169.254", "::127.0.0.1", "::10.0.0.1", "fec0::1"),
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",  # Teredo of 10.0.0.1
    ],
)
def test_an_address_that_is_not_the_internets_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1", "2130706433", "0x7f000001"],
)
async def test_a_private_address_is_refused_however_it_is_written(host: str) -> None:
    assert await refusal(f"https://{host}:1/") == "address_not_public"


async def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 0)) for ip in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    assert await refusal("https://receiver.test/") == "address_not_public"


async def test_a_name_is_looked_up_once_so_it_cannot_be_bound_anew(
    names: dict[str, list[str]], hook: Receiver
) -> None:
    names["receiver.test"] = ["127.0.0.1"]  # a second look would find nothing
    status = await post(f"http://receiver.test:{hook.port}/hooks", b"{}", {}, allow_private=True)
    assert status == 204
    assert hook.received[0].headers["host"] == f"receiver.test:{hook.port}"


async def test_plain_http_is_refused() -> None:
    assert await refusal("http://example.com/") == "url_not_https"


async def test_a_name_without_an_address_says_so() -> None:
    assert await refusal("https://nowhere.invalid/") == "name_not_resolved"


async def test_a_closed_port_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert await refusal(f"http://127.0.0.1:{port}/", allow_private=True) == "connection_failed"


async def test_a_receiver_that_does_not_answer_is_given_up(
    hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(egress, "_TOTAL_S", 0.2)
    hook.answer = lambda _: None
    assert await refusal(hook.url, allow_private=True) == "timeout"


async def test_the_environments_proxy_is_not_used(hook: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert await post(hook.url, b"{}", {}, allow_private=True) == 204


class TestTls:
    @pytest.fixture
    def certificate(self, tmp_path: Path) -> Path:
        """A certificate of its own authority for the name receiver.test, with its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver.test")])
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName(
                    [x509.DNSName("receiver.test"), x509.IPAddress(ipaddress.ip_address("192.0.2.1"))]
                ),
                critical=False,
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        path = tmp_path / "certificate.pem"
        path.write_bytes(
            made.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return path

    @pytest.fixture
    def trusted(self, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        egress._tls.cache_clear()
        yield
        egress._tls.cache_clear()

    @pytest.fixture
    def tls(self, certificate: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        return context

    @pytest.mark.usefixtures("trusted")
    async def test_the_certificate_of_the_name_is_accepted(
        self, tls: ssl.SSLContext, names: dict[str, list[str]]
    ) -> None:
        names["receiver.test"] = ["127.0.0.1"]
        async with receiver(tls) as hook:
            assert await post(f"https://receiver.test:{hook.port}/", b"{}", {}, allow_private=True) == 204

    @pytest.mark.usefixtures("trusted")
    async def test_a_certificate_of_another_name_is_refused(
        self, tls: ssl.SSLContext, names: dict[str, list[str]]
    ) -> None:
        names["other.test"] = ["127.0.0.1"]
        async with receiver(tls) as hook:
            assert await refusal(f"https://other.test:{hook.port}/", allow_private=True) == "tls_failed"
            assert hook.received == []

    async def test_a_certificate_of_an_unknown_authority_is_refused(
        self, tls: ssl.SSLContext, names: dict[str, list[str]]
    ) -> None:
        names["receiver.test"] = ["127.0.0.1"]
        async with receiver(tls) as hook:
            assert await refusal(f"https://receiver.test:{hook.port}/", allow_private=True) == "tls_failed"
