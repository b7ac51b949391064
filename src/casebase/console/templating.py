"""The template environment: the console's own templates and those of the installed modules, always autoescaped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.requests import Request

from casebase.console.assets import Assets
from casebase.console.cookies import Cookies
from casebase.console.kit.carried import carried
from casebase.console.kit.format import FILTERS
from casebase.console.staff import Staff
from casebase.kernel.module import Module, NavigationItem

HOME = NavigationItem("Home", "/console/", icon="home")


@dataclass(frozen=True, slots=True)
class NavigationGroup:
    """The links of one module."""

    title: str
    summary: str
    items: tuple[NavigationItem, ...]


OPERATIONS = NavigationGroup(
    "Operations",
    "Who works here, what leaves the house, and how it does.",
    (
        NavigationItem("Members", "/console/members", icon="users", roles=("owner", "admin")),
        NavigationItem("Webhooks", "/console/webhooks", icon="bell", roles=("owner", "admin")),
        # Of the whole installation, so for those alone who run it.
        NavigationItem(
            "Monitoring", "/console/monitoring", icon="chart", roles=("owner", "admin"), tenant="default"
        ),
    ),
)
"""What those who own or administer a tenant see beside the modules."""


class Templates:
    """Render templates with what every page needs: the person, the navigation, assets, theme and CSRF token."""

    def __init__(self, modules: tuple[Module, ...], assets: Assets, cookies: Cookies) -> None:
        packages = [m.package for m in modules if m.pages and (files(m.package) / "templates").is_dir()]
        loaders: list[BaseLoader] = [PackageLoader("casebase.console", "templates")]
        loaders += [PackageLoader(package, "templates") for package in packages]
        self._cookies = cookies
        self.navigation = tuple(NavigationGroup(m.title, m.summary, _links(m)) for m in modules if m.pages)
        self._environment = Environment(
            loader=ChoiceLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(FILTERS)
        self._environment.globals.update(asset=assets.url, home=HOME)

    def render(self, request: Request, template: str, **context: Any) -> str:
        """Render a template for a request."""
        theme = request.cookies.get("casebase_theme")
        staff: Staff | None = getattr(request.state, "staff", None)
        return self._environment.get_template(template).render(
            request=request,
            path=request.url.path,
            carry=carried(request),
            staff=staff,
            navigation=self._navigation_of(staff),
            theme=theme if theme in ("light", "dark") else "",
            csrf_token=lambda: self._cookies.csrf_token(request),
            **context,
        )

    def _navigation_of(self, staff: Staff | None) -> tuple[NavigationGroup, ...]:
        if staff is None:
            return ()
        offered = (
            replace(
                group,
                items=tuple(
                    item
                    for item in group.items
                    if not item.roles or staff.has_role(*item.roles, tenant=item.tenant)
                ),
            )
            for group in (*self.navigation, OPERATIONS)
        )
        return tuple(group for group in offered if group.items)


def _links(module: Module) -> tuple[NavigationItem, ...]:
    root = f"/console/{module.name}"
    if not module.navigation:
        return (NavigationItem(module.title, f"{root}/"),)
    return tuple(
        NavigationItem(
            item.title,
            item.path if item.path.startswith("/console/") else f"{root}/{item.path.lstrip('/')}",
            item.icon,
            item.roles,
            item.tenant,
        )
        for item in module.navigation
    )
