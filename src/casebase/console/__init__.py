"""The console: login, layout, components and live updates; the pages themselves live in the modules."""

from casebase.console.mounting import mount

__all__ = ["mount"]
