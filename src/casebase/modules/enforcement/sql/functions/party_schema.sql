create or replace function enforcement.party_schema() returns jsonb
    language sql immutable parallel safe
    set search_path = ''
as $$
    select '{
        "type": "object",
        "required": ["name"],
        "properties": {
            "kind": {"type": "string", "enum": ["person", "company"]},
            "name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "[^[:space:][:punct:]]",
                     "description": "must hold letters"},
            "discriminator": {"type": "string", "maxLength": 80},
            "phone": {"type": "string", "maxLength": 40, "pattern": "^\\D*(\\d\\D*){7,15}$",
                      "description": "must be a telephone number"},
            "email": {"type": "string", "format": "email"},
            "address": {"type": "string", "minLength": 1, "maxLength": 500}
        }
    }'::jsonb
$$;

comment on function enforcement.party_schema() is 'A plaintiff or a debtor as payloads describe them.';

revoke execute on function enforcement.party_schema() from public;
