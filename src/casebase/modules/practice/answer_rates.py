"""How many answers a person may have made, as each asks a language model that somebody pays for."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from casebase.kernel.config import Settings
from casebase.kernel.errors import RateLimitedError
from casebase.kernel.http.limits import RateLimiter
from casebase.modules.practice.settings import PracticeSettings

_ENDPOINT: Final = "practice answers"


class AnswerRateError(RateLimitedError):
    """You asked for too many answers; go on after a while."""

    code = "answer_rate_exceeded"


class AnswerRates:
    """Count the answers that are begun: sessions are abandoned for nothing, so they limit no bill."""

    def __init__(self, settings: Settings, practice: PracticeSettings) -> None:
        self._limiters = [
            RateLimiter(settings, rule) for rule in (practice.answer_daily_rate, practice.answer_rate)
        ]

    async def refusal(self, person: str) -> AnswerRateError | None:
        """Return what to refuse a person's next answer with; counts nothing."""
        for limiter in self._limiters:
            try:
                await limiter.check_subject(_ENDPOINT, person)
            except RateLimitedError as error:
                return AnswerRateError(retry_after=error.retry_after)
        return None

    async def count(self, person: str) -> None:
        """Count an answer that was begun, even one too many of several that began at once."""
        for limiter in self._limiters:
            with suppress(RateLimitedError):
                await limiter.hit_subject(_ENDPOINT, person)

    async def close(self) -> None:
        """Close the connections to Redis."""
        for limiter in self._limiters:
            await limiter.close()
