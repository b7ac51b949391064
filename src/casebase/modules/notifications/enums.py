"""The closed vocabularies of the notifications module; checks of its tables hold the same values."""

from __future__ import annotations

from enum import StrEnum


class ScenarioType(StrEnum):
    """Say what a nudge is about."""

    INACTIVITY = "inactivity"
    MILESTONE = "milestone"
    CERTIFICATION_EXPIRY = "certification_expiry"
    WELCOME_BACK = "welcome_back"


class DeliveryStatus(StrEnum):
    """Say whether a notification waits, was taken by a sender, or was not."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class SkipReason(StrEnum):
    """Say why a notification was not sent though it was due when it was written."""

    OPTED_OUT = "opted_out"
    LEFT_ORGANIZATION = "left_organization"
    NO_DEVICE = "no_device"
    EXPIRED = "expired"
    OUTDATED = "outdated"


class Platform(StrEnum):
    """Name what a device runs."""

    ANDROID = "android"
    IOS = "ios"
    WEB = "web"


class Language(StrEnum):
    """Name a language that nudges are written in."""

    ENGLISH = "en"
    BOKMAL = "nb"
