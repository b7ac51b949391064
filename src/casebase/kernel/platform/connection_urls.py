"""Where the database is: what the settings name, else the embedded server, started when it does not answer."""

from __future__ import annotations

from casebase.kernel.config import Settings
from casebase.kernel.platform.embedded import EmbeddedServer


def owner_url(settings: Settings) -> str:
    """Return the URL of the database's owner, for migrations and the command line."""
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
