-- Roles stay: other databases of the cluster may use them. Supabase's own auth schema is not ours to drop.
drop schema casebase cascade;
do $$
begin
    if obj_description(to_regnamespace('auth'), 'pg_namespace') like 'Stand-in for Supabase Auth%' then
        drop schema auth cascade;
    end if;
end
$$;
