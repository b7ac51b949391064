"""How the web client says things: times, courses of conversations, and refusals in a person's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from casebase.kernel.errors import CasebaseError

_CODES: Final = {
    "account_has_memberships": "This account belongs to an organisation. Ask its administrator to remove you first.",
    "answer_in_progress": "The answer is still being written. Wait for it, then go on.",
    "answer_rate_exceeded": "That was a lot in a short time. Take a break, then send it again.",
    "body_too_large": "That is too long. Write at most 2,000 characters.",
    "client_id_reused": "That was sent already. Open the conversation anew, then write again.",
    "csrf_token_invalid": "This page has been open for too long. Open it anew, then try again.",
    "email_invalid": "This is not an e-mail address.",
    "message_cap_reached": "This chat is full. Finish the conversation, and it counts.",
    "scenario_inactive": "This is not on offer at the moment. Choose another.",
    "scenario_not_found": "This is not on offer at the moment. Choose another.",
    "session_completed": "This conversation is finished. You find it in your history.",
    "session_empty": "You have not said anything to your partner yet. Do, or abandon the conversation.",
    "session_expired": "Nothing was said here for seven days, so this conversation is over. Start another.",
    "sign_up_elsewhere": "Accounts are not made here. Ask whoever told you of this page.",
    "too_many_streams": "You have this open in too many places. Close some of them, then open this page anew.",
    "user_exists": "There is an account with this e-mail already. Sign in with it.",
    "weekly_limit_reached": "All conversations of this week are done. The next week begins",
}
_UNSAYABLE: Final = "Write something, of at most 2,000 characters."
_STATUSES: Final = {
    400: "That could not be read. Go back and try again.",
    403: "This is not yours to do.",
    404: "It does not exist, or it is not yours.",
    405: "There is no page here. Go back and try again.",
    409: "Something changed meanwhile. Open the page anew.",
    413: "That is too long.",
    422: "That could not be read. Go back and try again.",
    429: "Too many tries. Wait a minute, then try again.",
    500: "Something broke on our side. Trying again may help.",
    503: "We cannot reach our database right now. Nothing you said is lost; try again in a moment.",
    504: "That took too long. Try again.",
}
_TITLES: Final = {
    400: "That did not work",
    403: "Not allowed",
    404: "Nothing here",
    405: "Nothing here",
    409: "Not any more",
    422: "That did not work",
    429: "Not so fast",
    500: "Something went wrong",
    503: "Back in a moment",
}


def said(error: CasebaseError) -> str:
    """Return what a person is told of a refusal."""
    if error.code == "invalid_input" and any(
        e.get("field") == "content" for e in error.detail.get("errors", ())
    ):
        return _UNSAYABLE
    return _CODES.get(error.code) or _said_of(error.status, _STATUSES)


def title(error: CasebaseError) -> str:
    """Return the heading of a refusal that has a page to itself."""
    if error.code == "weekly_limit_reached":
        return "Enough for this week"
    return _said_of(error.status, _TITLES)


def _said_of(status: int, texts: Mapping[int, str]) -> str:
    # What is not listed is the request's fault, or ours.
    return texts.get(status) or texts[400 if status < 500 else 500]


def spoken(moment: str, form: str = "moment") -> str:
    """Return a moment as text, in UTC; a browser's script says it in the zone and manner of the reader."""
    at = datetime.fromisoformat(moment).astimezone(UTC)
    day = f"{at.day} {at:%B %Y}"
    return day if form == "day" else f"{at:%A}, {day}, {at:%H:%M} UTC"


def course(progress: Mapping[str, Any]) -> str:
    """Return how far a conversation is, of ``progress`` as the database counts it."""
    count = progress["message_count_main"]
    if progress["remaining"] < 2:
        return f"{count} messages: the end"
    if progress["should_conclude"]:
        return f"{count} messages: time to say goodbye"
    return f"{count} of about {(progress['conclude_from'] + progress['conclude_until']) // 2} messages"


def duration(seconds: int) -> str:
    """Return how long a conversation took."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    hours, days = round(minutes / 60), round(minutes / 1440)
    if days >= 2:
        return f"{days} days"
    return "1 hour" if hours == 1 else f"{hours} hours"
