"""Mortgage scenario cases: intake, advice, consent, AI context, publishing."""

from casebase.kernel.module import JobHandler, Module, NavigationItem, Schedule

__all__ = ["MODULE"]

MODULE = Module(
    name="mortgage",
    package="casebase.modules.mortgage",
    title="Mortgage",
    summary="A lead becomes a case: inputs, advice to stay, reprice or refinance, and a timeline.",
    routes="casebase.modules.mortgage.routes:router",
    pages="casebase.modules.mortgage.pages:router",
    uploads=("/cases/{case_id}/documents",),
    client="casebase.modules.mortgage.service:Client",
    demo="casebase.modules.mortgage.demo:story",
    jobs=(
        JobHandler(queue="mortgage_calculation", run="casebase.modules.mortgage.jobs:calculate"),
        JobHandler("mortgage_documents", "casebase.modules.mortgage.documents:sweep", timeout_s=600, concurrency=1),
    ),
    schedules=(Schedule("mortgage_sweep_documents", "23 * * * *", "mortgage_documents"),),
    navigation=(NavigationItem("Cases", "/console/mortgage/cases", icon="folder"),),
)
