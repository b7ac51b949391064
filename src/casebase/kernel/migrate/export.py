"""Write the units as a ``supabase/migrations`` folder, for teams whose migrations the Supabase CLI runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from casebase.kernel.migrate.errors import ExportFolderNotEmptyError, MigrationOrderError
from casebase.kernel.migrate.unit import Migration, Repeatable, Unit, units
from casebase.kernel.module import Module

# A function may call one of a later file; the runner switches this off too.
_PREAMBLE = "set check_function_bodies = off;\n\n"
_LAST = "99999999999999"


def export(directory: Path, modules: Iterable[Module]) -> tuple[Path, ...]:
    """Write ``directory/supabase/migrations`` for an empty database and return the files, in order.

    Versioned files keep their version; a unit's repeatables become one file between it and the next unit. It
    notes their checksums too, so that a later ``casebase migrate up`` finds nothing to do.
    Raises ``ExportFolderNotEmptyError`` rather than mixing with what is there, ``MigrationOrderError`` when a
    module's first version is older than what it builds on: the Supabase CLI goes by version alone.
    """
    folder = directory / "supabase" / "migrations"
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ExportFolderNotEmptyError(detail={"folder": str(folder)})
    written = []
    for version, name, sql in sorted(_files(units(modules))):
        path = folder / f"{version}_{name}.sql"
        path.write_text(sql, "utf-8")
        written.append(path)
    return tuple(written)


def _files(all_units: Sequence[Unit]) -> Iterator[tuple[str, str, str]]:
    taken = {migration.version for unit in all_units for migration in unit.migrations}

    def version_after(version: str) -> str:
        while version in taken:
            version = str(int(version) + 1)
        taken.add(version)
        return version

    end = ""
    for index, unit in enumerate(all_units):
        for migration in unit.migrations:
            yield migration.version, migration.name, migration.sql
        if not unit.repeatables:
            continue
        builds_on_it = [
            other
            for other in all_units[index + 1 :]
            if unit.name.startswith("kernel.") or unit.name in other.requires
        ]
        horizon = min((m.version for other in builds_on_it for m in other.migrations), default=_LAST)
        early = [migration for migration in unit.migrations if migration.version < horizon]
        late = unit.migrations[len(early) :]
        name = unit.name.replace(".", "_")
        end = max((*(migration.version for migration in early), end if not unit.migrations else ""))
        if not end or end >= horizon:
            raise MigrationOrderError(
                f"A unit that builds on {unit.name} has version {horizon}, older than it."
            )
        end = version_after(end)
        if late:
            # Later units were released in between: they need our functions, whose bodies are not checked yet.
            functions = [file for file in unit.repeatables if file.path.startswith("functions/")]
            yield end, f"{name}_functions", _script(functions)
            yield version_after(late[-1].version), name, _script(unit.repeatables) + _record(unit)
        else:
            yield end, name, _script(unit.repeatables) + _record(unit)


def _script(files: Iterable[Repeatable]) -> str:
    return _PREAMBLE + "\n".join(f"-- {file.path}\n{file.sql.rstrip()}\n" for file in files)


def _record(unit: Unit) -> str:
    files: tuple[Migration | Repeatable, ...] = (*unit.migrations, *unit.repeatables)
    rows = ",\n".join(f"    ('{unit.name}', '{file.path}', '{file.checksum}')" for file in files)
    return f"\ninsert into casebase.applied_files (unit, path, checksum) values\n{rows};\n"
