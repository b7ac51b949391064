"""Put the console and the installed modules' pages under ``/console`` of an application."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from starlette.responses import RedirectResponse
from starlette.routing import Route

from casebase.console import errors, live, pages, webhooks
from casebase.console.accounts import Accounts
from casebase.console.assets import Assets
from casebase.console.cookies import Cookies
from casebase.console.security_headers import SecurityHeaders
from casebase.console.staff import require_staff
from casebase.console.templating import Templates
from casebase.kernel.module import resolve
from casebase.kernel.runtime import Runtime


def mount(app: FastAPI, runtime: Runtime) -> None:
    """Serve the console under ``/console``; ``app.state.live`` is its feed, closed by whoever stops the server.

    Modules' pages are reached only by signed-in staff, and no writing request without a valid CSRF token.
    """
    assets, cookies = Assets(), Cookies(runtime)
    console = FastAPI(
        title="Casebase console",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # Such a redirect names the host and the scheme of the request: whoever sent it chose the one, and behind a
        # proxy that ends TLS the other is wrong.
        redirect_slashes=False,
        dependencies=[Depends(cookies.verify_csrf)],
    )
    console.state.runtime = runtime
    console.state.services = app.state.services
    console.state.cookies = cookies
    console.state.accounts = Accounts(runtime.database)
    console.state.templates = Templates(runtime.modules, assets, cookies)
    console.state.attempts = pages.LoginAttempts(runtime)
    app.state.resources.push_async_callback(console.state.attempts.close)
    console.state.live = app.state.live = live.LiveFeed(runtime.direct_url)
    errors.register(console)
    console.include_router(assets.router())
    console.include_router(pages.router)
    console.include_router(live.router)
    console.include_router(webhooks.router)
    for module in runtime.modules:
        if module.pages:
            console.include_router(
                resolve(module.pages), prefix=f"/{module.name}", dependencies=[Depends(require_staff)]
            )
    # A mount answers below its address only, and the address itself, or the host alone, is what people type.
    for path in ("/", "/console"):
        app.router.routes.append(Route(path, RedirectResponse("/console/")))
    app.mount("/console", SecurityHeaders(console))
