"""What is published of cases tells nobody's story, and nothing at all when the check finds anything."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycanon.anonymity import k_anonymity

from casebase.kernel.clock import Clock
from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from casebase.kernel.jobs import Job, JobContext
from casebase.kernel.runtime import Runtime
from casebase.modules.mortgage import pseo, publishing
from casebase.modules.mortgage.enums import DecisionReason, Hurdle, PropertyType
from casebase.modules.mortgage.publishing import ForeignFolderError, PublishingLeakError, export
from tests.mortgage.leads import BANK, CONTACT

ROW = {
    "property_type": "hdb",
    "loan_amount": 412_345.67,
    "decision_reason": "lower_instalment",
    "net_savings": 3_217.5,
    "hurdles": ["timing", "documents"],
}

rows = st.lists(
    st.fixed_dictionaries(
        {
            "property_type": st.sampled_from(list(PropertyType)[:2]),
            "loan_amount": st.sampled_from([100_000, 249_999.99, 250_000, 3_000_000]),
            "decision_reason": st.sampled_from([None, *list(DecisionReason)[:2]]),
            "net_savings": st.sampled_from([-800, 0, 0.01, 2_000, 39_999.99, 1e8]),
            "hurdles": st.lists(st.sampled_from(list(Hurdle)[:2]), unique=True),
        }
    ),
    max_size=300,
)


class TestPublishing:
    @given(rows)
    def test_what_is_published_is_of_five_or_more_alike(self, given_rows: list[dict[str, Any]]) -> None:
        cases = pseo.publish(given_rows)
        if cases:
            frame = pandas.DataFrame([json.loads(line) for line in pseo.json_lines(cases).splitlines()])
            frame["hurdles"] = frame["hurdles"].map(" ".join)
            assert k_anonymity(frame, list(frame.columns)) >= 5

    @given(rows)
    def test_fewer_than_five_of_a_kind_are_withheld(self, given_rows: list[dict[str, Any]]) -> None:
        every, published = Counter(pseo.publish(given_rows, k=1)), Counter(pseo.publish(given_rows))
        assert every.total() == len(given_rows)
        assert all(0 <= count - published[case] < 5 for case, count in every.items())

    @given(st.integers(0, 30))
    def test_a_group_grows_by_five_at_once(self, count: int) -> None:
        assert len(pseo.publish([ROW] * count)) == count - count % 5

    @given(rows, st.randoms())
    def test_the_order_tells_nothing(self, given_rows: list[dict[str, Any]], random: Any) -> None:
        shuffled = random.sample(given_rows, len(given_rows))
        assert pseo.json_lines(pseo.publish(given_rows)) == pseo.json_lines(pseo.publish(shuffled))

    @given(rows)
    def test_what_is_published_passes_its_own_check(self, given_rows: list[dict[str, Any]]) -> None:
        cases = pseo.publish(given_rows, k=1)
        pages = pseo.pages(cases)
        assert pseo.personal([pseo.json_lines(cases), *pages, *pages.values()]) == set()

    def test_a_case_tells_five_things_in_bands(self) -> None:
        (line, *_) = pseo.json_lines(pseo.publish([ROW] * 5)).splitlines()
        assert json.loads(line) == {
            "property_type": "hdb",
            "loan_amount_band": "S$250k to S$500k",
            "decision_reason": "lower_instalment",
            "net_savings_band": "S$2k to S$5k",
            "hurdles": ["documents", "timing"],
        }

    def test_a_page_tells_the_same(self) -> None:
        ((name, text),) = pseo.pages(pseo.publish([ROW] * 6)).items()
        assert name == "hdb-loan-250k-to-500k-lower-instalment-saves-2k-to-5k-documents-timing.md"
        assert "# HDB flat, loan S$250k to S$500k: lower instalment" in text
        assert "At least 5 cases are like this one." in text

    @pytest.mark.parametrize(
        "text", [CONTACT["email"], CONTACT["phone"], "S1234567D", "4111 1111 1111 1111", "Blk 12 #03-45"]
    )
    def test_the_check_finds_personal_data(self, text: str) -> None:
        assert pseo.personal([f"they decided {text} so"])


@pytest.fixture
def close_case(service: Session, open_case: Any) -> Any:
    """Open cases of borrowers who agreed to publishing, and record their outcome."""

    async def close(count: int = 1, *, changes: dict[str, Any] | None = None, **outcome: Any) -> list[str]:
        closed = []
        for _ in range(count):
            opened = await open_case(
                changes={"consent.purposes": ["advice", "publishing"], **(changes or {})}
            )
            await service.call(
                "record_scenario_outcome",
                {
                    "payload": {
                        "case_id": opened["case_id"],
                        "decision": "reprice",
                        "decision_reason": "less_hassle",
                        "hurdles": ["documents"],
                        **outcome,
                    }
                },
            )
            closed.append(opened["case_id"])
        return closed

    return close


class TestAnExport:
    async def test_writes_lines_and_pages(self, service: Session, close_case: Any, tmp_path: Path) -> None:
        await close_case(5)
        await close_case(4, decision_reason="no_reply")
        done = await export(service, tmp_path / "out")
        assert (done.cases, done.withheld, done.pages) == (5, 4, 1)
        lines = (tmp_path / "out" / "cases.jsonl").read_text().splitlines()
        assert len(lines) == 5
        assert set(lines) == {
            '{"property_type":"private_condo","loan_amount_band":"S$750k to S$1m","decision_reason":"less_hassle",'
            '"net_savings_band":"none","hurdles":["documents"]}'
        }
        (page,) = (tmp_path / "out" / "pages").iterdir()
        assert "less hassle" in page.read_text()
        assert list(tmp_path.iterdir()) == [tmp_path / "out"]

    async def test_takes_only_who_agreed_and_has_an_outcome(
        self, service: Session, owner: asyncpg.Connection, open_case: Any, close_case: Any, tmp_path: Path
    ) -> None:
        await close_case(5, changes={"consent.purposes": ["advice"]})
        await close_case(5, changes={"tenant_id": str(await _other_tenant(owner))})
        withdrawn = await close_case(5, decision_reason="no_reply")
        await owner.execute(
            "update consents set withdrawn_at = casebase.now() where id in (select consent_id from scenario_cases where id = any ($1))",
            [UUID(case_id) for case_id in withdrawn],
        )
        for _ in range(5):
            await open_case(changes={"consent.purposes": ["advice", "publishing"]})
        assert (await export(service, tmp_path / "out")).cases == 0
        assert (tmp_path / "out" / "cases.jsonl").read_text() == ""

    async def test_goes_on_after_the_consent_to_be_contacted_expired(
        self, service: Session, owner: asyncpg.Connection, close_case: Any, tmp_path: Path
    ) -> None:
        await close_case(5)
        await owner.execute(
            "update leads set name = null, email = null, phone = null, erased_at = casebase.now()"
        )
        await owner.execute(
            "update consents set expired_at = casebase.now(), until = granted_at + interval '1 s'"
        )
        assert (await export(service, tmp_path / "out")).cases == 5

    async def test_reads_page_by_page(
        self, service: Session, close_case: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await close_case(7)
        monkeypatch.setattr(publishing, "_BATCH", 3)
        read: list[int] = []
        assert (await export(service, tmp_path / "out", progress=read.append)).cases == 5
        assert read == [3, 6, 7]

    async def test_replaces_an_earlier_one_whole(
        self, service: Session, close_case: Any, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        await close_case(5)
        await export(service, out)
        (before,) = (out / "pages").iterdir()
        await close_case(5, decision_reason="no_reply")
        await export(service, out)
        assert before.exists()
        assert len(list((out / "pages").iterdir())) == 2

    async def test_refuses_a_folder_of_somebody_elses(self, service: Session, tmp_path: Path) -> None:
        (tmp_path / "thesis.txt").write_text("mine")
        with pytest.raises(ForeignFolderError):
            await export(service, tmp_path)
        assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]

    @pytest.mark.parametrize(
        ("leak", "found"),
        [
            (CONTACT["name"], "a known borrower"),
            (CONTACT["name"].lower().replace(" ", "-"), "a known borrower"),
            (CONTACT["email"], "personal data (email), a name or number that is masked, a known borrower"),
            (CONTACT["phone"].replace(" ", ""), "personal data (phone)"),
            (f"moved to {BANK}", "a name or number that is masked"),
            ("S1234567D", "personal data (nric)"),
        ],
    )
    async def test_stops_at_one_hit_and_writes_nothing(
        self,
        service: Session,
        close_case: Any,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        leak: str,
        found: str,
    ) -> None:
        await close_case(5)
        out = tmp_path / "out"
        await export(service, out)
        before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
        monkeypatch.setattr(pseo, "json_lines", lambda cases: f'{{"hurdles": ["{leak}"]}}\n')
        with pytest.raises(PublishingLeakError) as stopped:
            await export(service, out)
        assert found in stopped.value.detail["found"]
        assert leak not in str(stopped.value.detail)
        assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
        assert list(tmp_path.iterdir()) == [out]

    async def test_a_borrower_called_by_its_own_words_stops_nothing(
        self, service: Session, close_case: Any, tmp_path: Path
    ) -> None:
        await close_case(5, changes={"contact.name": "Net Savings"})
        assert (await export(service, tmp_path / "out")).cases == 5

    async def test_is_the_services_alone(self, api: Any, people: Any) -> None:
        for function, arguments in (
            ("list_publishable_cases", {}),
            ("list_publishing_tenants", {}),
            ("find_publishing_leaks", {"texts": []}),
        ):
            with pytest.raises(RpcError) as refused:
                await api.session(people.admin).call(function, arguments)
            assert refused.value.status == 403


class TestTheNightlyExport:
    def _context(self, runtime: Runtime, service: Session, root: Path) -> JobContext:
        settings = runtime.settings.model_copy(update={"export_dir": root})
        return JobContext(
            Runtime(
                settings=settings,
                modules=runtime.modules,
                database=runtime.database,
                direct_url=runtime.direct_url,
            ),
            service,
        )

    async def test_writes_a_folder_a_tenant(
        self, runtime: Runtime, service: Session, owner: asyncpg.Connection, close_case: Any, tmp_path: Path
    ) -> None:
        await close_case(5)
        await close_case(5, changes={"tenant_id": str(await _other_tenant(owner))})
        job = Job("mortgage_publishing", 1, 1, {}, Clock().now())
        assert await publishing.publish_nightly(job, self._context(runtime, service, tmp_path)) is None
        written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("cases.jsonl")}
        assert written == {"mortgage/default/cases.jsonl", "mortgage/other/cases.jsonl"}

    async def test_alerts_for_each_tenant_that_is_stopped(
        self,
        runtime: Runtime,
        service: Session,
        owner: asyncpg.Connection,
        close_case: Any,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        await close_case(5)
        await close_case(5, changes={"tenant_id": str(await _other_tenant(owner))})
        monkeypatch.setattr(pseo, "json_lines", lambda cases: CONTACT["name"])
        job = Job("mortgage_publishing", 1, 1, {}, Clock().now())
        completion = await publishing.publish_nightly(job, self._context(runtime, service, tmp_path))
        assert completion is not None
        assert list(tmp_path.rglob("cases.jsonl")) == []
        await owner.execute(f"select {completion.function}($1::jsonb)", json.dumps(completion.arguments))
        alerts = await owner.fetch(
            "select message from pgmq.q_casebase_alerts where message::text like '%leak%'"
        )
        assert len(alerts) == 2
        for (alert,) in alerts:
            assert "a known borrower" in alert
            assert CONTACT["name"] not in alert

    async def test_goes_on_where_a_folder_is_not_its_own(
        self, runtime: Runtime, service: Session, owner: asyncpg.Connection, close_case: Any, tmp_path: Path
    ) -> None:
        await close_case(5)
        await close_case(5, changes={"tenant_id": str(await _other_tenant(owner))})
        (tmp_path / "mortgage/default").mkdir(parents=True)
        (tmp_path / "mortgage/default/thesis.tex").write_text("years of work")
        job = Job("mortgage_publishing", 1, 1, {}, Clock().now())
        completion = await publishing.publish_nightly(job, self._context(runtime, service, tmp_path))
        assert completion is not None
        (stopped,) = completion.arguments["stopped"]
        assert stopped["found"] == "a folder that no export wrote"
        assert (tmp_path / "mortgage/default/thesis.tex").read_text() == "years of work"
        assert (tmp_path / "mortgage/other/cases.jsonl").exists()


async def _other_tenant(owner: asyncpg.Connection) -> UUID:
    found: UUID = await owner.fetchval(
        "insert into tenants (slug, name) values ('other', 'Other') returning id"
    )
    return found
