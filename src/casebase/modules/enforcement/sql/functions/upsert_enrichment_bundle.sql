-- Definer: the service reads these tables and writes them through functions alone.
-- A vendor's word on contacts and assets is added, never taken back: a contact that was told not to be called stays so,
-- and whoever is less sure of what another said makes it no less sure. What speaks against collecting ends (a bankruptcy
-- is discharged), so of that a bundle's list takes the place of its own source's earlier one.
create or replace function enforcement.upsert_enrichment_bundle(bundle jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_docket judgments.cases;
    v_errors jsonb;
    v_contacts record;
    v_assets record;
begin
    perform casebase.require_valid(bundle, '{
        "type": "object",
        "required": ["case_id", "source"],
        "properties": {
            "case_id": {"type": "string", "format": "uuid"},
            "source": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"},
            "adverse_signals": {"type": "array", "maxItems": 10, "items": {
                "type": "string", "enum": ["bankruptcy", "deceased", "incarcerated", "judgment_proof", "prior_judgments"]}},
            "contacts": {"type": "array", "maxItems": 200, "items": {
                "type": "object",
                "required": ["kind", "value"],
                "properties": {
                    "kind": {"type": "string", "enum": ["phone", "email", "address"]},
                    "value": {"type": "string", "minLength": 1, "maxLength": 500},
                    "label": {"type": "string", "maxLength": 80},
                    "confidence": {"type": "number", "minimum": 0, "maximum": 1},
                    "is_do_not_contact": {"type": "boolean"},
                    "metadata": {"type": "object", "maxBytes": 4000}
                }
            }},
            "assets": {"type": "array", "maxItems": 200, "items": {
                "type": "object",
                "required": ["kind", "description"],
                "properties": {
                    "kind": {"type": "string", "enum": ["bank", "employer", "real_property", "vehicle", "business", "other"]},
                    "description": {"type": "string", "minLength": 1, "maxLength": 500},
                    "reference": {"type": "string", "minLength": 1, "maxLength": 120},
                    "estimated_value": {"type": "number", "minimum": 0, "maximum": 1000000000, "multipleOf": 0.01},
                    "confidence": {"type": "number", "minimum": 0, "maximum": 1},
                    "metadata": {"type": "object", "maxBytes": 4000}
                }
            }}
        }
    }');
    select jsonb_agg(casebase.validation_error(
               format('contacts[%s].value', k.place - 1), 'format', format('must be a valid %s', k.kind)) order by k.place)
    into v_errors
    from (
        select e.ordinality as place, e.value ->> 'kind' as kind, e.value ->> 'value' as value
        from jsonb_array_elements(coalesce(nullif(bundle -> 'contacts', 'null'), '[]')) with ordinality e
    ) k
    where case k.kind when 'phone' then length(enforcement.contact_key('phone', k.value)) not between 7 and 15
                      when 'email' then not casebase.has_format(k.value, 'email')
                      else btrim(k.value) = '' end;
    if v_errors is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', v_errors));
    end if;

    v_docket := enforcement.locked_docket((bundle ->> 'case_id')::uuid, 'case_id');

    -- Of what a bundle names twice the surer one counts. xmax is 0 in a row that was inserted and not updated.
    with given as (
        select distinct on (k.kind, enforcement.contact_key(k.kind, k.value))
               k.*, enforcement.contact_key(k.kind, k.value) as value_key,
               bool_or(coalesce(k.is_do_not_contact, false))
                   over (partition by k.kind, enforcement.contact_key(k.kind, k.value)) as is_refused
        from jsonb_to_recordset(coalesce(nullif(bundle -> 'contacts', 'null'), '[]')) as k (
            kind text, value text, label text, confidence numeric, is_do_not_contact boolean, metadata jsonb)
        order by k.kind, enforcement.contact_key(k.kind, k.value), coalesce(k.confidence, 0.7) desc
    ), written as (
        insert into enrichment.contacts as c (
            tenant_id, case_id, kind, value, value_key, label, sources, confidence, is_do_not_contact, metadata)
        select v_docket.tenant_id, v_docket.id, g.kind, btrim(g.value), g.value_key, g.label, array[bundle ->> 'source'],
               g.confidence, g.is_refused, coalesce(g.metadata, '{}')
        from given g
        on conflict on constraint one_row_a_debtors_contact do update
            set value = excluded.value, label = coalesce(excluded.label, c.label),
                sources = array(select distinct s from unnest(c.sources || excluded.sources) s order by s),
                confidence = enforcement.surer(c.confidence, excluded.confidence),
                is_do_not_contact = c.is_do_not_contact or excluded.is_do_not_contact,
                metadata = c.metadata || excluded.metadata, last_seen_at = casebase.now()
        returning c.xmax = 0 as is_new
    )
    select count(*) filter (where w.is_new) as inserted, count(*) filter (where not w.is_new) as updated
    into v_contacts from written w;

    with given as (
        select distinct on (a.kind, enforcement.name_key(coalesce(a.reference, a.description)))
               a.*, enforcement.name_key(coalesce(a.reference, a.description)) as asset_key
        from jsonb_to_recordset(coalesce(nullif(bundle -> 'assets', 'null'), '[]')) as a (
            kind text, description text, reference text, estimated_value numeric, confidence numeric, metadata jsonb)
        order by a.kind, enforcement.name_key(coalesce(a.reference, a.description)), coalesce(a.confidence, 0.7) desc
    ), written as (
        insert into enrichment.assets as a (
            tenant_id, case_id, kind, description, asset_key, estimated_value, sources, confidence, metadata)
        select v_docket.tenant_id, v_docket.id, g.kind, g.description, g.asset_key, g.estimated_value,
               array[bundle ->> 'source'], g.confidence, coalesce(g.metadata, '{}')
        from given g
        on conflict on constraint one_row_an_asset do update
            set description = excluded.description,
                sources = array(select distinct s from unnest(a.sources || excluded.sources) s order by s),
                estimated_value = coalesce(excluded.estimated_value, a.estimated_value),
                confidence = enforcement.surer(a.confidence, excluded.confidence),
                metadata = a.metadata || excluded.metadata, last_seen_at = casebase.now()
        returning a.xmax = 0 as is_new
    )
    select count(*) filter (where w.is_new) as inserted, count(*) filter (where not w.is_new) as updated
    into v_assets from written w;

    update judgments.cases c
    set adverse_signals = c.adverse_signals || jsonb_build_object(bundle ->> 'source', bundle -> 'adverse_signals')
    where c.id = v_docket.id and jsonb_typeof(bundle -> 'adverse_signals') = 'array';
    perform enforcement.update_open_case(v_docket, false);
    return jsonb_build_object(
        'case_id', v_docket.id,
        'contacts', jsonb_build_object('inserted', v_contacts.inserted, 'updated', v_contacts.updated),
        'assets', jsonb_build_object('inserted', v_assets.inserted, 'updated', v_assets.updated));
end
$$;

create or replace function public.upsert_enrichment_bundle(bundle jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.upsert_enrichment_bundle(bundle)
$$;

comment on function public.upsert_enrichment_bundle(jsonb) is
    'Merge what a vendor knows of a debtor: {case_id (judgments.cases.id), source, contacts? [{kind (phone, email, address), '
    'value, label?, confidence?, is_do_not_contact?, metadata?}], assets? [{kind (bank, employer, real_property, vehicle, business, '
    'other), description, reference?, estimated_value?, confidence?, metadata?}], adverse_signals? (bankruptcy, deceased, '
    'incarcerated, judgment_proof, prior_judgments)}; at most 200 of each. A fact keeps all who said it and the surest confidence; adverse_signals take the place of those that the source '
    'named before, and without the field these stay. The same again changes counts only. Returns {case_id, '
    'contacts: {inserted, updated}, assets: {inserted, updated}}. For the service alone; 404 case_not_found; 422 invalid_input.';

revoke execute on function enforcement.upsert_enrichment_bundle(jsonb), public.upsert_enrichment_bundle(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.upsert_enrichment_bundle(jsonb), public.upsert_enrichment_bundle(jsonb)
to service_role;
