"""Scores, metrics and PHI events: what was found over time, told to administrators, and nothing else."""

from __future__ import annotations

import httpx
import pytest

from casebase.kernel.db import Session
from tests.frontdesk.pages.conftest import ROOT
from tests.frontdesk.pages.reading import read


class TestScores:
    async def test_says_when_nothing_was_scored(self, admin: httpx.AsyncClient) -> None:
        assert "Nothing was scored" in await read(admin, "scores")

    @pytest.mark.usefixtures("scored")
    async def test_shows_their_course(self, admin: httpx.AsyncClient) -> None:
        for days in ("7", "364", "many"):
            text = await read(admin, f"scores?days={days}")
            for shown in (
                "Conversations 2", "Average 61.5", "Lowest 31", "Highest 92", "Scores by day", "good-chat 92 4 of 5 Yes"
            ):  # fmt: skip
                assert shown in text, shown

    @pytest.mark.usefixtures("scored")
    async def test_is_narrowed_to_bands_and_opened(self, admin: httpx.AsyncClient) -> None:
        assert (await admin.get(f"{ROOT}/scores?band=poor")).text.count("<tr data-href") == 1
        assert (await admin.get(f"{ROOT}/scores?session_id=good-chat")).text.count("<tr data-href") == 1
        text = await read(admin, "scores/one?session_id=poor-chat&version=1")
        for shown in ("31 of 100", "Few errors 15 of 15 points", "Feedback Fine.", "Resolved No"):
            assert shown in text, shown
        for address in (
            "scores/one",
            "scores/one?session_id=none",
            "scores/one?session_id=poor-chat&version=2",
        ):
            assert (await admin.get(f"{ROOT}/{address}")).status_code == 404, address

    async def test_shows_scores_that_were_measured_elsewhere(
        self, admin: httpx.AsyncClient, service: Session
    ) -> None:
        measures = {"is_resolved": 7, "rating": True, "turn_count": 1e300, "errors_points": None, "warmth": 2}
        payload = {"session_id": "theirs", "score": 50, "version": 9, "measures": measures}
        await service.call("score_conversation", {"payload": payload})
        assert "theirs 50" in await read(admin, "scores")
        assert "Resolved –" in await read(admin, "scores/one?session_id=theirs")


class TestMetrics:
    async def test_says_when_there_are_none(self, admin: httpx.AsyncClient) -> None:
        assert "No metrics yet" in await read(admin, "metrics")
        assert "No readings" in await read(admin, "metrics?name=never.recorded")

    @pytest.mark.usefixtures("measured")
    async def test_shows_percentiles_by_step_and_tags(self, admin: httpx.AsyncClient) -> None:
        text = await read(admin, "metrics")
        for shown in (
            "chat.latency",
            "Readings 12",
            "Least 100",
            "Most 111",
            "Percentiles by hour",
            "from the readings",
        ):
            assert shown in text, shown
        for period, step in (("6h", "minute"), ("7d", "day"), ("30d", ""), ("1y", "day"), ("ever", "eon")):
            assert "Readings 12" in await read(
                admin, f"metrics?name=chat.latency&period={period}&step={step}"
            ), period
        assert "Readings 6" in await read(admin, "metrics?name=chat.latency&tags=plan%3Dpro")
        assert "No readings" in await read(
            admin, "metrics?name=chat.latency&tags=plan%3Dpro,paid%3Dtrue,n%3D1"
        )
        assert "Tags are typed as" in await read(admin, "metrics?name=chat.latency&tags=pro")
        beyond = await read(admin, f"metrics?name=chat.latency&tags=n%3D{'9' * 390}.5")
        assert "Readings 0" in beyond  # no number that anybody reads: asked for as a text


class TestPhi:
    async def test_says_when_nothing_was_found(self, admin: httpx.AsyncClient) -> None:
        assert "Nothing was found" in await read(admin, "phi")

    @pytest.mark.usefixtures("found")
    async def test_shows_masks_alone(self, admin: httpx.AsyncClient) -> None:
        text = await read(admin, "phi")
        for shown in (
            "Found 3",
            "Masked 2",
            "Blocked 1",
            "By what was found",
            "Name Masked it is [name] <b>",
            "[card …4242]",
        ):
            assert shown in text, shown
        assert "<b>" not in (await admin.get(f"{ROOT}/phi")).text
        assert (await admin.get(f"{ROOT}/phi?phi_type=card")).text.count('data-title="Found"') == 1
        assert (await admin.get(f"{ROOT}/phi?action_taken=masked&days=7")).text.count(
            'data-title="Found"'
        ) == 2
