"""Ask somebody else about a debtor: a vendor over HTTP, or a folder of files.

Both answer ``{"contacts": […], "assets": […], "adverse_signals": […]}``, entries as ``upsert_enrichment_bundle`` takes
them. An entry that it would not take is left out, so that one bad telephone number does not cost the rest.
"""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Protocol
from uuid import UUID

import httpx
import structlog
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from casebase.kernel.addresses import is_private_on_the_way
from casebase.kernel.config import Settings
from casebase.kernel.errors import CasebaseError, ConfigurationError, DependencyUnavailableError

_log = structlog.get_logger(__name__)
_MAX_BYTES: Final = 1024 * 1024
_MAX_ENTRIES: Final = 200

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
# To the places that are kept: of a number with more than 40 digits the database wants nothing.
Share = Annotated[float, Field(ge=0, le=1), AfterValidator(lambda share: round(share, 3))]


class VendorUnavailableError(DependencyUnavailableError):
    """The vendor does not answer right now."""

    code = "vendor_unavailable"


class VendorRefusedError(CasebaseError):
    """The vendor refuses what it is asked, or answers what nobody can read."""

    code = "vendor_refused"
    status = 502


class Contact(BaseModel):
    """How a debtor is reached."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)
    kind: Literal["phone", "email", "address"]
    value: Text
    label: Annotated[str, StringConstraints(max_length=80)] | None = None
    confidence: Share | None = None
    is_do_not_contact: bool = False


def _telephone(value: str) -> str:
    # "９" is a digit once it is folded, as the database does; which other scripts' digits it counts is not relied on.
    digits = [c for c in unicodedata.normalize("NFKC", value) if c.isdecimal()]
    if not (7 <= len(digits) <= 15 and all(c.isascii() for c in digits)):
        raise ValueError("must have 7 to 15 digits")
    return value


class PhoneContact(Contact):
    """A telephone number: 7 to 15 digits, however they are set apart."""

    kind: Literal["phone"]
    value: Annotated[Text, StringConstraints(max_length=40), AfterValidator(_telephone)]


class EmailContact(Contact):
    """An e-mail address."""

    model_config = ConfigDict(regex_engine="python-re")
    kind: Literal["email"]
    value: Annotated[
        Text,
        StringConstraints(
            pattern=r"^(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
            r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+\Z",
            max_length=254,
        ),
    ]


class AddressContact(Contact):
    """A postal address, on one line."""

    kind: Literal["address"]


class Asset(BaseModel):
    """Something a debtor owns or earns."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)
    kind: Literal["bank", "employer", "real_property", "vehicle", "business", "other"]
    description: Text
    reference: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)] | None
    ) = None
    estimated_value: Annotated[float, Field(ge=0, le=1_000_000_000)] | None = None
    confidence: Share | None = None


