create or replace function enforcement.asset_flags_of(judgment_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_object_agg(k.kind, exists (
        select from enrichment.assets a
        join judgments.cases c on c.id = a.case_id and c.tenant_id = a.tenant_id
        where c.judgment_id = asset_flags_of.judgment_id and a.kind = k.kind))
    from unnest(array['bank', 'employer', 'real_property', 'vehicle', 'business']) k (kind)
$$;

comment on function enforcement.asset_flags_of(uuid) is 'Which kinds of asset are known of a judgment''s debtor: {"bank": true, "employer": false, …}.';

revoke execute on function enforcement.asset_flags_of(uuid) from public;
