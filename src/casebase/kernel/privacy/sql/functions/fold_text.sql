-- Compatibility forms (NFKC), then what only looks alike: characters that are not seen, digits of other scripts, dashes.
create or replace function casebase.fold_text(value text) returns text
    language sql immutable parallel safe
    set search_path = ''
as $$
    select translate(
        regexp_replace(normalize(value, NFKC),
            '[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]', '', 'g'),
        '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९௦௧௨௩௪௫௬௭௮௯٪٫‐‒–—―−',
        '0123456789012345678901234567890123456789%.------')
$$;

comment on function casebase.fold_text(text) is 'A text as it is read: "９１２３‑４５６７" and "9123-4567" become the same.';

revoke execute on function casebase.fold_text(text) from public;
