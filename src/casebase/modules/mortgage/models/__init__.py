"""The typed values of the module's RPCs, as ``service.Client`` takes and returns them.

The database checks every payload again by the same rules (``mortgage.inputs_schema``): an RPC can be called
without Python in front.
"""

from casebase.kernel.models import Amount, Word
from casebase.modules.mortgage.models.analysis import (
    DailyStats,
    DayStats,
    FollowUpEffect,
    FollowUpEffectiveness,
    OutcomeCount,
    RecommendationOutcomes,
)
from casebase.modules.mortgage.models.capture import (
    AiEntry,
    ChatEvent,
    ConversationId,
    IncomeCorrection,
    InputsCorrection,
    OutcomeForm,
    RecordableEvent,
    RecordedAiEntry,
    RecordedEvent,
    RecordedOutcome,
    RevisedInputs,
    ScenarioEvent,
)
from casebase.modules.mortgage.models.case import (
    Calculation,
    Case,
    CaseEvent,
    CaseOutcome,
    CasePage,
    CaseSummary,
    CaseTag,
    InputsVersion,
)
from casebase.modules.mortgage.models.context import (
    ContextCalculations,
    ContextInputs,
    CounterOffer,
    InputsSummary,
    MortgageSettings,
    RevealStatus,
    ScenarioContext,
    SettingsChange,
)
from casebase.modules.mortgage.models.intake import (
    CaseInputs,
    Consent,
    ConsentExtension,
    ConsentTerms,
    Contact,
    LeadForm,
    OpenedCase,
)

__all__ = [
    "AiEntry",
    "Amount",
    "Calculation",
    "Case",
    "CaseEvent",
    "CaseInputs",
    "CaseOutcome",
    "CasePage",
    "CaseSummary",
    "CaseTag",
    "ChatEvent",
    "Consent",
    "ConsentExtension",
    "ConsentTerms",
    "Contact",
    "ContextCalculations",
    "ContextInputs",
    "ConversationId",
    "CounterOffer",
    "DailyStats",
    "DayStats",
    "FollowUpEffect",
    "FollowUpEffectiveness",
    "IncomeCorrection",
    "InputsCorrection",
    "InputsSummary",
    "InputsVersion",
    "LeadForm",
    "MortgageSettings",
    "OpenedCase",
    "OutcomeCount",
    "OutcomeForm",
    "RecommendationOutcomes",
    "RecordableEvent",
    "RecordedAiEntry",
    "RecordedEvent",
    "RecordedOutcome",
    "RevealStatus",
    "RevisedInputs",
    "ScenarioContext",
    "ScenarioEvent",
    "SettingsChange",
    "Word",
]
