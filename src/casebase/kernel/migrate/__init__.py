"""Schema migration: versioned files once, repeatable ones whenever they change, in Supabase's own ledger."""

from casebase.kernel.migrate.errors import (
    ExportFolderNotEmptyError,
    MigrationChangedError,
    MigrationError,
    MigrationFailedError,
    MigrationOrderError,
)
from casebase.kernel.migrate.export import export
from casebase.kernel.migrate.runner import Report, UnitStatus, migrate_up, migration_status
from casebase.kernel.migrate.unit import Migration, Repeatable, Unit, units

__all__ = [
    "ExportFolderNotEmptyError",
    "Migration",
    "MigrationChangedError",
    "MigrationError",
    "MigrationFailedError",
    "MigrationOrderError",
    "Repeatable",
    "Report",
    "Unit",
    "UnitStatus",
    "export",
    "migrate_up",
    "migration_status",
    "units",
]
