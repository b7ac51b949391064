"""What can stop a migration."""

from __future__ import annotations

from casebase.kernel.errors import CasebaseError


class MigrationError(CasebaseError):
    """The schema was not changed as asked."""

    code = "migration_error"


class MigrationFailedError(MigrationError):
    """A migration file was refused by the database; nothing of it was kept."""

    code = "migration_failed"


class MigrationChangedError(MigrationError):
    """A versioned file differs from what was applied; add a new file instead of editing an applied one."""

    code = "migration_changed"


class MigrationOrderError(MigrationError):
    """Two migration files share a version, or files require each other in a circle."""

    code = "migration_order"


class ExportFolderNotEmptyError(MigrationError):
    """The folder to export to has files already; name an empty or a new one."""

    code = "export_folder_not_empty"


class ModuleNotAppliedError(MigrationError):
    """The module is not in this database, or is no module."""

    code = "module_not_applied"
    status = 404


class ModuleAppliedError(MigrationError):
    """The module is in this database already; restoring would replace its rows."""

    code = "module_applied"
    status = 409


class ModuleRequiredError(MigrationError):
    """Another module in this database requires this one."""

    code = "module_required"
    status = 409


class MigrationIrreversibleError(MigrationError):
    """A migration has no ``.down.sql`` beside it."""

    code = "migration_irreversible"


class DumpExistsError(MigrationError):
    """There is a file where the dump should go; nothing was dropped."""

    code = "dump_exists"
    status = 409


class DumpUnreadableError(MigrationError):
    """The file is no dump of ``casebase migrate down``."""

    code = "dump_unreadable"


class RestoreFailedError(MigrationError):
    """The database refused a dump's rows; nothing of the restore was kept."""

    code = "restore_failed"
