"""A database as it is after years: many judgments of two tenants, each enforced, in a few statements."""

from __future__ import annotations

import asyncpg

# A debtor, the judgment, its docket and its case share one id, so that no statement looks the others' up. What a case is
# like is drawn from a hash of its number: the same each time, and tiers, stages and counties do not go together.
_MANY = """
    create temporary table many as
    select i, gen_random_uuid() as id, t.id as tenant_id, now() - i * interval '1 minute' as at,
           i % 20 = 0 as is_paid_on,
           500 + i::bigint * 7919 % 200000 + 0.37 as amount,
           (array['urgent', 'high', 'normal', 'normal', 'normal', 'normal', 'normal', 'low', 'low', 'on_hold'])
               [1 + h[1] % 10]::public.judgment_priority_level as priority_level,
           (array[8.25, 12.5, 17.75, 22, 29.99, 33.5, 47, 54.99, 60.25, 91])[1 + h[2] % 10] as score,
           (array['Kings', 'Kings', 'Queens', 'Bronx', 'Nassau', 'Suffolk', 'Erie', 'Albany'])[1 + h[3] % 8]
               || case when h[3] % 7 = 0 then ' ' || h[3] % 61 else '' end as county,
           (array['NY', 'NY', 'NY', 'NJ', 'CA'])[1 + h[4] % 5] as state,
           case when i % 10 = 9 then 'closed' else (array[
               'pre_enforcement', 'pre_enforcement', 'pre_enforcement', 'asset_search', 'asset_search', 'bank_levy',
               'bank_levy', 'garnishment', 'marshal', 'payment'])[1 + h[5] % 10] end as stage,
           -- One in eight is late.
           now() + (h[6] % 32 - 4) * interval '1 day' + i % 1000 * interval '1 minute' as due_at
    from generate_series(1, {count}) i
    join public.tenants t on t.slug = case when i % 10 = 0 then 'many' else 'default' end
    cross join lateral (
        select array_agg(hashint4extended(i, n) & 65535) as h from generate_series(1, 6) n
    ) drawn
"""

