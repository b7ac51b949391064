"""Schema migration: versioned files once, repeatable ones whenever they change, in Supabase's own ledger."""

from casebase.kernel.migrate.dump import Manifest, Table
from casebase.kernel.migrate.errors import (
    DumpExistsError,
    DumpUnreadableError,
    ExportFolderNotEmptyError,
    MigrationChangedError,
    MigrationError,
    MigrationFailedError,
    MigrationIrreversibleError,
    MigrationOrderError,
    ModuleAppliedError,
    ModuleNotAppliedError,
    ModuleRequiredError,
    RestoreFailedError,
)
from casebase.kernel.migrate.export import export
from casebase.kernel.migrate.removal import migrate_down, restore, tables_lost_by_down
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
    "DumpExistsError",
    "DumpUnreadableError",
    "ExportFolderNotEmptyError",
    "Manifest",
    "Migration",
    "MigrationChangedError",
    "MigrationError",
    "MigrationFailedError",
    "MigrationIrreversibleError",
    "MigrationOrderError",
    "ModuleAppliedError",
    "ModuleNotAppliedError",
    "ModuleRequiredError",
    "Progress",
    "Repeatable",
    "Report",
    "RestoreFailedError",
    "Table",
    "Unit",
    "UnitStatus",
    "apply_units",
    "connected",
    "export",
    "migrate_down",
    "migrate_up",
    "migration_status",
    "restore",
    "tables_lost_by_down",
    "units",
]
