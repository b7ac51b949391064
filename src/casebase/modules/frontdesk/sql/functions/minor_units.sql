-- frontdesk.money has two decimals, so a currency of three is paid in tens of its smallest unit.
create or replace function frontdesk.minor_units(currency text, field text) returns int
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_units int;
begin
    select least(c.minor_units, 2) into v_units from frontdesk.currencies c where c.code = currency;
    if not found then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error(field, 'enum', 'must be a currency of ISO 4217 that money is paid in'))));
    end if;
    return v_units;
end
$$;

comment on function frontdesk.minor_units(text, text) is
    'How many decimals an amount of a currency has, two at most; 422 invalid_input naming the field for no currency.';

revoke execute on function frontdesk.minor_units(text, text) from public;
