"""Mortgage scenario cases: intake, advice, consent, AI context, publishing."""

from casebase.kernel.module import JobHandler, Module, NavigationItem, RetentionRule, Schedule

__all__ = ["MODULE"]

MODULE = Module(
    name="mortgage",
    package="casebase.modules.mortgage",
    title="Mortgage",
    summary="A lead becomes a case: inputs, advice to stay, reprice or refinance, and a timeline.",
    routes="casebase.modules.mortgage.routes:router",
    pages="casebase.modules.mortgage.pages:router",
    uploads=("/cases/{case_id}/documents", "/chat-events"),
    client="casebase.modules.mortgage.service:Client",
    commands="casebase.modules.mortgage.commands:app",
    demo="casebase.modules.mortgage.demo:story",
    jobs=(
        JobHandler(queue="mortgage_calculation", run="casebase.modules.mortgage.jobs:calculate"),
        JobHandler(
            "mortgage_tags", "casebase.modules.mortgage.jobs:refresh_tags", timeout_s=300, concurrency=1
        ),
        JobHandler("mortgage_file_removal", "casebase.modules.mortgage.jobs:remove_file", max_attempts=20),
        JobHandler(
            "mortgage_reminders", "casebase.modules.mortgage.jobs:remind", timeout_s=300, concurrency=1
        ),
        JobHandler(
            "mortgage_publishing",
            "casebase.modules.mortgage.publishing:publish_nightly",
            timeout_s=900,
            concurrency=1,
        ),
        JobHandler(
            "mortgage_documents", "casebase.modules.mortgage.documents:sweep", timeout_s=600, concurrency=1
        ),
    ),
    schedules=(
        Schedule("mortgage_refresh_tags", "*/15 * * * *", "mortgage_tags"),
        Schedule(
            "mortgage_expire_consents", "*/5 * * * *", "casebase_retention", '{"rule": "mortgage.consents"}'
        ),
        Schedule("mortgage_send_reminders", "*/10 * * * *", "mortgage_reminders"),
        Schedule("mortgage_publish", "30 18 * * *", "mortgage_publishing"),
        Schedule("mortgage_sweep_documents", "23 * * * *", "mortgage_documents"),
    ),
    retention=(
        RetentionRule(
            name="consents",
            summary="What borrowers told, once their consent has lapsed or was withdrawn.",
            erase="expire_consents",
            count_due="count_due_consents",
        ),
    ),
    navigation=(
        NavigationItem("Cases", "/console/mortgage/cases", icon="folder"),
        NavigationItem("Dashboards", "/console/mortgage/dashboards", icon="chart"),
    ),
)
