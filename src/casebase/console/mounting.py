"""Put the console and the installed modules' pages under ``/console`` of an application."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from starlette.responses import RedirectResponse
from starlette.routing import Route

from casebase.console import errors, invitations, live, members, monitoring, pages, webhooks
from casebase.console.accounts import MAX_AGE_S, Accounts
from casebase.console.assets import Assets
from casebase.console.sites import build_site, mount_site
from casebase.console.staff import require_staff
from casebase.console.templating import Templates
from casebase.kernel.module import resolve
from casebase.kernel.runtime import Runtime


def mount(app: FastAPI, runtime: Runtime) -> None:
    """Serve the console under ``/console``; ``app.state.live`` is its feed, closed by whoever stops the server.

    Modules' pages are reached only by signed-in staff, and no writing request without a valid CSRF token.
    """
    assets = Assets("casebase.console", "console")
    console = build_site(app, runtime, "console", prefix="casebase", session_max_age_s=MAX_AGE_S)
    console.state.accounts = Accounts(runtime.database)
    console.state.templates = Templates(runtime.modules, assets, console.state.cookies)
    console.state.live = app.state.live = live.LiveFeed(runtime.direct_url)
    errors.register(console)
    console.include_router(assets.router())
    console.include_router(pages.router)
    console.include_router(live.router)
    console.include_router(members.router)
    console.include_router(invitations.router)
    console.include_router(webhooks.router)
    console.include_router(monitoring.router)
    for module in runtime.modules:
        if module.pages:
            console.include_router(
                resolve(module.pages), prefix=f"/{module.name}", dependencies=[Depends(require_staff)]
            )
    # The host alone is what people type.
    app.router.routes.append(Route("/", RedirectResponse("/console/")))
    mount_site(app, "console", console)
