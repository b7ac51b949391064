"""A judgment as it is before anybody enforces it, with its parties and its docket."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import asyncpg

DEBTOR = "Jordan Quillfeather"
DEBTOR_PHONE = "(646) 555-0148"


@dataclass(frozen=True)
class Judgment:
    """The ids of one judgment and its parties; ``docket_id`` is the id in ``judgments.cases``."""

    id: UUID
    tenant_id: UUID
    plaintiff_id: UUID
    docket_id: UUID
    defendant_id: UUID


async def insert_judgment(
    owner: asyncpg.Connection,
    *,
    tenant_id: UUID | None = None,
    amount: str = "12500.00",
    plaintiff: str = "Harbor Supply LLC",
    debtor: str = DEBTOR,
    county: str = "Kings",
    state: str = "NY",
    priority: str = "normal",
) -> Judgment:
    """Write plaintiff, debtor with a telephone, judgment and docket; each call makes new ones."""
    row = await owner.fetchrow(
        """
        with tenant as (
            select coalesce($1::uuid, (select id from public.tenants where slug = 'default')) as id
        ), plaintiff as (
            insert into public.plaintiffs (tenant_id, name) select id, $3::text from tenant returning id, tenant_id
        ), debtor as (
            insert into enrichment.entities (tenant_id, kind, name, name_key, discriminator)
            select id, 'person', $4::text, lower($4::text), gen_random_uuid()::text from tenant returning id
        ), judgment as (
            insert into public.judgments (
                tenant_id, plaintiff_id, defendant_entity_id, defendant_mask, judgment_amount, balance_due,
                judgment_date, priority_level)
            select p.tenant_id, p.id, d.id, casebase.initials_of($4::text), $2::numeric, $2::numeric, '2024-03-05',
                   $5::public.judgment_priority_level
            from plaintiff p, debtor d
            returning *
        )
        select j.id, j.tenant_id, j.plaintiff_id, j.defendant_entity_id from judgment j
        """,
        tenant_id, amount, plaintiff, debtor, priority,
    )  # fmt: skip
    assert row is not None
    docket_id = await owner.fetchval(
        """
        insert into judgments.cases (
            tenant_id, judgment_id, case_number, court, county, state, priority_level, judgment_amount)
        select j.tenant_id, j.id, left(j.id::text, 8) || '/2024', 'Civil Court', $2::text, $3::text, j.priority_level,
               j.judgment_amount
        from public.judgments j where j.id = $1 returning id
        """,
        row["id"], county, state,
    )  # fmt: skip
    await owner.execute(
        """
        insert into enrichment.contacts (tenant_id, case_id, kind, value, value_key, sources)
        values ($1, $2, 'phone', $3, regexp_replace($3, '[^0-9]', '', 'g'), array['test'])
        """,
        row["tenant_id"], docket_id, DEBTOR_PHONE,
    )  # fmt: skip
    return Judgment(row["id"], row["tenant_id"], row["plaintiff_id"], docket_id, row["defendant_entity_id"])
