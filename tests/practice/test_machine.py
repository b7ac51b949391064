"""Whatever two people do, in whatever order and however much later: sessions and weeks are what a small model says.

Hypothesis plays the people and the clock. The model knows which calls are refused, and why.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from casebase.kernel.db import SERVICE, Principal
from tests.conftest import MakePerson
from tests.practice.conftest import call_at
from tests.support import machines

ONE: Final = timedelta(microseconds=1)
WEEK: Final = timedelta(days=7)
CAPS: Final = {"main": 30, "helper": 100}
NOBODYS: Final = uuid4()

WHO = st.integers(0, 1)
CHAT = st.sampled_from(["main", "main", "main", "helper"])
# Mostly what can be done: a history made of refusals alone is short.
WHICH = st.sampled_from(["active"] * 12 + ["completed", "completed", "anothers", "nobodys"])
SELDOM = st.sampled_from([False, False, False, True])
SCENARIO = st.sampled_from([1, 2, 3, 1, 2, 3, 99])
LATER = st.sampled_from([timedelta(minutes=3), timedelta(hours=20), timedelta(days=3)])
ASIDE = st.sampled_from([-ONE, timedelta(), ONE])


@dataclass
class Practised:
    """A session as the model expects it."""

    id: UUID
    last_activity_at: datetime
    counts: dict[str, int] = field(default_factory=lambda: {"main": 1, "helper": 1})
    has_words_of_the_learner: bool = False


@dataclass
class Learner:
    """A person as the model expects them."""

    principal: Principal
    week: datetime
    in_week: int = 0
    in_all: int = 0
    active: Practised | None = None
    completed: list[UUID] = field(default_factory=list)

    def completed_in_week_of(self, now: datetime) -> int:
        return self.in_week if self.week > now else 0


def _monday_after(moment: datetime) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=7 - midnight.weekday())


@dataclass(frozen=True)
class World(machines.World):
    make_person: MakePerson


class Practice(RuleBasedStateMachine):
    """Two learners and a clock that only goes forward, from before a year's edge."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.now = datetime(2026, 12, 26, 9, tzinfo=UTC)
        self.learners: list[Learner] = []

    @initialize()
    def two_learners(self) -> None:
        self.learners = [self._newcomer(), self._newcomer()]

    def teardown(self) -> None:
        self.world.do(self.world.owner.execute("delete from auth.users"))

    @rule(by=LATER)
    def time_passes(self, by: timedelta) -> None:
        self.now += by

    @rule(who=WHO, aside=ASIDE, is_expiry=st.booleans())
    def an_edge_is_near(self, who: int, aside: timedelta, is_expiry: bool) -> None:
        active = self.learners[who].active
        edge = active.last_activity_at + WEEK if active and is_expiry else _monday_after(self.now)
        self.now = max(self.now, edge + aside)

    @rule(who=WHO, scenario_id=SCENARIO)
    def start(self, who: int, scenario_id: int) -> None:
        learner = self.learners[who]
        refusal = None
        if scenario_id == 99:
            refusal = "scenario_not_found"
        elif learner.completed_in_week_of(self.now) >= 3:
            refusal = "weekly_limit_reached"
        elif learner.active and not self._is_expired(learner.active):
            refusal = "session_active"
        reply = self._call(learner, refusal, "start_session", scenario_id=scenario_id)
        if reply:
            self._begin_week(learner)
            learner.active = Practised(UUID(reply["session"]["session_id"]), self.now + ONE)

    @rule(who=WHO, which=WHICH, chat=CHAT, times=st.sampled_from([1, 1, 2, 16]), is_sent_twice=st.booleans())
    def say(self, who: int, which: str, chat: str, times: int, is_sent_twice: bool) -> None:
        learner = self.learners[who]
        session_id = self._pick(learner, which)
        for _ in range(times):
            refusal = self._refusal_of(learner, session_id)
            if refusal is None and learner.active and learner.active.counts[chat] >= CAPS[chat]:
                refusal = "message_cap_reached"
            words = {"session_id": session_id, "chat_type": chat, "content": "Ja", "client_id": uuid4()}
            reply = self._call(learner, refusal, "append_message", **words)
            if refusal:
                return
            if learner.active:
                learner.active.counts[chat] += 1
                learner.active.has_words_of_the_learner |= chat == "main"
                learner.active.last_activity_at = max(self.now, learner.active.last_activity_at + ONE)
                if is_sent_twice:
                    again = self._call(learner, None, "append_message", **words)
                    assert (again["is_repeated"], again["message_id"]) == (True, reply["message_id"])

    @rule(who=WHO, which=WHICH)
    def complete(self, who: int, which: str) -> None:
        learner = self.learners[who]
        session_id = self._pick(learner, which)
        if session_id in learner.completed:
            assert self._call(learner, None, "complete_session", session_id=session_id)["is_repeated"]
            return
        refusal = self._refusal_of(learner, session_id)
        if refusal is None and learner.active and not learner.active.has_words_of_the_learner:
            refusal = "session_empty"
        if self._call(learner, refusal, "complete_session", session_id=session_id):
            self._begin_week(learner)
            learner.in_week += 1
            learner.in_all += 1
            learner.completed.append(session_id)
            learner.active = None

    @rule(who=WHO, times=st.sampled_from([1, 14, 28, 29, 30]), is_completed=st.booleans())
    def practise(self, who: int, times: int, is_completed: bool) -> None:
        """Begin, say something and perhaps come to an end, as people mostly do."""
        self.start(who, 1)
        self.say(who, "active", "main", times, is_sent_twice=False)
        if is_completed:
            self.complete(who, "active")

    @rule(who=WHO, which=WHICH, is_meant=SELDOM)
    def abandon(self, who: int, which: str, is_meant: bool) -> None:
        if not is_meant:
            return
        learner = self.learners[who]
        session_id = self._pick(learner, which)
        refusal = self._refusal_of(learner, session_id)
        if refusal == "session_expired":  # what is over can be left, too
            refusal = None
        if self._call(learner, refusal, "abandon_session", session_id=session_id):
            learner.active = None

    @rule()
    def clean_up(self) -> None:
        expired = [each for each in self.learners if each.active and self._is_expired(each.active)]
        assert self._at_now(SERVICE, "delete_expired_sessions") == len(expired)
        for learner in expired:
            learner.active = None

    @rule()
    def begin_all_weeks(self) -> None:
        self._at_now(SERVICE, "reset_weekly_limits")

    @rule(who=WHO, is_meant=SELDOM)
    def leave(self, who: int, is_meant: bool) -> None:
        if is_meant:
            assert self._call(self.learners[who], None, "delete_account")
            self._call(self.learners[who], "user_required", "get_profile")
            self.learners[who] = self._newcomer()

    @invariant()
    def all_is_as_expected(self) -> None:
        for learner in self.learners:
            profile = self._call(learner, None, "get_profile")
            assert profile["completed_scenario_count"] == learner.in_all
            in_week = learner.completed_in_week_of(self.now)
            allowance = profile["allowance"]
            assert (allowance["completed_this_week"], allowance["remaining"]) == (in_week, 3 - in_week)
            assert datetime.fromisoformat(allowance["resets_at"]) == _monday_after(self.now)

            found = self._call(learner, None, "get_active_session")
            if learner.active is None or self._is_expired(learner.active):
                assert found is None
            else:
                session = found["session"]
                assert session["session_id"] == str(learner.active.id)
                assert datetime.fromisoformat(session["last_activity_at"]) == learner.active.last_activity_at
                for chat, count in learner.active.counts.items():
                    assert session[f"message_count_{chat}"] == count
                    assert sum(each["chat_type"] == chat for each in found["messages"]) == count
                assert found["progress"]["should_conclude"] == (learner.active.counts["main"] >= 15)

            history = self._call(learner, None, "list_session_history", limit=200)["items"]
            assert {UUID(each["session_id"]) for each in history} == set(learner.completed)

    def _newcomer(self) -> Learner:
        principal = self.world.do(self.world.make_person(None, ""))
        week = _monday_after(self.now)
        self.world.do(
            self.world.owner.execute(
                "update public.profiles set week_reset_date = $2 where id = $1", principal.sub, week
            )
        )
        return Learner(principal, week)

    def _begin_week(self, learner: Learner) -> None:
        learner.in_week = learner.completed_in_week_of(self.now)
        learner.week = _monday_after(self.now)

    def _is_expired(self, session: Practised) -> bool:
        return session.last_activity_at < self.now - WEEK

    def _pick(self, learner: Learner, which: str) -> UUID:
        """The id of a session of a kind; nobody's, where there is none of it."""
        if which == "completed" and learner.completed:
            return learner.completed[-1]
        another = self.learners[1 - self.learners.index(learner)]
        active = {"active": learner.active, "anothers": another.active}.get(which)
        return active.id if active else NOBODYS

    def _refusal_of(self, learner: Learner, session_id: UUID) -> str | None:
        """Why nothing can be done in a session, or None."""
        if session_id in learner.completed:
            return "session_completed"
        if learner.active is None or session_id != learner.active.id:
            return "session_not_found"
        return "session_expired" if self._is_expired(learner.active) else None

    def _at_now(self, principal: Principal, function: str, **arguments: Any) -> Any:
        return self.world.do(call_at(self.world.owner, self.now, principal, function, **arguments))

    def _call(self, learner: Learner, refusal: str | None, function: str, **arguments: Any) -> Any:
        """Call as a learner; the answer, or None where it must be refused, and is, with this code."""
        answer, code = self.world.outcome(
            call_at(self.world.owner, self.now, learner.principal, function, **arguments)
        )
        assert code == refusal, (function, arguments)
        return answer


async def test_it_is_what_the_model_says(owner: asyncpg.Connection, make_person: MakePerson) -> None:
    world = World(asyncio.get_running_loop(), owner, make_person)
    await machines.play(lambda: Practice(world), examples=15, steps=40)
