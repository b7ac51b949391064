"""The typed values of the module's RPCs, as ``service.Client`` and the repository take and return them.

The database checks every payload again by the same rules: an RPC can be called without Python in front.
"""

from casebase.modules.notifications.models.mine import (
    Device,
    DeviceToken,
    MyNotification,
    MyNotificationPage,
    Preference,
    PreferenceChange,
    Preferences,
    PreferencesChange,
    ReadNotification,
    RevokedDevice,
    RevokedToken,
)
from casebase.modules.notifications.models.records import (
    NewScenarioNotification,
    ScenarioNotification,
    SentTime,
)

__all__ = [
    "Device",
    "DeviceToken",
    "MyNotification",
    "MyNotificationPage",
    "NewScenarioNotification",
    "Preference",
    "PreferenceChange",
    "Preferences",
    "PreferencesChange",
    "ReadNotification",
    "RevokedDevice",
    "RevokedToken",
    "ScenarioNotification",
    "SentTime",
]
