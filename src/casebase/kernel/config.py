"""Settings, read once from the environment (``CASEBASE_*``)."""

from __future__ import annotations

from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import (
    Field,
    PostgresDsn,
    SecretStr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from casebase.kernel.addresses import is_private_on_the_way, split_urls
from casebase.kernel.clock import Clock
from casebase.kernel.errors import ConfigurationError

_DSN = TypeAdapter(PostgresDsn)


class Settings(BaseSettings):
    """Everything that can be set, with defaults that run on a laptop."""

    model_config = SettingsConfigDict(env_prefix="CASEBASE_", extra="ignore", frozen=True)

    home: Path = Field(default_factory=lambda: platformdirs.user_data_path("casebase"))
    """Where the embedded server, its secrets and local files live."""

    database_url: str | None = None
    """The owner's URL: migrations, CLI. Absent: the embedded server is started in ``home``."""

    api_database_url: str | None = None
    """The URL of the API's login role; absent: the embedded server's ``casebase_api``, else ``database_url``."""

    direct_database_url: str | None = None
    """A URL around the transaction pooler, for LISTEN; absent: the API's."""

    pool_mode: Literal["session", "transaction"] = "session"
    """``transaction`` behind PgBouncer or Supavisor in transaction mode: no prepared statements."""

    pool_size: int = Field(default=10, ge=1, le=200)
    """How many connections a process opens at most; how to size it: docs/how-to/pooling.md."""

    pool_wait_s: float = Field(default=10.0, gt=0, le=300)
    """How long a call waits while all of them are in use, before 503 ``pool_exhausted``."""

    pool_idle_s: float = Field(default=300.0, ge=1, le=86400)
    """How long a connection may be silent before it is closed; below what any network in between allows."""

    pool_lifetime_s: float = Field(default=3600.0, ge=1, le=604800)
    """How old a connection grows, so that new servers behind a balancer get their share."""

    modules: Annotated[tuple[str, ...] | None, NoDecode] = None
    """Names of the modules to use, comma-separated; absent: all that are installed."""

    host: str = "127.0.0.1"
    port: int = Field(default=8400, ge=0, le=65535)

    jwt_secret: SecretStr | None = None
    """HS256 secret. Absent and no JWKS: a random one is kept in ``home``."""

    jwt_jwks_url: str | None = None
    """``https://…/.well-known/jwks.json`` or a ``file:`` URL; RS256 and ES256 keys."""

    jwt_audience: str = "authenticated"
    jwt_issuer: str | None = None

    session_secret: SecretStr | None = None
    """Signs the console's cookies. Absent: a random one is kept in ``home``."""

    redis_url: SecretStr | None = None

    export_dir: Path | None = None
    """Where scheduled exports go; absent: the folder ``exports`` of ``home``."""

    public_rate_limit: str = "30/minute"
    """Rate limit of anonymous endpoints, per client address, in the notation of ``limits``."""

    trusted_proxy_count: int = Field(default=0, ge=0)
    """How many proxies in front append to X-Forwarded-For; 0: the header is ignored."""

    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins whose pages may call the API, comma-separated; none by default."""

    max_body_bytes: int = 1024 * 1024
    files_url: str | None = Field(default=None, repr=False)
    """Where uploaded files are kept: ``file:///…``, ``s3://bucket/folder`` (address and keys: ``AWS_*``), ``gs://…``,
    ``az://…``. Absent: a private folder in ``home``."""

    max_file_bytes: int = Field(default=10 * 1024 * 1024, ge=1024, le=100 * 1024 * 1024)
    """The largest file that can be uploaded."""

    alert_urls: SecretStr | None = None
    """Whom to tell what happened: addresses in the notation of Apprise, comma-separated; needs ``casebase[alerts]``."""

    ai_url: str | None = Field(default=None, repr=False)
    """A chat model's server that speaks OpenAI's protocol, as ``https://api.example.com/v1``, over HTTPS unless it is
    on this machine; needs ``casebase[ai]``. Absent: what would be asked of a model is extracted from the case instead,
    and says so."""

    ai_model: str | None = None
    """The model's name, as that server knows it."""

    ai_key: SecretStr | None = None
    """What that server wants as its bearer token, if anything."""

    ai_timeout_s: float = Field(default=60.0, gt=0, le=600)
    """How long a model may take for one answer."""

    vendor_url: str | None = Field(default=None, repr=False)
    """Where a module asks a vendor about what it enriches, over HTTPS. Absent: nobody is asked."""

    vendor_token: SecretStr | None = None
    """What the vendor wants as its bearer token, if anything."""

    vendor_folder: Path | None = None
    """A folder of the vendor's answers as files, in the place of ``vendor_url``."""

    chat_webhook_secret: SecretStr | None = None
    """What the chat system signs its webhooks with (``whsec_`` and base64); several, comma-separated, while it changes.
    Absent: the endpoint answers 503."""

    push_urls: SecretStr | None = None
    """Through whom people are notified: addresses in the notation of Apprise, comma-separated, with a place for whom:
    ``{token}`` (one push a device), ``{email}`` or ``{user_id}``, and ``{key}`` for what repeats have in common; needs
    ``casebase[alerts]``."""

    push_webhook_url: str | None = Field(default=None, repr=False)
    """Where notifications are posted, in the place of ``push_urls``, over HTTPS unless it is on this machine. Neither:
    they are logged."""

    push_webhook_secret: SecretStr | None = None
    """What they are signed with (``whsec_`` and base64); several, comma-separated, while it changes."""

    webhook_allow_private: bool = False
    """Let webhooks go to private and loopback addresses, and over plain HTTP; for tests and closed networks."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    clock_offset: timedelta = timedelta()
    """Moves the clock of Python and of the database; for tests."""

    @field_validator("modules", "cors_origins", mode="before")
    @classmethod
    def _split_names(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("database_url", "api_database_url", "direct_database_url")
    @classmethod
    def _check_dsn(cls, value: str | None) -> str | None:
        if value is not None:
            _DSN.validate_python(value)
        return value

    @field_validator("chat_webhook_secret", "push_webhook_secret")
    @classmethod
    def _check_secrets(cls, value: SecretStr | None) -> SecretStr | None:
        for secret in _parts(value):
            key = b64decode(secret.removeprefix("whsec_") + "==")
            if not 24 <= len(key) <= 64:
                raise ValueError("a secret is the base64 of 24 to 64 bytes")
        return value

    # A sender that is half set would fail each notification by itself, hours after the start.
    @field_validator("push_urls")
    @classmethod
    def _check_push_urls(cls, value: SecretStr | None) -> SecretStr | None:
        urls = split_urls(value)
        places = ("{token}", "{email}", "{user_id}")
        if value is not None and not (urls and all(any(place in url for place in places) for url in urls)):
            raise ValueError("every address needs a place for whom: {token}, {email} or {user_id}")
        return value

    @field_validator("push_webhook_url")
    @classmethod
    def _check_push_webhook_url(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("push_urls") is not None:
            raise ValueError("CASEBASE_PUSH_URLS is set too, and one sends")
        if value is not None and not is_private_on_the_way(value):
            raise ValueError("devices' tokens go there, so it must be https, or http to this machine")
        return value

    @field_validator("push_webhook_secret")
    @classmethod
    def _check_push_webhook_secret(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if info.data.get("push_webhook_url") is not None and not _parts(value):
            raise ValueError("it is needed for CASEBASE_PUSH_WEBHOOK_URL")
        return value

    @property
    def chat_webhook_secrets(self) -> tuple[str, ...]:
        """The secrets that a chat webhook may be signed with; none where it is not configured."""
        return _parts(self.chat_webhook_secret)

    # It is a setting of the session, which a pooler shares among its clients, or refuses.
    @field_validator("clock_offset")
    @classmethod
    def _check_clock_offset(cls, value: timedelta, info: ValidationInfo) -> timedelta:
        if value and info.data.get("pool_mode") == "transaction":
            raise ValueError("a moved clock needs CASEBASE_POOL_MODE=session")
        return value

    @property
    def push_webhook_secrets(self) -> tuple[str, ...]:
        """The secrets that a notification is signed with."""
        return _parts(self.push_webhook_secret)

    @property
    def clock(self) -> Clock:
        """The clock these settings ask for."""
        return Clock(self.clock_offset)


def _parts(secrets: SecretStr | None) -> tuple[str, ...]:
    given = secrets.get_secret_value() if secrets is not None else ""
    return tuple(secret.strip() for secret in given.split(",") if secret.strip())


def load_settings(**overrides: object) -> Settings:
    """Read the settings; raise ``ConfigurationError`` naming each wrong variable, never its value."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = {
            f"CASEBASE_{'.'.join(map(str, e['loc'])).upper()}": e["msg"].removeprefix("Value error, ")
            for e in error.errors()
        }
        listing = "; ".join(f"{name}: {message}" for name, message in problems.items())
        raise ConfigurationError(f"Settings are wrong: {listing}", detail=problems) from None
