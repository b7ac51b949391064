"""The failures that the specification names."""

from __future__ import annotations

from casebase.kernel.errors import CasebaseError


class ScenarioRepositoryException(CasebaseError):  # noqa: N818  # its name in the specification
    """The repository of notifications could not do what was asked.

    ``code``, ``status``, ``detail`` and ``hint`` are those of the failure behind it, which is the ``__cause__``.
    """

    code = "scenario_repository_failed"

    def __init__(self, cause: Exception) -> None:
        if isinstance(cause, CasebaseError):
            super().__init__(cause.message, detail=cause.detail, hint=cause.hint)
            self.code = cause.code  # type: ignore[misc]  # the cause names it, so it is the instance's
            self.status = cause.status  # type: ignore[misc]
        else:
            # What could not be understood may hold values: its type alone is told.
            super().__init__(detail={"reason": type(cause).__name__})
