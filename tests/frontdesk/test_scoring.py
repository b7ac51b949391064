"""A conversation's score is the documented sum: bounded, the same for the same, and better for what is better."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from casebase.modules.frontdesk.models.scores import Feedback, Message
from casebase.modules.frontdesk.scoring import POINTS, VERSION, score

ROLES = st.sampled_from(["user", "assistant", "system"])
MESSAGES = st.lists(
    st.builds(
        Message,
        role=ROLES,
        content=st.integers(0, 3000).map(lambda length: "x" * length),
        at=st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 2), timezones=st.just(UTC)),
        is_error=st.booleans(),
    ),
    max_size=40,
)
FEEDBACK = st.builds(
    Feedback,
    rating=st.none() | st.integers(1, 5),
    is_resolved=st.none() | st.booleans(),
    text=st.none() | st.text(max_size=20),
)


def said(*roles: str, content: str = "Quite a good answer to that.", **fields: Any) -> list[Message]:
    return [Message(role=role, content=content, **fields) for role in roles]


@pytest.mark.parametrize(
    ("messages", "feedback", "expected"),
    [
        (said("user", "assistant"), {"rating": 5, "is_resolved": True}, 100),
        (said("user", "assistant"), {"rating": 1, "is_resolved": False}, 30),
        (said("user", "assistant"), {}, 65),
        (said("user", "assistant"), {"rating": 3}, 65),
        ([], {}, 35),
        ([], {"rating": 5, "is_resolved": True}, 70),
        ([], {"rating": 1, "is_resolved": False}, 0),
        (said("user", "assistant", is_error=True), {}, 55),  # two errors: a third of 15
        (said(*["user", "assistant"] * 16), {}, 60),  # sixteen turns: half of 10
        (said("user", "assistant", content="x" * 10), {}, 63),  # 62.5: half of 5, rounded up
        (said("user", "assistant", content="x" * 2400), {}, 63),
        (said("user"), {}, 50),
        (said("system", "assistant"), {}, 55),
    ],
)
def test_the_documented_sum(messages: list[Message], feedback: dict[str, Any], expected: int) -> None:
    assert score(messages, Feedback(**feedback)).score == expected


def test_every_part_is_shown() -> None:
    messages = [
        *said("user", "user", "assistant", content="x" * 40),
        *said("user", "assistant", content="x" * 80),
        *said("system", content="The model is gone.", is_error=True),
    ]
    made = score(messages, Feedback(rating=4, is_resolved=True, text="Thanks!"))
    assert made.version == VERSION
    assert made.measures == {
        "message_count": 6,
        "turn_count": 2,
        "error_count": 1,
        "mean_reply_length": 60.0,
        "rating": 4,
        "sentiment": 0.5,
        "is_resolved": True,
        "resolution_points": 40.0,
        "sentiment_points": 22.5,
        "errors_points": 7.5,
        "turns_points": 10.0,
        "length_points": 5.0,
    }
    assert made.score == 85


@given(messages=MESSAGES, feedback=st.none() | FEEDBACK)
def test_it_is_bounded_deterministic_and_the_sum_of_its_parts(
    messages: list[Message], feedback: Feedback | None
) -> None:
    made = score(messages, feedback)
    assert 0 <= made.score <= 100
    assert score(list(messages), feedback) == made
    points = [made.measures[f"{name}_points"] for name in POINTS]
    for share, most in zip(points, POINTS.values(), strict=True):
        assert share is not None
        assert 0 <= share <= most
    # Each part is rounded to hundredths where it is shown.
    assert abs(sum(point for point in points if point is not None) - made.score) <= 0.5 + 0.025
    assert {type(value) for value in made.measures.values()} <= {int, float, bool, type(None)}


@given(messages=MESSAGES, feedback=FEEDBACK)
def test_a_better_rating_or_a_resolution_is_never_worse(messages: list[Message], feedback: Feedback) -> None:
    def scored(**change: Any) -> int:
        return score(messages, feedback.model_copy(update=change)).score

    rated = [scored(rating=rating) for rating in (1, 2, 3, 4, 5)]
    assert rated == sorted(rated)
    assert rated[0] < rated[-1]
    assert scored(rating=None) == rated[2]
    resolved = [scored(is_resolved=outcome) for outcome in (False, None, True)]
    assert resolved == sorted(resolved)
    assert resolved[0] < resolved[-1]
    # What somebody writes is not read: its sentiment is the rating's.
    assert scored(text="Terrible!") == scored(text=None)


@given(messages=MESSAGES, feedback=FEEDBACK)
@example(
    messages=[
        Message(role="user", content="", at=datetime(2026, 1, 2, tzinfo=UTC)),
        Message(role="assistant", content="", at=datetime(2026, 1, 1, tzinfo=UTC)),
    ],
    feedback=Feedback(),
)
def test_an_error_more_is_never_better(messages: list[Message], feedback: Feedback) -> None:
    # With a time where all others have one: else the others are read as they are given, and may be other turns.
    times = [message.at for message in messages if message.at is not None]
    at = max(times, default=None) if len(times) == len(messages) else None
    failed = [*messages, Message(role="system", content="", at=at, is_error=True)]
    if messages:
        assert score(failed, feedback).score <= score(messages, feedback).score


@given(messages=MESSAGES, feedback=FEEDBACK, data=st.data())
def test_messages_with_times_are_read_in_their_order(
    messages: list[Message], feedback: Feedback, data: st.DataObject
) -> None:
    start = datetime(2026, 6, 17, 10, tzinfo=UTC)
    # Some of one moment, whose order is made up, but always the same.
    timed = [
        each.model_copy(update={"at": start + timedelta(seconds=n // 2)}) for n, each in enumerate(messages)
    ]
    assert score(data.draw(st.permutations(timed)), feedback) == score(timed, feedback)
