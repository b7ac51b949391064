"""What practice keeps while an application runs."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from starlette.requests import HTTPConnection

from casebase.kernel.ai import chat_model
from casebase.kernel.db import DRIVER_ERRORS
from casebase.kernel.errors import ConfigurationError
from casebase.kernel.http.refusals import Refusal
from casebase.kernel.http.rpc import RpcEndpoint
from casebase.kernel.runtime import Runtime
from casebase.modules.practice.answer_rates import AnswerRates
from casebase.modules.practice.conversations import Conversations
from casebase.modules.practice.event_log import EventLog
from casebase.modules.practice.prompts import Prompts
from casebase.modules.practice.refusals import note_refusal
from casebase.modules.practice.settings import load_practice_settings

_ROUTES: Final = ("/v1/practice/", "/practice", "/console/practice")
_FUNCTIONS: Final = frozenset(
    path.name.removesuffix(".sql")
    for path in (files("casebase.modules.practice") / "sql" / "functions").iterdir()
)
"""Those of the module, one a file; only the exposed ones are ever called by name."""


class PracticeService:
    """Made once for an application: whatever outlives a request of practice is here."""

    def __init__(self, runtime: Runtime) -> None:
        self._database = runtime.database
        self.settings = load_practice_settings()
        self.prompts = Prompts.load(self.settings)
        model = chat_model(runtime.settings)
        if model is not None:
            model.require_client()
        self.log = EventLog(runtime.session(), runtime.clock)
        self._rates = AnswerRates(runtime.settings, self.settings)
        self.conversations = Conversations(runtime.database, model, self.prompts, self.log, self._rates)

    def refused(self, refusal: Refusal) -> None:
        """Note a limit, an outage or a fault that somebody met in practice (see ``kernel.http.refusals``)."""
        is_rpc = refusal.route == RpcEndpoint.path and refusal.function in _FUNCTIONS
        if is_rpc or refusal.route.startswith(_ROUTES):
            note_refusal(self.log, refusal.error, function=refusal.function, user_id=refusal.user_id)

    async def start(self) -> None:
        """Raise ``ConfigurationError`` where strangers were to make accounts that are Supabase's Auth's to make."""
        if not self.settings.sign_up:
            return
        try:
            is_elsewhere = await self._database.pool.fetchval(
                "select to_regclass('auth.identities') is not null"
            )
        except DRIVER_ERRORS:
            # It may come back later, and each who signs up is asked about then.
            return
        if is_elsewhere:
            raise ConfigurationError(
                "CASEBASE_PRACTICE_SIGN_UP is set, but accounts of this database are Supabase's Auth's to make.",
                hint="Unset it, and let people sign up there, where their e-mail is confirmed.",
            )

    def stop(self) -> None:
        """Let answers come to their end, for some seconds, then break them off."""
        self.conversations.stop()

    async def close(self) -> None:
        """End what runs."""
        await self.conversations.close()
        await self._rates.close()
        # Last, as what ends may have something to note.
        await self.log.close()


def practice_of(connection: HTTPConnection) -> PracticeService:
    """Return the service of the application that a request came to."""
    service: PracticeService = connection.app.state.services["practice"]
    return service
