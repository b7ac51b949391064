"""Targets in the notation of Apprise (https://github.com/caronc/apprise/wiki): service, credentials and whom."""

from __future__ import annotations

from casebase.kernel.errors import ConfigurationError


class TargetUrlError(ConfigurationError):
    """An address is not one that Apprise understands."""

    code = "target_url_invalid"


async def notify(url: str, *, title: str, body: str, is_warning: bool = False) -> bool:
    """Tell one target, and return whether it took the message; Apprise does not say why not.

    Raises ``TargetUrlError``, and ``ConfigurationError`` where Apprise is not installed.
    """
    try:
        import apprise
    except ImportError as error:
        raise ConfigurationError(
            "Addresses of Apprise are set, but it is not installed.", hint="pip install 'casebase[alerts]'"
        ) from error

    target = apprise.Apprise()
    if not target.add(url):
        raise TargetUrlError(hint="https://github.com/caronc/apprise/wiki lists the notations.")
    return bool(
        await target.async_notify(
            title=title,
            body=body,
            notify_type=apprise.NotifyType.WARNING if is_warning else apprise.NotifyType.INFO,
            body_format=apprise.NotifyFormat.TEXT,
        )
    )
