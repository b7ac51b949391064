"""Practice as it is after years: many people with sessions behind them, one under way, or one they left; a month's log."""

from __future__ import annotations

from hashlib import md5
from uuid import UUID

import asyncpg

COMPLETED_EACH = 3
MESSAGES_EACH = 25
"""Of a session: every third is the helper's chat's."""

# Ids are a hash, so that whoever measures knows those of the n-th person, and as random as they are in life: neighbours
# in an index have nothing else in common.
_PEOPLE = """
    create temporary table many on commit preserve rows as
    select i, md5('{who} ' || i)::uuid as id, casebase.now() - make_interval(secs => i % 86400) as active_at
    from generate_series(1, {people}) i;
    analyze many;
    insert into auth.users (id, email) select id, id || '@many.example' from many;
    insert into public.profiles (id, email, completed_scenario_count, created_at)
    select id, id || '@many.example', {completed}, active_at - interval '60 days' from many
"""

# n = 0: the one that is not completed.
_SESSIONS = """
    create temporary table held on commit preserve rows as
    select md5('{what} ' || m.i || ' ' || n)::uuid as id, m.id as user_id, 1 + (m.i + n) % 3 as scenario_id, n,
           m.active_at - make_interval(days => case n when 0 then {days_ago} else 7 * n end) as last_at
    from many m cross join generate_series(0, {completed}) n;
    insert into public.sessions (
        id, user_id, scenario_id, is_completed, started_at, last_activity_at, completed_at, duration_seconds,
        message_count_main, message_count_helper, created_at, updated_at)
    select id, user_id, scenario_id, n > 0, last_at - interval '30 minutes', last_at,
           case when n > 0 then last_at end, case when n > 0 then 1800 end,
           {messages} - {messages} / 3, {messages} / 3, last_at - interval '30 minutes', last_at
    from held
"""

_MESSAGES = """
    insert into public.messages (session_id, role, chat_type, content, "timestamp", client_id, created_at)
    select h.id,
           case when k % 6 in (1, 2, 3) then 'user' when k % 3 = 0 then 'helper' else 'scenario' end,
           case when k % 3 = 0 then 'helper' else 'main' end,
           'Ich hätte gern ein Kilo Äpfel und zwei Brötchen, bitte. Was kostet das zusammen? ' || k, t.at,
           case when k % 6 in (1, 2, 3) then gen_random_uuid() end, t.at
    from held h
    cross join generate_series(1, {messages}) k
    cross join lateral (select h.last_at - make_interval(secs => 60 * ({messages} - k)) as at) t
"""

# As every answer was once: who asked, and what it became.
_ANSWERS = """
    insert into practice.answers (
        session_id, chat_type, asked_message_id, status, source, message_id, cuts, started_at, beat_at, finished_at)
    select a.session_id, a.chat_type, a.id, 'completed', 'scripted', b.id, '{{20,40}}', a."timestamp", b."timestamp", b."timestamp"
    from (
        select distinct on (m.session_id) m.* from public.messages m join held h on h.id = m.session_id
        where m.role = 'user' and m.chat_type = 'main' order by m.session_id, m."timestamp"
    ) a
    join (
        select distinct on (m.session_id) m.* from public.messages m join held h on h.id = m.session_id
        where m.role = 'scenario' order by m.session_id, m."timestamp" desc
    ) b using (session_id)
"""

_LOGS = """
    insert into public.logs (level, event_type, user_key, metadata, created_at)
    select (array['debug', 'info', 'info', 'info', 'info', 'info', 'info', 'warn', 'warn', 'error'])[1 + i % 10],
           (array['rate_limit_checked', 'session_created', 'scenario_started', 'api_call_completed', 'api_call_started',
                  'user_login_success', 'scenario_completed', 'api_retry_attempted', 'rate_limit_exceeded',
                  'api_call_failed'])[1 + i % 10],
           substr(md5((i % 5000)::text), 1, 24), jsonb_build_object('duration_ms', i % 3000),
           casebase.now() - interval '29 days' * i / {logs}
    from generate_series(1, {logs}) i
"""


def person_id(n: int) -> UUID:
    """Whom the maker made as its n-th, from 1."""
    return UUID(md5(f"person {n}".encode(), usedforsecurity=False).hexdigest())


def session_id(n: int, which: int = 0) -> UUID:
    """The n-th person's session that is not completed, or the completed one of so many weeks ago."""
    return UUID(md5(f"session {n} {which}".encode(), usedforsecurity=False).hexdigest())


async def make_many_sessions(owner: asyncpg.Connection, people: int, *, logs: int = 0) -> None:
    """Make ``people``, each with three completed sessions and an active one: a hundred messages a person."""
    await _make(owner, people, completed=COMPLETED_EACH, messages=MESSAGES_EACH, days_ago=0)
    if logs:
        await owner.execute(_LOGS.format(logs=int(logs)))
    await owner.execute("vacuum analyze")


async def make_expired_sessions(owner: asyncpg.Connection, people: int, *, messages: int = 6) -> None:
    """Make ``people``, each with a session that nobody came back to for ten days."""
    await _make(owner, people, completed=0, messages=messages, days_ago=10)
    await owner.execute("vacuum analyze")


async def _make(
    owner: asyncpg.Connection, people: int, *, completed: int, messages: int, days_ago: int
) -> None:
    who, what = ("person", "session") if completed else ("gone", "gone session")
    numbers = {
        "who": who,
        "what": what,
        "people": people,
        "completed": completed,
        "messages": messages,
        "days_ago": days_ago,
    }
    # Without triggers: each row would look up whom it names, and count.
    await owner.execute("set session_replication_role = replica")
    for statement in (_PEOPLE, _SESSIONS, _MESSAGES, _ANSWERS):
        await owner.execute(statement.format(**numbers))
    await owner.execute("drop table many, held")
    await owner.execute("reset session_replication_role")
