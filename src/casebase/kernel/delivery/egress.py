"""Requests to addresses that tenants name: only to public ones, so nobody reaches our network through us."""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
import ssl

import httpx

from casebase.kernel.errors import CasebaseError

_TIMEOUT = httpx.Timeout(10, connect=5)
_TOTAL_S = 20.0
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")


class EgressError(CasebaseError):
    """The request could not be sent or was not answered; the code says why."""

    status = 502

    def __init__(self, code: str) -> None:
        self.code = code  # type: ignore[misc]
        super().__init__()


async def post(url: str, body: bytes, headers: dict[str, str], *, allow_private: bool = False) -> int:
    """Post ``body`` and return the answer's status; nothing else of the answer is read, no redirect followed.

    Raises ``EgressError``: ``url_not_https``, ``address_not_public``, ``name_not_resolved``, ``connection_failed``,
    ``tls_failed``, ``timeout``, ``answer_invalid``.
    """
    try:
        async with (
            asyncio.timeout(_TOTAL_S),  # the others are per read: a receiver could drip its answer for ever
            httpx.AsyncClient(
                transport=_Transport(allow_private), timeout=_TIMEOUT, follow_redirects=False, trust_env=False
            ) as client,
            client.stream("POST", url, content=body, headers=headers) as response,
        ):
            return response.status_code
    except (TimeoutError, httpx.TimeoutException) as error:
        raise EgressError("timeout") from error
    except (httpx.NetworkError, OSError) as error:
        raise EgressError("tls_failed" if _is_tls(error) else "connection_failed") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise EgressError("answer_invalid") from error


class _Transport(httpx.AsyncBaseTransport):
    """Resolve the name once, judge what it means, and connect to just that: a second answer is never asked for."""

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        # No connection is kept: one to an address was verified for one name only.
        self._inner = httpx.AsyncHTTPTransport(
            verify=_tls(), limits=httpx.Limits(max_keepalive_connections=0)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme != "https" and not self._allow_private:
            raise EgressError("url_not_https")
        name = url.raw_host.decode("ascii")
        addresses = await _resolve(name)
        if not self._allow_private and not all(map(is_public, addresses)):
            raise EgressError("address_not_public")
        for address in addresses:
            try:
                return await self._inner.handle_async_request(
                    httpx.Request(
                        request.method,
                        url.copy_with(host=address),
                        headers=request.headers,  # with the Host it was made with
                        stream=request.stream,
                        # Certificates are issued to names: this is the one that is asked for and verified.
                        extensions={**request.extensions, "sni_hostname": name},
                    )
                )
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if address == addresses[-1]:
                    raise
        raise EgressError("name_not_resolved")

    async def aclose(self) -> None:
        await self._inner.aclose()


def is_public(address: str) -> bool:
    """Whether an address is one of the internet's, whatever way an IPv4 one is wrapped into IPv6."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        teredo = ip.teredo
        wrapped = (
            ip.ipv4_mapped
            or ip.sixtofour
            or (teredo and teredo[1])
            or (
                ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
                if ip in _NAT64 or ip in _IPV4_COMPATIBLE
                else None
            )
        )
        if wrapped:
            return is_public(str(wrapped))
        if ip.is_site_local:  # deprecated, but routed where it is still in use
            return False
    return ip.is_global and not ip.is_multicast


async def _resolve(name: str) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name.strip("[]"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EgressError("name_not_resolved") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