Signal = Literal["bankruptcy", "deceased", "incarcerated", "judgment_proof", "prior_judgments"]
_CONTACT: Final[TypeAdapter[Contact]] = TypeAdapter(
    Annotated[PhoneContact | EmailContact | AddressContact, Field(discriminator="kind")]
)
_ASSET: Final = TypeAdapter(Asset)
_SIGNAL: Final[TypeAdapter[Signal]] = TypeAdapter(Signal)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a vendor said, as far as it can be used."""

    contacts: tuple[Contact, ...] = ()
    assets: tuple[Asset, ...] = ()
    adverse_signals: tuple[Signal, ...] | None = None
    """None if it says nothing of them, which leaves what it said before."""
    left_out: int = 0

    def json(self, *, case_id: UUID | str, source: str) -> dict[str, Any]:
        """Return the argument of ``upsert_enrichment_bundle``."""
        return {
            "case_id": str(case_id),
            "source": source,
            "contacts": [contact.model_dump(exclude_none=True) for contact in self.contacts],
            "assets": [
                asset.model_dump(exclude_none=True)
                | (
                    {}
                    if asset.estimated_value is None
                    else {"estimated_value": round(asset.estimated_value, 2)}
                )
                for asset in self.assets
            ],
            **(
                {} if self.adverse_signals is None else {"adverse_signals": sorted(set(self.adverse_signals))}
            ),
        }


class Vendor(Protocol):
    """Whoever knows something about debtors."""

    @property
    def source(self) -> str:
        """The vendor's name on what it said: a snake_case word."""
        ...

    async def look_up(self, subject: Mapping[str, Any], *, request_key: str) -> Bundle:
        """Return what is known of a subject (see ``get_enrichment_subject``); nothing known is an empty bundle.

        Of equal ``request_key`` a vendor is to charge one. Raises ``VendorUnavailableError`` for what may pass, else
        ``VendorRefusedError``; neither quotes the answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class HttpVendor:
    """Post the subject to ``url`` and read a bundle; 404 means that nothing is known."""

    url: str
    token: SecretStr | None = field(default=None, repr=False)
    timeout_s: float = 30.0
    source: str = "vendor"

    async def look_up(self, subject: Mapping[str, Any], *, request_key: str) -> Bundle:
        """Return what the vendor answers; see ``Vendor``."""
        headers = {"Accept": "application/json", "Idempotency-Key": request_key}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token.get_secret_value()}"
        try:
            # The client's limits are per read: a server could drip its answer for ever.
            async with (
                asyncio.timeout(self.timeout_s),
                httpx.AsyncClient(timeout=self.timeout_s, follow_redirects=False, trust_env=False) as client,
                client.stream("POST", self.url, json=_question(subject), headers=headers) as response,
            ):
                if response.status_code == 404:
                    return Bundle()
                if response.status_code in (408, 425, 429) or response.status_code >= 500:
                    raise VendorUnavailableError(detail={"status": response.status_code})
                if response.status_code != 200:
                    raise VendorRefusedError(detail={"status": response.status_code})
                body = b""
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > _MAX_BYTES:
                        raise VendorRefusedError(detail={"reason": "too_large"})
        except (TimeoutError, httpx.TimeoutException, httpx.NetworkError, OSError) as error:
            raise VendorUnavailableError(detail={"reason": type(error).__name__}) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise VendorRefusedError(detail={"reason": type(error).__name__}) from None
        return read_bundle(body)


@dataclass(frozen=True, slots=True)
class FileVendor:
    """Read ``<judgment_id>.json`` in a folder; no such file means that nothing is known."""

    folder: Path
    source: str = "files"

    async def look_up(self, subject: Mapping[str, Any], *, request_key: str) -> Bundle:  # noqa: ARG002
        """Return what the file says; see ``Vendor``."""
        path = self.folder / f"{UUID(str(subject['judgment_id']))}.json"
        try:
            body = await asyncio.to_thread(_read, path)
        except FileNotFoundError:
            return Bundle()
        except OSError as error:
            raise VendorUnavailableError(detail={"reason": type(error).__name__}) from None
        return read_bundle(body)


def vendor_of(settings: Settings) -> Vendor | None:
    """Return the vendor that the settings name, or ``None`` without one; raise ``ConfigurationError`` for two."""
    if settings.vendor_url is not None and settings.vendor_folder is not None:
        raise ConfigurationError(
            "CASEBASE_VENDOR_URL and CASEBASE_VENDOR_FOLDER are both set; one vendor is asked."
        )
    if settings.vendor_url is not None:
        if not is_private_on_the_way(settings.vendor_url):
            raise ConfigurationError("CASEBASE_VENDOR_URL must be https: debtors' names go there.")
        return HttpVendor(settings.vendor_url, settings.vendor_token)
    return None if settings.vendor_folder is None else FileVendor(settings.vendor_folder)


def read_bundle(body: bytes) -> Bundle:
    """Read an answer; raise ``VendorRefusedError`` for what is no JSON object of lists."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise VendorRefusedError(detail={"reason": "not_json"}) from None
    if not isinstance(answer, dict):
        raise VendorRefusedError(detail={"reason": "not_a_bundle"})
    found = (answer.get(name) for name in ("contacts", "assets", "adverse_signals"))
    lists = [[] if entries is None else entries for entries in found]
    if not all(isinstance(entries, list) for entries in lists):
        raise VendorRefusedError(detail={"reason": "not_a_bundle"})
    contacts, assets, signals = (
        _valid(_CONTACT, lists[0]),
        _valid(_ASSET, lists[1]),
        _valid(_SIGNAL, lists[2]),
    )
    left_out = sum(map(len, lists)) - len(contacts) - len(assets) - len(signals)
    if left_out:
        _log.warning("vendor_entries_left_out", count=left_out)
    said = answer.get("adverse_signals") is not None
    return Bundle(tuple(contacts), tuple(assets), tuple(signals) if said else None, left_out)


def _valid(adapter: TypeAdapter[Any], entries: list[Any]) -> list[Any]:
    valid = []
    for entry in entries[:_MAX_ENTRIES]:
        try:
            checked = adapter.validate_python(entry)
        except ValidationError:
            continue
        # What PostgreSQL cannot store.
        if "\\u0000" not in json.dumps(entry):
            valid.append(checked)
    return valid


def _question(subject: Mapping[str, Any]) -> dict[str, Any]:
    """Say of the subject what it takes to find it, and no more: amounts and scores stay here."""
    return {
        "judgment_id": subject["judgment_id"],
        "debtor": subject["debtor"],
        "docket": {name: subject[name] for name in ("case_number", "court", "county", "state")},
        "contacts": [{"kind": contact["kind"], "value": contact["value"]} for contact in subject["contacts"]],
    }


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        body = file.read(_MAX_BYTES + 1)
    if len(body) > _MAX_BYTES:
        raise VendorRefusedError(detail={"reason": "too_large"})
    return body
