"""A believable example to look at: people who practise, told session by session through the RPCs, in the past.

Each turn is said while the connection's clock stands at its moment, and answered by the scripted partner and helper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

from casebase.kernel.db import SERVICE, Database, Principal
from casebase.kernel.errors import RpcError
from casebase.kernel.runtime import Runtime
from casebase.modules.practice.scripted import scripted_answer

OLDEST_DAY: Final = 24

_FIRST: Final = (
    "amara", "bruno", "chloe", "daria", "elif", "farid", "giulia", "hugo", "ines", "jamal", "kaori", "liam", "marta",
    "nadia", "omar", "priya", "rafael", "sofia", "tomas", "yuki",
)  # fmt: skip
# What learners say, with the slips they make.
_LINES: Final[dict[int, tuple[str, ...]]] = {
    1: (
        "Guten Morgen! Ich möchte Äpfel kaufen.",
        "Wie viel kostet ein Kilo Tomaten?",
        "Das ist ein bisschen teuer. Haben Sie auch Kartoffeln?",
        "Gut, ich nehme ein Kilo Äpfel und zwei Kilo Kartoffeln.",
        "Sind die Erdbeeren süß? Kann ich eine probieren?",
        "Dann nehme ich auch ein halbes Kilo Erdbeeren, bitte.",
        "Nein, danke, das ist alles. Was macht das zusammen?",
        "Hier bitte, zwanzig Euro. Ich habe nicht klein.",
        "Vielen Dank und einen schönen Tag! Auf Wiedersehen!",
    ),
    2: (
        "Hallo Lena, ich bin eine Freundin von Jonas. Wir haben zusammen studiert.",
        "Ich komme aus Spanien, aber ich wohne seit zwei Jahren in Berlin.",
        "Ich arbeite als Krankenschwester. Und was machst du?",
        "Das klingt interessant! Gefällt dir deine Arbeit?",
        "In meine Freizeit spiele ich gern Gitarre und gehe oft spazieren.",
        "Die Musik ist sehr gut. Tanzt du gern?",
        "Möchtest du auch etwas trinken? Ich hole ein Glas Wasser.",
        "Es war schön, mit dir zu reden. Bis bald, tschüss!",
    ),
    3: (
        "Hallo! Ich hätte gern einen Döner, bitte.",
        "Mit Hähnchen, aber ohne Zwiebeln. Ich mag Zwiebeln nicht.",
        "Welche Soßen haben Sie? Ist die scharfe Soße sehr scharf?",
        "Dann nehme ich Kräutersoße und nur ein bisschen scharf.",
        "Zum Mitnehmen, bitte. Und noch einen Ayran.",
        "Was kostet das zusammen?",
        "Hier sind zehn Euro. Stimmt so.",
        "Danke schön! Tschüss!",
    ),
}
_QUESTIONS: Final = (
    "How do I ask what something costs?",
    "What does that mean? I did not understand the last sentence.",
    "Can you check this: In meine Freizeit spiele ich gern Gitarre?",
    "How do I say that I do not like something?",
    "Which words do I need here?",
)


@dataclass(frozen=True, slots=True)
class _Visit:
    """One session to be: when it begins, in which scenario, and how it ends."""

    moment: datetime
    scenario_id: int
    turns: int
    end: str
    """``completed``, ``abandoned``, or ``open``."""


async def tell(
    runtime: Runtime, people: int, *, seed: int, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Make ``people`` accounts that nobody can sign in to, and their sessions; return how many sessions.

    ``progress`` is told how many people have been told of.
    """
    luck = Random(seed)  # noqa: S311 - no secret
    told = 0
    # Direct, and alone: where its clock stands is a setting of the connection.
    async with await Database.connect(runtime.direct_url, pool_size=1) as database:
        clock = _Clock(runtime, database)
        for number in range(people):
            email = f"{_FIRST[number % len(_FIRST)]}.{seed:x}{number}@example.com"
            visits = _visits(runtime.clock.now(), luck)
            await clock.set(visits[0].moment - timedelta(minutes=luck.randint(2, 90)))
            # No password hashes to "!".
            user_id: UUID = await database.pool.fetchval("select practice.sign_up($1, '!', true)", email)
            person = Principal("authenticated", sub=user_id)
            for visit in visits:
                told += await _practise(clock, person, visit, luck)
            progress(number + 1)
    return told


@dataclass(slots=True)
class _Clock:
    """The clock of a pool's one connection."""

    runtime: Runtime
    database: Database

    async def set(self, moment: datetime) -> None:
        offset = moment - self.runtime.clock.now() + self.runtime.settings.clock_offset
        await self.database.pool.execute(
            "select set_config('casebase.clock_offset', $1, false)", f"{offset.total_seconds()} seconds"
        )


def _visits(now: datetime, luck: Random) -> list[_Visit]:
    oldest = luck.randint(3, OLDEST_DAY)
    today = now.replace(hour=0, minute=0, second=0)
    days = sorted(luck.sample(range(1, oldest + 1), min(oldest, luck.randint(2, 7))), reverse=True)
    visits = [
        _Visit(
            today - timedelta(days=day) + timedelta(seconds=luck.randint(7 * 3600, 21 * 3600)),
            luck.choice((1, 1, 2, 2, 3)),
            luck.randint(4, 8),
            luck.choices(("completed", "abandoned"), (9, 1))[0],
        )
        for day in days
    ]
    if luck.random() < 0.4:
        moment = now - timedelta(minutes=luck.randint(20, 120))
        visits.append(_Visit(moment, luck.randint(1, 3), luck.randint(1, 4), "open"))
    return visits


async def _practise(clock: _Clock, person: Principal, visit: _Visit, luck: Random) -> int:
    own, moment = clock.database.session(person), visit.moment
    await clock.set(moment)
    try:
        started = await own.call("start_session", {"scenario_id": visit.scenario_id})
    except RpcError as refused:
        if refused.code != "weekly_limit_reached":
            raise
        return 0
    session = {"session_id": started["session"]["session_id"]}
    lines = _LINES[visit.scenario_id]
    last = lines[-1] if visit.end == "completed" else lines[visit.turns - 1]
    for line in (*lines[: visit.turns - 1], last):
        said = [("main", line)]
        if luck.random() < 0.25:
            said.insert(0, ("helper", luck.choice(_QUESTIONS)))
        for chat_type, content in said:
            moment += timedelta(seconds=luck.randint(15, 70))
            await clock.set(moment)
            await _say(clock.database, person, {**session, "chat_type": chat_type, "content": content})
    if visit.end != "open":
        await clock.set(moment + timedelta(seconds=luck.randint(5, 20)))
        await own.call("complete_session" if visit.end == "completed" else "abandon_session", session)
    return 1


async def _say(database: Database, person: Principal, said: dict[str, Any]) -> None:
    """Have something said and answered, as a process of the API does."""
    service = database.session(SERVICE)
    asked = {**said, "user_id": str(person.sub), "client_id": str(uuid4()), "source": "scripted"}
    answer = await service.call("start_answer", {"payload": asked})
    text = scripted_answer(said["chat_type"], answer["material"])
    piece = {"answer_id": answer["answer_id"], "position": 1, "text": text}
    await service.call("add_answer_chunks", {"payload": {"chunks": [piece]}})
    await service.call("settle_answer", {"payload": {"answer_id": answer["answer_id"]}})
