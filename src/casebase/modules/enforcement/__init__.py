"""Judgment enforcement: cases, tiers, stages, actions, calls, imports and their workers."""

from casebase.kernel.module import (
    JobHandler,
    Listener,
    Module,
    NavigationItem,
    RetentionRule,
    Schedule,
)

__all__ = ["MODULE"]

_OPERATORS = ("owner", "admin", "enforcement_operator")

MODULE = Module(
    name="enforcement",
    package="casebase.modules.enforcement",
    title="Enforcement",
    summary="A judgment becomes a case: scored, tiered, worked stage by stage until it is paid or given up.",
    routes="casebase.modules.enforcement.routes:router",
    pages="casebase.modules.enforcement.pages:router",
    uploads=tuple(
        f"/cases/{{case_id}}/{work}" for work in ("documents", "event", "payment", "subpoena", "response")
    ),
    client="casebase.modules.enforcement.service:Client",
    commands="casebase.modules.enforcement.commands:app",
    jobs=(
        JobHandler("enrich", "casebase.modules.enforcement.enrichment:enrich", max_attempts=8, timeout_s=600),
        JobHandler(
            "enforce", "casebase.modules.enforcement.playbook:open_actions", timeout_s=600, concurrency=4
        ),
        JobHandler(
            "enforcement_documents",
            "casebase.modules.enforcement.documents:sweep",
            timeout_s=600,
            concurrency=1,
        ),
        JobHandler(
            "enforcement_metrics", "casebase.modules.enforcement.metrics:keep", timeout_s=1800, concurrency=1
        ),
        JobHandler(
            "outreach", "casebase.modules.enforcement.outreach:plan_calls", timeout_s=300, concurrency=2
        ),
        # Longer than CASEBASE_AI_TIMEOUT_S can be: a slow model's answer is not thrown away.
        JobHandler(
            "case_copilot", "casebase.modules.enforcement.copilot:write_note", timeout_s=660, concurrency=2
        ),
    ),
    schedules=(
        # Scored before the playbook asks for the tier.
        Schedule("enforcement_enrich", "15 7 * * *", "enrich"),
        Schedule(
            "enforcement_erase_import_rows",
            "35 6 * * *",
            "casebase_retention",
            '{"rule": "enforcement.import_rows"}',
        ),
        # After the night's scores, before the playbook asks for the tier.
        Schedule("enforcement_refresh_metrics", "30 8 * * *", "enforcement_metrics", '{"is_refresh": true}'),
        Schedule("enforcement_fold_counts", "*/5 * * * *", "enforcement_metrics"),
        Schedule("enforcement_open_actions", "15 9 * * *", "enforce"),
        # Early in the morning of the whole country.
        Schedule("enforcement_plan_outreach", "15 10 * * *", "outreach"),
        Schedule("enforcement_sweep_documents", "41 * * * *", "enforcement_documents"),
    ),
    retention=(
        RetentionRule(
            name="import_rows",
            summary="What imported rows said that made no judgment, 30 days after their import began.",
            erase="erase_import_rows",
            count_due="count_due_import_rows",
            batch_limit=2000,
        ),
    ),
    listeners=(Listener("enforcement_events_channel", "casebase.modules.enforcement.fan_out:fan_out"),),
    navigation=(
        NavigationItem("Pipeline", "/console/enforcement/pipeline", icon="list"),
        NavigationItem("Cases", "/console/enforcement/cases", icon="folder"),
        NavigationItem("Call desk", "/console/enforcement/calls", icon="phone", roles=_OPERATORS),
        NavigationItem("Boards", "/console/enforcement/boards", icon="chart"),
        NavigationItem("Overrides", "/console/enforcement/overrides", icon="edit"),
        NavigationItem("Imports", "/console/enforcement/imports", icon="inbox", roles=_OPERATORS),
        NavigationItem("Audit", "/console/enforcement/audit", icon="eye"),
        NavigationItem("Settings", "/console/enforcement/settings", icon="gear", roles=("owner", "admin")),
    ),
)
