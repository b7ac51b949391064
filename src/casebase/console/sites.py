"""Sites: pages under a path of their own, with cookies of their own, whose writing requests carry a CSRF token."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from starlette.responses import RedirectResponse
from starlette.routing import Route

from casebase.console.cookies import Cookies
from casebase.console.login_attempts import LoginAttempts
from casebase.console.security_headers import SecurityHeaders
from casebase.kernel.module import resolve
from casebase.kernel.runtime import Runtime


def build_site(
    app: FastAPI,
    runtime: Runtime,
    name: str,
    *,
    prefix: str,
    session_max_age_s: int,
) -> FastAPI:
    """Return an empty site for ``/<name>`` of ``app``; its ``state`` has ``runtime services cookies attempts``.

    ``prefix`` begins its cookies' names.
    """
    cookies = Cookies(runtime, name, prefix=prefix, max_age_s=session_max_age_s)
    site = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # Such a redirect names the host and the scheme of the request: whoever sent it chose the one, and behind a
        # proxy that ends TLS the other is wrong.
        redirect_slashes=False,
        dependencies=[Depends(cookies.verify_csrf)],
    )
    site.state.runtime = runtime
    site.state.services = app.state.services
    site.state.cookies = cookies
    site.state.attempts = _attempts_of(app, runtime)
    return site


def mount_site(app: FastAPI, name: str, site: FastAPI) -> None:
    """Serve a site under ``/<name>``, confined to what it ships."""
    # A mount answers below its address only, and the address itself is what people type.
    app.router.routes.append(Route(f"/{name}", RedirectResponse(f"/{name}/")))
    app.mount(f"/{name}", SecurityHeaders(site))


def mount_sites(app: FastAPI, runtime: Runtime) -> None:
    """Serve the sites that the installed modules bring."""
    for module in runtime.modules:
        if module.site is not None:
            mount_site(app, module.name, resolve(module.site)(app, runtime))


def _attempts_of(app: FastAPI, runtime: Runtime) -> LoginAttempts:
    """Return the one count of an application, which the first of its sites makes."""
    if not hasattr(app.state, "login_attempts"):
        app.state.login_attempts = LoginAttempts(runtime)
        app.state.resources.push_async_callback(app.state.login_attempts.close)
    attempts: LoginAttempts = app.state.login_attempts
    return attempts
