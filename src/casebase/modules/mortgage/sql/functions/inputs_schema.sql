create or replace function mortgage.inputs_schema() returns jsonb
    language sql immutable parallel safe
    set search_path = ''
as $$
    select '{
        "type": "object",
        "required": ["loan_amount", "tenure_months", "property_type", "current_bank"],
        "properties": {
            "loan_amount": {"type": "number", "exclusiveMinimum": 0, "maximum": 100000000, "multipleOf": 0.01},
            "tenure_months": {"type": "integer", "minimum": 1, "maximum": 420},
            "property_type": {"type": "string", "enum": ["hdb", "private_condo", "landed", "executive_condo"]},
            "current_bank": {"type": "string", "minLength": 1, "maxLength": 80},
            "current_rate": {"type": "number", "minimum": 0, "maximum": 25, "multipleOf": 0.0001},
            "lock_in_remaining": {"type": "integer", "minimum": 0, "maximum": 120},
            "owner_occupied": {"type": "boolean"},
            "income_profile": {
                "type": "object",
                "required": ["monthly_income_fixed"],
                "properties": {
                    "monthly_income_fixed": {"type": "number", "minimum": 0, "maximum": 100000000, "multipleOf": 0.01},
                    "monthly_income_variable": {"type": "number", "minimum": 0, "maximum": 100000000, "multipleOf": 0.01},
                    "other_property_debt": {"type": "number", "minimum": 0, "maximum": 100000000, "multipleOf": 0.01},
                    "other_monthly_debt": {"type": "number", "minimum": 0, "maximum": 100000000, "multipleOf": 0.01}
                }
            }
        }
    }'::jsonb
$$;

comment on function mortgage.inputs_schema() is 'What a borrower''s inputs must look like: money in Singapore dollars, rates in percent a year, times in months.';

revoke execute on function mortgage.inputs_schema() from public;
