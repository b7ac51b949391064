-- The fields that others read. A channel may send fields of its own beside them: they are bounded and cleaned like
-- everything else (mortgage.clean_payload), and nobody relies on them.
create or replace function mortgage.event_schema(event_type text) returns jsonb
    language sql immutable parallel safe
    set search_path = ''
as $$
    select jsonb_build_object(
        'type', 'object',
        'required', case event_type when 'bank_quote' then '["bank"]'::jsonb else '[]' end,
        'properties', '{"note": {"type": "string", "maxLength": 8000}}'::jsonb || case event_type
            when 'chat' then '{
                "conversation_id": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_:-]{0,127}$",
                                    "description": "must be an id of letters, digits, _, : and -"},
                "author": {"type": "string", "enum": ["borrower", "broker", "ai"]},
                "message": {"type": "string", "maxLength": 8000}
            }'::jsonb
            when 'reveal' then '{
                "packages": {"type": "array", "maxItems": 50, "items": {"type": "object"}}
            }'
            when 'follow_up' then '{
                "channel": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$",
                            "description": "must be a snake_case word of at most 40 characters"}
            }'
            when 'bank_quote' then '{
                "bank": {"type": "string", "minLength": 1, "maxLength": 80},
                "loan_amount": {"type": "number", "exclusiveMinimum": 0, "maximum": 100000000, "multipleOf": 0.01},
                "monthly_instalment": {"type": "number", "minimum": 0, "maximum": 100000000, "multipleOf": 0.01},
                "total_cost": {"type": "number", "minimum": 0, "maximum": 1000000000, "multipleOf": 0.01},
                "net_savings": {"type": "number", "minimum": -1000000000, "maximum": 1000000000, "multipleOf": 0.01},
                "fees": {"type": "number", "minimum": 0, "maximum": 100000000, "multipleOf": 0.01},
                "subsidy": {"type": "number", "minimum": 0, "maximum": 100000000, "multipleOf": 0.01},
                "lock_in_months": {"type": "integer", "minimum": 0, "maximum": 120},
                "valid_until": {"type": "string", "format": "date"}
            }'
            when 'doc_received' then '{
                "document_id": {"type": "string", "format": "uuid"},
                "doc_type": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$",
                             "description": "must be a snake_case word of at most 40 characters"}
            }'
            when 'signed' then '{
                "bank": {"type": "string", "minLength": 1, "maxLength": 80},
                "loan_amount": {"type": "number", "exclusiveMinimum": 0, "maximum": 100000000, "multipleOf": 0.01}
            }'
        end)
$$;

comment on function mortgage.event_schema(text) is
    'The known fields of an event''s payload: money in Singapore dollars, never a rate.';

revoke execute on function mortgage.event_schema(text) from public;
