"""Render the templates of the web client, always autoescaped."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from casebase.console.assets import Assets
from casebase.console.cookies import Cookies
from casebase.modules.practice.running import practice_of
from casebase.modules.practice.web import wording


class Templates:
    """Render templates with what every page needs: the person, assets and the CSRF token."""

    def __init__(self, assets: Assets, cookies: Cookies) -> None:
        self._cookies = cookies
        self._environment = Environment(
            loader=PackageLoader("casebase.modules.practice.web", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(
            spoken=wording.spoken, course=wording.course, duration=wording.duration
        )
        self._environment.globals.update(asset=assets.url)

    def render(self, request: Request, template: str, **context: Any) -> str:
        """Render a template for a request."""
        return self._environment.get_template(template).render(
            path=request.url.path,
            person=getattr(request.state, "person", None),
            csrf_token=lambda: self._cookies.csrf_token(request),
            **context,
        )


def page(
    request: Request, template: str, *, title: str, status_code: int = 200, **context: Any
) -> HTMLResponse:
    """Answer with a page; undefined names raise."""
    state = request.app.state
    response = HTMLResponse(state.templates.render(request, template, title=title, **context), status_code)
    # Whoever has no session yet is known by a nonce, which the forms' token is bound to.
    state.cookies.remember_visitor(request, response)
    return response


def is_offline(request: Request) -> bool:
    """Tell whether a script answers, as no language model is set."""
    return practice_of(request).conversations.source == "scripted"
