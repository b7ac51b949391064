"""Schema migration: versioned files once, repeatable ones whenever they change, in Supabase's own ledger."""

from casebase.kernel.migrate.errors import (
    MigrationChangedError,
    MigrationError,
    MigrationFailedError,
    MigrationOrderError,
)
from casebase.kernel.migrate.runner import Report, UnitStatus, migrate_up, migration_status
from casebase.kernel.migrate.unit import Migration, Repeatable, Unit, units

__all__ = [
    "Migration",
    "MigrationChangedError",
    "MigrationError",
    "MigrationFailedError",
    "MigrationOrderError",
    "Repeatable",
    "Report",
    "Unit",
    "UnitStatus",
    "migrate_up",
    "migration_status",
    "units",
]
