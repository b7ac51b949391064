"""Greetings: someone says their name, a worker writes them a greeting."""

from casebase.kernel.module import JobHandler, Module, NavigationItem, Schedule

__all__ = ["MODULE"]

MODULE = Module(
    name="toy",
    package="casebase_toy",
    title="Toy",
    summary="Greetings.",
    routes="casebase_toy.routes:router",
    pages="casebase_toy.pages:router",
    client="casebase_toy.service:Client",
    commands="casebase_toy.commands:app",
    demo="casebase_toy.demo:story",
    jobs=(JobHandler(queue="toy_greeting", run="casebase_toy.jobs:greet"),),
    schedules=(Schedule("toy_new_year", "0 0 1 1 *", "toy_greeting", '{"id": null}'),),
    navigation=(NavigationItem("Greetings", "/console/toy/greetings"),),
)
