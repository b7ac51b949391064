"""Where the database is: what the settings name, else the embedded server, started when it does not answer."""

from __future__ import annotations

from casebase.kernel.config import Settings
from casebase.kernel.errors import ConfigurationError
from casebase.kernel.platform.embedded import EmbeddedServer


def owner_url(settings: Settings) -> str:
    """Return the URL of the database's owner, for migrations and the command line.

    Raises ``ConfigurationError`` when only the API's is known: the embedded server would be another database.
    """
    if settings.database_url is None and settings.api_database_url is not None:
        raise ConfigurationError(
            "This needs the database's owner, but only CASEBASE_API_DATABASE_URL is set.",
            hint="Set CASEBASE_DATABASE_URL to the owner's URL of the same database.",
        )
    return settings.database_url or EmbeddedServer(settings.home).ensure()


def api_url(settings: Settings) -> str:
    """Return the URL that the API, console and workers use: the login role's where there is one."""
    if settings.api_database_url is not None:
        return settings.api_database_url
    if settings.database_url is not None:
        return settings.database_url
    server = EmbeddedServer(settings.home)
    server.ensure()
    return server.api_url
