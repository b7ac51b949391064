create or replace function casebase.require_role_name(role text) returns void
    language sql stable
    set search_path = ''
as $$
    select casebase.require_valid(jsonb_build_object('role', role), '{
        "type": "object",
        "required": ["role"],
        "properties": {
            "role": {"type": "string", "pattern": "^[a-z][a-z_]{0,62}$",
                     "description": "must be lower-case words joined by underscores, as owner, admin or member"}
        }
    }')
$$;

comment on function casebase.require_role_name(text) is 'Refuse what cannot be a role: 422 invalid_input.';

revoke execute on function casebase.require_role_name(text) from public;
