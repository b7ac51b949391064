-- Of two who insert the same entity the second waits for the first, inserts nothing, and reads its row.
create or replace function enforcement.entity_of(
    tenant_id uuid,
    kind text,
    name text,
    discriminator text,
    out entity_id uuid,
    out is_new boolean
)
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_name text := btrim(regexp_replace(name, '\s+', ' ', 'g'));
    v_discriminator text := lower(btrim(coalesce(discriminator, '')));
begin
    insert into enrichment.entities as e (tenant_id, kind, name, name_key, discriminator)
    values (tenant_id, kind, v_name, enforcement.name_key(v_name), v_discriminator)
    on conflict on constraint one_row_an_entity do nothing
    returning e.id into entity_id;
    is_new := found;
    if not is_new then
        select e.id into entity_id from enrichment.entities e
        where e.tenant_id = entity_of.tenant_id and e.kind = entity_of.kind
          and e.name_key = enforcement.name_key(v_name) and e.discriminator = v_discriminator;
    end if;
end
$$;

comment on function enforcement.entity_of(uuid, text, text, text) is 'The one row of a person or company, written unless it is there.';

revoke execute on function enforcement.entity_of(uuid, text, text, text) from public;
