create or replace function mortgage.edit_schema() returns jsonb
    language sql immutable parallel safe
    set search_path = ''
as $$
    select '{
        "type": "object",
        "properties": {
            "notes": {"type": "string", "maxLength": 8000},
            "next_review_at": {"type": "string", "format": "date-time"},
            "status": {"type": "string", "enum": ["active"]},
            "add_tags": {"type": "array", "maxItems": 20, "items": {
                "type": "string", "pattern": "^#[a-z][a-z0-9_]{0,39}$",
                "description": "must be # and a snake_case word of at most 40 characters"}},
            "remove_tags": {"type": "array", "maxItems": 20, "items": {
                "type": "string", "pattern": "^#[a-z][a-z0-9_]{0,39}$",
                "description": "must be # and a snake_case word of at most 40 characters"}}
        }
    }'::jsonb
$$;

comment on function mortgage.edit_schema() is 'What staff may change on a case. A field that is there as null empties it; one that is absent stays.';

revoke execute on function mortgage.edit_schema() from public;
