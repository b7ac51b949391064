"""supabase-py drives every RPC of the module over a running server, and nobody reads another's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from postgrest.exceptions import APIError

from casebase.kernel.db import SERVICE
from tests.practice.conftest import MakeSession, People
from tests.practice.test_access import DOORS
from tests.support.supabase_client import Supabase, only_its_own_warnings, supabase

__all__ = ["supabase"]

pytestmark = only_its_own_warnings


async def test_every_rpc_is_driven(supabase: Supabase, people: People) -> None:
    rpc, learner, admin = supabase, people.learner, people.admin

    # What can be practised, and beginning with it.
    scenarios = (await rpc(learner, "list_scenarios"))["items"]
    assert [scenario["emoji"] for scenario in scenarios] == ["🛒", "🎉", "🥙"]
    assert await rpc(learner, "get_active_session") is None
    started = await rpc(learner, "start_session", scenario_id=scenarios[2]["scenario_id"])
    session = {"session_id": started["session"]["session_id"]}
    assert [message["role"] for message in started["messages"]] == ["scenario", "helper"]

    # Something is said, and answered as the API's process answers it.
    words = {**session, "chat_type": "main", "content": "Einen Döner, bitte!", "client_id": str(uuid4())}
    assert (await rpc(learner, "append_message", **words))["progress"]["message_count_main"] == 2
    assert (await rpc(learner, "append_message", **words))["is_repeated"] is True
    asked = {**words, "user_id": str(learner.sub), "client_id": str(uuid4()), "source": "scripted"}
    answer = await rpc(SERVICE, "start_answer", payload=asked)
    piece = {"answer_id": answer["answer_id"], "position": 1, "text": "Mit Soße?"}
    kept = await rpc(SERVICE, "add_answer_chunks", payload={"chunks": [piece]})
    assert kept["running"] == [answer["answer_id"]]
    ended = await rpc(SERVICE, "settle_answer", payload={"answer_id": answer["answer_id"]})
    assert ended == await rpc(learner, "read_answer", answer_id=answer["answer_id"])
    assert await rpc(SERVICE, "close_stale_answers") == 0
    active = await rpc(learner, "get_active_session")
    after = started["messages"][1]["timestamp"]
    listed = (await rpc(learner, "list_messages", **session, after=after))["items"]
    assert [message["content"] for message in listed] == ["Einen Döner, bitte!"] * 2 + ["Mit Soße?"]
    assert active["messages"][2:] == listed

    # The end, and another one that is given up.
    done = await rpc(learner, "complete_session", **session)
    assert done["allowance"]["completed_this_week"] == 1
    [past] = (await rpc(learner, "list_session_history", limit=5))["items"]
    assert past["session_id"] == session["session_id"]
    other = await rpc(learner, "start_session", scenario_id=1)
    await rpc(learner, "abandon_session", session_id=other["session"]["session_id"])
    assert (await rpc(learner, "get_profile"))["completed_scenario_count"] == 1

    # The log.
    await rpc(SERVICE, "log_event", level="warn", event_type="api_retry_attempted", metadata={"attempt": 2})
    event = {"event_id": str(uuid4()), "level": "error", "event_type": "api_call_failed"}
    for logged in (1, 0):
        assert (await rpc(SERVICE, "log_events", payload={"events": [event]}))["logged"] == logged
    [found] = (await rpc(admin, "list_log_events", payload={"level": "error"}))["items"]
    assert found["event_id"] == event["event_id"]
    now = datetime.now(UTC)
    period = {"from": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    happened = {rate["event_type"] for rate in (await rpc(admin, "get_log_rates", **period))["rates"]}
    assert happened >= {"scenario_started", "scenario_completed", "scenario_abandoned"}

    # What is cleaned up, and somebody who leaves.
    assert set((await rpc(SERVICE, "count_due_cleanups")).values()) == {0}
    for cleanup in ("delete_expired_sessions", "delete_old_logs", "reset_weekly_limits"):
        assert await rpc(SERVICE, cleanup) == 0
    assert (await rpc(learner, "delete_account"))["deleted"] == {"sessions": 1, "messages": 5}

    assert supabase.called == set(DOORS)


@pytest.mark.parametrize("who", ["other_learner", "admin", "other_admin"])
async def test_another_persons_token_opens_nothing(
    supabase: Supabase, people: People, make_session: MakeSession, who: str
) -> None:
    session_id = str(await make_session(people.learner))
    assert await supabase(getattr(people, who), "get_active_session") is None
    for function in ("list_messages", "complete_session", "abandon_session"):
        with pytest.raises(APIError) as refused:
            await supabase(getattr(people, who), function, session_id=session_id)
        assert (refused.value.code, refused.value.message) == ("PT404", "session_not_found")


async def test_without_a_token_nothing_is_told(supabase: Supabase) -> None:
    with pytest.raises(APIError) as refused:
        await supabase(None, "list_scenarios")
    assert refused.value.code == "42501"
