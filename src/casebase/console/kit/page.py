"""Render a template as a page of the console."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse


def page(
    request: Request, template: str, *, title: str, status_code: int = 200, **context: Any
) -> HTMLResponse:
    """Render ``template``, which extends ``console/layout.html``, for whoever asks; undefined names raise."""
    templates = request.app.state.templates
    return HTMLResponse(templates.render(request, template, title=title, **context), status_code=status_code)
