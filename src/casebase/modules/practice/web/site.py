"""Put the web client together."""

from __future__ import annotations

from fastapi import FastAPI

from casebase.console.assets import Assets
from casebase.console.sites import build_site
from casebase.kernel.runtime import Runtime
from casebase.modules.practice.web import account, chat, errors, history, home, sign_in
from casebase.modules.practice.web.accounts import MAX_AGE_S, Accounts
from casebase.modules.practice.web.templating import Templates


def make_site(app: FastAPI, runtime: Runtime) -> FastAPI:
    """Return the web client of an application, for ``/practice``."""
    site = build_site(app, runtime, "practice", prefix="casebase_practice", session_max_age_s=MAX_AGE_S)
    assets = Assets("casebase.modules.practice.web", "practice")
    site.state.accounts = Accounts(runtime.database)
    site.state.templates = Templates(assets, site.state.cookies)
    site.state.refusals = app.state.refusals
    errors.register(site)
    for router in (assets.router(), sign_in.router, home.router, chat.router, history.router, account.router):
        site.include_router(router)
    return site
