"""The typed values of the module's RPCs, as ``service.Client`` takes and returns them.

The database checks everything again by the same rules: an RPC can be called without Python in front.
"""

from casebase.modules.practice.models.answers import Answer, AnswerEnd, AskedMessage, Chunk
from casebase.modules.practice.models.log import LoggedEvents, NewLogEvent
from casebase.modules.practice.models.sessions import (
    AbandonedSession,
    ActiveSession,
    Allowance,
    AppendedMessage,
    CompletedSession,
    DeletedAccount,
    DeletedRows,
    Message,
    Messages,
    NewMessage,
    NewSession,
    OfferedScenario,
    PastSession,
    Profile,
    Progress,
    RunningAnswer,
    Scenario,
    Scenarios,
    Session,
    SessionHistory,
)

__all__ = [
    "AbandonedSession",
    "ActiveSession",
    "Allowance",
    "Answer",
    "AnswerEnd",
    "AppendedMessage",
    "AskedMessage",
    "Chunk",
    "CompletedSession",
    "DeletedAccount",
    "DeletedRows",
    "LoggedEvents",
    "Message",
    "Messages",
    "NewLogEvent",
    "NewMessage",
    "NewSession",
    "OfferedScenario",
    "PastSession",
    "Profile",
    "Progress",
    "RunningAnswer",
    "Scenario",
    "Scenarios",
    "Session",
    "SessionHistory",
]
