"""Schema migration: versioned files once, repeatable ones whenever they change, in Supabase's own ledger."""

from casebase.kernel.migrate.errors import (
    ExportFolderNotEmptyError,
    MigrationChangedError,
    MigrationError,
    MigrationFailedError,
    MigrationOrderError,
)
from casebase.kernel.migrate.export import export
from casebase.kernel.migrate.runner import (
    Progress,
    Report,
    UnitStatus,
    apply_units,
    connected,
    migrate_up,
    migration_status,
)
from casebase.kernel.migrate.unit import Migration, Repeatable, Unit, units

__all__ = [
    "ExportFolderNotEmptyError",
    "Migration",
    "MigrationChangedError",
    "MigrationError",
    "MigrationFailedError",
    "MigrationOrderError",
    "Progress",
    "Repeatable",
    "Report",
    "Unit",
    "UnitStatus",
    "apply_units",
    "connected",
    "export",
    "migrate_up",
    "migration_status",
    "units",
]
