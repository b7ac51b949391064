-- The newer guard stays, as its schema goes with the module; what it says of itself is the older one's.
comment on function notifications.holds_personal_data(jsonb) is
    'Whether a document holds a fødselsnummer or personnummer (right check digits), an e-mail or a telephone number.';
