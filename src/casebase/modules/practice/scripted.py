"""Who answers where no language model is set: a partner for each scenario, and a helper with words and phrases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

_WORD_S: Final = 0.02


async def scripted_pieces(chat_type: str, material: Mapping[str, Any]) -> AsyncGenerator[str, None]:
    """Yield an answer word by word, at the pace of somebody who types fast; the same for the same material."""
    words = scripted_answer(chat_type, material).split(" ")
    for number, word in enumerate(words, 1):
        yield word if number == len(words) else f"{word} "
        await asyncio.sleep(_WORD_S)


def scripted_answer(chat_type: str, material: Mapping[str, Any]) -> str:
    """Return what is answered in a chat; ``material`` is what ``start_answer`` returns."""
    if chat_type == "helper":
        return "I am offline. You could say: „Ich hätte gern …“ (I would like …)."
    return "Gern! Was möchten Sie noch?"
