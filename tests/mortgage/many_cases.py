"""A database as it is after years: many cases of two tenants, each advised on, in a few statements."""

from __future__ import annotations

import asyncpg

# A lead, its consent and its case share one id, so that no statement looks the others' up.
_STATEMENTS = (
    """
    insert into public.leads (id, tenant_id, name, email, phone, source, created_at)
    select c.id, c.tenant_id, 'Person ' || i, 'person' || i || '@example.com', '+65' || 80000000 + i, 'import', c.at
    from many c
    """,
    """
    insert into public.consents (id, tenant_id, lead_id, purposes, granted_at, until)
    select c.id, c.tenant_id, c.id, '{advice}', c.at, c.at + interval '5 days' from many c
    """,
    """
    insert into public.scenario_cases (
        id, tenant_id, lead_id, consent_id, status, initials, source, latest_input_version, latest_calc_version,
        recommendation, net_savings, consent_until, closed_at, created_at)
    select c.id, c.tenant_id, c.id, c.id,
           (array['draft', 'active', 'closed'])[1 + i % 3]::public.scenario_case_status,
           chr(65 + i % 26) || chr(65 + i / 26 % 26), 'import', 1, 1,
           (array['stay', 'reprice', 'refinance'])[1 + i % 3]::public.scenario_recommendation,
           i % 20000, c.at + interval '5 days', case when i % 3 = 2 then c.at end, c.at
    from many c
    """,
    """
    insert into public.scenario_inputs (
        tenant_id, case_id, version, loan_amount, tenure_months, property_type, current_bank_mask, created_by)
    select c.tenant_id, c.id, 1, 200000 + i % 1000000, 240, 'hdb', 'Bank C', 'lead_form' from many c
    """,
    """
    insert into mortgage.private_inputs (tenant_id, case_id, version, bank_code, current_rate)
    select c.tenant_id, c.id, 1, 'dbs', 3.1 from many c
    """,
    """
    insert into public.scenario_calculations (
        tenant_id, case_id, calc_version, input_version, stay_json, reprice_json, refi_json, recommendation,
        reason_codes, net_savings, hassle_score, horizon_months, rule_version, rate_facts, facts_hash, result_hash)
    select c.tenant_id, c.id, 1, 1, '{}', '{}', '{}',
           (array['stay', 'reprice', 'refinance'])[1 + i % 3]::public.scenario_recommendation,
           '{}', i % 20000, 3, 36, 'sg-2026.1', '{}', repeat('a', 64), repeat('b', 64)
    from many c
    """,
    """
    insert into public.scenario_events (tenant_id, case_id, event_type, occurred_at)
    select c.tenant_id, c.id, e::public.scenario_event_type, c.at
    from many c cross join unnest(array['lead_form', 'calculation']) e
    """,
)


async def make_many_cases(owner: asyncpg.Connection, count: int) -> None:
    """Insert ``count`` cases, one a minute back from now, a tenth of them another tenant's, and analyse the tables."""
    await owner.execute(
        "insert into public.tenants (slug, name) values ('many', 'Many') on conflict do nothing"
    )
    await owner.execute(
        f"""
        create temporary table many as
        select i, gen_random_uuid() as id, now() - i * interval '1 minute' as at, t.id as tenant_id
        from generate_series(1, {int(count)}) i
        join public.tenants t on t.slug = case when i % 10 = 0 then 'many' else 'default' end
        """
    )
    for statement in _STATEMENTS:
        await owner.execute(statement)
    await owner.execute("drop table many")
    await owner.execute("vacuum analyze")
