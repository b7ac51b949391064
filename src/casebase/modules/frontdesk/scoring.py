"""How well a conversation went, from 0 to 100: the same for the same conversation, on any machine, in any process.

Five things are looked at, each from 0 to 1, and each adds its points:

====================  ======  =======================================================================================
what                  points  from 0 to 1
====================  ======  =======================================================================================
resolution                40  1 for what was resolved, 0 for what was not, 1/2 where nobody said
sentiment                 30  ``(rating - 1) / 4``; 1/2, as a rating of 3, where nobody rated
errors                    15  ``1 / (1 + errors)``: one error takes half, three take three quarters
turns                     10  ``min(1, 8 / turns)``: an answer within eight turns is quick; 0 where nothing was answered
length                     5  of the replies' mean length ``n``: ``min(1, n / 20, 1200 / n)``; 0 without replies
====================  ======  =======================================================================================

The sum is rounded, half up. A conversation without messages has no points for errors, turns and length, so a better
rating or a resolution always tells, and nothing else does. A turn is a reply to somebody who said something, however
many messages either took. Messages that all have a time are read in its order, others as they are given.

What was said is measured and forgotten: measures hold numbers alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from math import floor
from typing import Final

from casebase.modules.frontdesk.models.scores import Feedback, Message

__all__ = ["VERSION", "Score", "score"]

VERSION: Final = 1
"""Counted up with any change of a score that the same conversation gets: scores compare within one version."""

POINTS: Final = {"resolution": 40, "sentiment": 30, "errors": 15, "turns": 10, "length": 5}

_QUICK_TURNS: Final = 8
_SHORT_REPLY: Final = 20
_LONG_REPLY: Final = 1200
_UNKNOWN: Final = Fraction(1, 2)


@dataclass(frozen=True)
class Score:
    """A score, the version of the scoring that made it, and the measures that it was made of."""

    score: int
    version: int
    measures: dict[str, int | float | bool | None]


def score(messages: Sequence[Message], feedback: Feedback | None = None) -> Score:
    """Return how well a conversation went; ``measures`` tells what was counted, and the points of each of the five."""
    feedback = feedback or Feedback()
    said = _in_order(messages)
    replies = [message for message in said if message.role == "assistant"]
    turns = _count_turns(said)
    errors = sum(message.is_error for message in said)
    length = Fraction(sum(len(reply.content) for reply in replies), len(replies) or 1)
    shares = {
        "resolution": _UNKNOWN if feedback.is_resolved is None else Fraction(feedback.is_resolved),
        "sentiment": _UNKNOWN if feedback.rating is None else Fraction(feedback.rating - 1, 4),
        "errors": Fraction(1, 1 + errors) if said else Fraction(0),
        "turns": min(Fraction(1), Fraction(_QUICK_TURNS, turns)) if turns else Fraction(0),
        "length": min(Fraction(1), length / _SHORT_REPLY, _LONG_REPLY / length) if length else Fraction(0),
    }
    points = {name: POINTS[name] * share for name, share in shares.items()}
    return Score(
        # Fractions, as floats would round some sums of halves up and others down.
        score=floor(sum(points.values()) + Fraction(1, 2)),
        version=VERSION,
        measures={
            "message_count": len(said),
            "turn_count": turns,
            "error_count": errors,
            "mean_reply_length": _plain(length),
            "rating": feedback.rating,
            "sentiment": None if feedback.rating is None else (feedback.rating - 3) / 2,
            "is_resolved": feedback.is_resolved,
            **{f"{name}_points": _plain(value) for name, value in points.items()},
        },
    )


def _in_order(messages: Sequence[Message]) -> list[Message]:
    """The messages by their time if all have one; those of one moment in an order that is always the same."""
    timed = [(message.at, message) for message in messages if message.at is not None]
    if len(timed) < len(messages):
        return list(messages)
    timed.sort(
        key=lambda each: (each[0], each[1].role != "user", each[1].role, each[1].content, each[1].is_error)
    )
    return [message for _, message in timed]


def _count_turns(said: Sequence[Message]) -> int:
    """How often somebody was replied to; what a system says is neither."""
    speakers = [role for role, _ in groupby(message.role for message in said if message.role != "system")]
    return sum(pair == ("user", "assistant") for pair in pairwise(speakers))


def _plain(value: Fraction) -> float:
    return round(float(value), 2)
