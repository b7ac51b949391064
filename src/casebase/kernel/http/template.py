"""The route a request took, as its template: safe to show where its path, with ids in it, is not."""

from __future__ import annotations

from starlette.types import Scope


def route_template(scope: Scope) -> str:
    """Return ``/v1/mortgage/cases/{case_id}`` and the like, or ``unmatched``."""
    # FastAPI leaves the route as its module wrote it, and beside it what that became under the module's prefix.
    included = scope.get("fastapi", {}).get("effective_route_context")
    path = getattr(included, "path_format", None) or getattr(scope.get("route"), "path", None)
    # A mounted application, such as the console, knows its own paths only.
    return f"{scope.get('root_path', '')}{path}" if isinstance(path, str) else "unmatched"
