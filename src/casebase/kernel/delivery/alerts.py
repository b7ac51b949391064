"""Alerts: what ``casebase.raise_alert`` queued, sent by Apprise to whom ``CASEBASE_ALERT_URLS`` names."""

from __future__ import annotations

import functools
import hashlib
from typing import Any

import structlog

from casebase.kernel.addresses import split_urls
from casebase.kernel.config import Settings
from casebase.kernel.delivery.targets import TargetUrlError, notify
from casebase.kernel.errors import CasebaseError, ConfigurationError
from casebase.kernel.jobs.queue import Completion, Job, JobContext

_log = structlog.get_logger(__name__)


class AlertNotSentError(CasebaseError):
    """The alert's target did not take it; the worker tries again."""

    code = "alert_not_sent"
    status = 502


class AlertUrlError(ConfigurationError):
    """CASEBASE_ALERT_URLS holds an address that Apprise does not understand."""

    code = "alert_url_invalid"


async def send(job: Job, context: JobContext) -> Completion | None:
    """Send an alert to its target; one that has several becomes a job for each."""
    targets = alert_targets(context.runtime.settings)
    if not targets:
        _warn_once()
        return None
    wanted = job.payload.get("target")
    if wanted is None and len(targets) > 1:
        return Completion("casebase.split_alert", {**job.payload, "targets": list(targets)})
    url = targets.get(wanted) if wanted else next(iter(targets.values()))
    if url is None:
        _log.warning("alert_target_removed", kind=job.payload["kind"])
        return None
    await _notify(url, job.payload)
    return None


def alert_targets(settings: Settings) -> dict[str, str]:
    """Return the configured addresses by a fingerprint: addresses hold credentials, jobs must not."""
    return {hashlib.sha256(url.encode()).hexdigest()[:16]: url for url in split_urls(settings.alert_urls)}


async def _notify(url: str, alert: dict[str, Any]) -> None:
    try:
        is_sent = await notify(
            url, title=alert["title"], body=alert["body"] or alert["title"], is_warning=True
        )
    except TargetUrlError as error:
        raise AlertUrlError(hint=error.hint) from None
    if not is_sent:
        raise AlertNotSentError


@functools.cache
def _warn_once() -> None:
    _log.warning("alerts_not_sent", hint="Set CASEBASE_ALERT_URLS; alerts are dropped until then.")