_STATEMENTS = (
    "create unique index on many (i)",
    "analyze many",
    # A plaintiff has two hundred judgments' worth of numbers: twenty in the small tenant, the rest in the other.
    """
    create temporary table many_plaintiffs as
    select i / 200 as block, tenant_id, gen_random_uuid() as id, min(at) as at from many group by i / 200, tenant_id
    """,
    """
    insert into public.plaintiffs (id, tenant_id, name, status, source, created_at)
    select p.id, p.tenant_id, 'Plaintiff ' || p.block || ' LLC',
           (array['new', 'no_answer', 'reached_warm', 'reached_hot'])[1 + p.block % 4], 'import', p.at
    from many_plaintiffs p
    """,
    """
    insert into enrichment.contacts (tenant_id, plaintiff_id, kind, value, value_key, sources)
    select p.tenant_id, p.id, 'phone', '+1646555' || lpad(p.block::text, 4, '0'), '1646555' || lpad(p.block::text, 4, '0'),
           array['import']
    from many_plaintiffs p
    """,
    """
    insert into enrichment.entities (id, tenant_id, kind, name, name_key, discriminator)
    select m.id, m.tenant_id, 'person', 'Debtor ' || i, 'debtor ' || i, m.id::text from many m
    """,
    """
    insert into public.judgments (
        id, tenant_id, plaintiff_id, defendant_entity_id, defendant_mask, judgment_amount, balance_due, judgment_date,
        priority_level, source, created_at)
    select m.id, m.tenant_id, p.id, m.id, chr(65 + i % 26) || chr(65 + i / 26 % 26), m.amount,
           m.amount - case when m.is_paid_on then 100 else 0 end, date '2020-01-01' + i % 1500, m.priority_level,
           'import', m.at
    from many m join many_plaintiffs p on p.block = m.i / 200 and p.tenant_id = m.tenant_id
    """,
    """
    insert into judgments.cases (
        id, tenant_id, judgment_id, case_number, court, county, state, priority_level, judgment_amount,
        collectability_score, collectability_tier, last_scored_at, created_at)
    select m.id, m.tenant_id, m.id, left(m.id::text, 13) || '/2024', 'Civil Court', m.county, m.state, m.priority_level,
           m.amount, m.score, enforcement.tier_of(m.score), m.at, m.at
    from many m
    """,
    """
    insert into enrichment.contacts (tenant_id, case_id, kind, value, value_key, sources)
    select m.tenant_id, m.id, 'phone', '+1212' || 5550000 + i % 10000, '1212' || 5550000 + i % 10000,
           array['vendor'] from many m
    """,
    """
    insert into enrichment.assets (tenant_id, case_id, kind, description, asset_key, sources)
    select m.tenant_id, m.id, (array['bank', 'employer', 'vehicle'])[1 + i % 3], 'Asset ' || i, 'asset ' || i,
           array['vendor']
    from many m where i % 3 = 0
    """,
    """
    insert into public.enforcement_cases (
        id, tenant_id, judgment_id, plaintiff_id, status, current_stage, stage_entered_at, next_action_at, tier,
        tier_reason, tier_as_of, collectability_score, opening_balance, current_balance, created_by, opened_at, closed_at,
        closure_reason)
    select m.id, m.tenant_id, m.id, j.plaintiff_id,
           case when m.stage = 'closed' then 'uncollectible' else 'open' end::public.enforcement_case_status, m.stage,
           m.at, case when m.stage <> 'closed' then m.due_at end, enforcement.tier_of(m.score), 'score', m.at, m.score,
           m.amount, j.balance_due, 'import', m.at, case when m.stage = 'closed' then now() end,
           case when m.stage = 'closed' then 'No assets found.' end
    from many m join public.judgments j on j.id = m.id
    """,
    """
    insert into public.plaintiff_tasks (tenant_id, plaintiff_id, kind, title, due_at, created_by)
    select p.tenant_id, p.id, 'call', 'Call the plaintiff', now() + (p.block % 10 - 3) * interval '1 day', 'import'
    from many_plaintiffs p
    """,
    """
    insert into public.plaintiff_tasks (
        tenant_id, plaintiff_id, enforcement_case_id, kind, status, title, due_at, created_by, created_at, closed_at,
        closed_by)
    select c.tenant_id, c.plaintiff_id, c.id, 'review', case when i % 3 = 0 then 'done' else 'open' end::public.plaintiff_task_status,
           'Review the file', m.due_at, 'import', m.at, case when i % 3 = 0 then m.at end, case when i % 3 = 0 then 'import' end
    from many m join public.enforcement_cases c on c.id = m.id where i % 8 = 0
    """,
    """
    insert into public.enforcement_events (
        tenant_id, enforcement_case_id, event_kind, needs_document, payload, actor, actor_type, occurred_at, created_at)
    select m.tenant_id, m.id, e.kind::public.enforcement_event_kind, false, e.payload, 'import', 'automation',
           m.at + e.after, m.at + e.after
    from many m
    cross join (values
        ('asset_search_requested', '{"vendor": "first"}'::jsonb, interval '1 hour'),
        ('asset_search_completed', '{}', interval '9 hours'),
        ('note', '{"text": "Looked at."}', interval '20 hours')) e (kind, payload, after)
    """,
    """
    with paid as (
        insert into public.enforcement_events (
            tenant_id, enforcement_case_id, event_kind, needs_document, payload, actor, actor_type, occurred_at)
        select m.tenant_id, m.id, 'payment_received', false, '{"amount": 100}', 'import', 'automation', m.at
        from many m where m.is_paid_on
        returning *
    )
    insert into public.enforcement_payments (
        tenant_id, enforcement_case_id, judgment_id, event_id, amount, balance_after, received_at, source, reference,
        recorded_by)
    select e.tenant_id, m.id, m.id, e.id, 100, m.amount - 100, m.at, 'import', m.id::text, 'import'
    from paid e join many m on m.id = e.enforcement_case_id
    """,
    """
    insert into public.enforcement_history (tenant_id, enforcement_case_id, change, delta, actor, actor_type, created_at)
    select m.tenant_id, m.id, h.change, jsonb_build_object('current_stage', jsonb_build_object('from', h.was, 'to', m.stage)),
           'import', 'automation', m.at + h.after
    from many m
    cross join (values ('opened', null, interval '0'), ('stage_changed', 'pre_enforcement', interval '1 day'))
        h (change, was, after)
    """,
    """
    insert into public.enforcement_actions (
        tenant_id, enforcement_case_id, action_type, status, opened_at, closed_at, created_by)
    select m.tenant_id, m.id, a.action_type, case when m.stage = 'closed' then 'cancelled' else 'prepared' end, m.at,
           case when m.stage = 'closed' then now() end, 'import'
    from many m cross join unnest(array['bank_levy', 'garnishment']) a (action_type)
    where i % 4 = 0
    """,
    """
    insert into public.enforcement_documents (tenant_id, enforcement_case_id, doc_kind, storage_path, uploaded_by, uploaded_at)
    select m.tenant_id, m.id, 'judgment', format('enforcement/%s/%s/%s.pdf', m.tenant_id, m.id, m.id), 'import', m.at
    from many m where i % 10 < 2
    """,
    """
    insert into public.plaintiff_call_attempts (
        tenant_id, plaintiff_id, outcome, is_conversation, called_at, called_by)
    select p.tenant_id, p.id, 'no_answer', false, p.at - n * interval '9 days', 'import'
    from many_plaintiffs p cross join generate_series(1, 5) n
    """,
    "select enforcement.fold_enforcement_counts()",
    "drop table many, many_plaintiffs",
    "vacuum analyze",
)


async def make_many_cases(owner: asyncpg.Connection, count: int) -> None:
    """Insert ``count`` judgments with a case each, a tenth of them another tenant's (``many``), and analyse the tables.

    One case in ten is closed, one open one in eight past its next action; every tier, stage and some hundred counties
    occur. Cases were opened one a minute back from now.
    """
    await owner.execute(
        "insert into public.tenants (slug, name) values ('many', 'Many') on conflict do nothing"
    )
    await owner.execute(_MANY.format(count=int(count)))
    for statement in _STATEMENTS:
        await owner.execute(statement)
