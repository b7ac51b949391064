-- The rules that come with the module. Rows that are already there stay as they are: they may have been changed.

insert into notifications.scenario_defaults (scenario_type, threshold, cooldown) values
    ('inactivity', '{30}', '30 days'),
    ('milestone', '{10,25,50,100,250,500}', '1 hour'),
    ('certification_expiry', '{60,30,7}', '1 day'),
    ('welcome_back', '{7}', '7 days')
on conflict do nothing;

insert into notifications.templates (scenario_type, language, plural, title, body) values
    ('inactivity', 'en', 'one', 'We miss you', 'It has been {days} day since your last activity. Is there something you would like to do this week?'),
    ('inactivity', 'en', 'other', 'We miss you', 'It has been {days} days since your last activity. Is there something you would like to do this week?'),
    ('inactivity', 'nb', 'one', 'Vi savner deg', 'Det er {days} dag siden din siste aktivitet. Er det noe du har lyst til å gjøre denne uken?'),
    ('inactivity', 'nb', 'other', 'Vi savner deg', 'Det er {days} dager siden din siste aktivitet. Er det noe du har lyst til å gjøre denne uken?'),
    ('milestone', 'en', 'one', 'A milestone', 'You have {milestone} activity behind you. Thank you!'),
    ('milestone', 'en', 'other', 'A milestone', 'You have {milestone} activities behind you. Thank you!'),
    ('milestone', 'nb', 'one', 'En milepæl', 'Du har {milestone} aktivitet bak deg. Tusen takk!'),
    ('milestone', 'nb', 'other', 'En milepæl', 'Du har {milestone} aktiviteter bak deg. Tusen takk!'),
    ('certification_expiry', 'en', 'zero', 'A certification expires today', '{certification} expires today[, and {more} more soon]. Renew in time.'),
    ('certification_expiry', 'en', 'one', 'A certification expires soon', '{certification} expires in {days} day[, and {more} more soon]. Renew in time.'),
    ('certification_expiry', 'en', 'other', 'A certification expires soon', '{certification} expires in {days} days[, and {more} more soon]. Renew in time.'),
    ('certification_expiry', 'nb', 'zero', 'En sertifisering utløper i dag', '{certification} utløper i dag[, og {more} til snart]. Forny i tide.'),
    ('certification_expiry', 'nb', 'one', 'En sertifisering utløper snart', '{certification} utløper om {days} dag[, og {more} til snart]. Forny i tide.'),
    ('certification_expiry', 'nb', 'other', 'En sertifisering utløper snart', '{certification} utløper om {days} dager[, og {more} til snart]. Forny i tide.'),
    ('welcome_back', 'en', 'one', 'Welcome back', 'Good to see you active again!'),
    ('welcome_back', 'en', 'other', 'Welcome back', 'Good to see you active again!'),
    ('welcome_back', 'nb', 'one', 'Velkommen tilbake', 'Så fint å se deg aktiv igjen!'),
    ('welcome_back', 'nb', 'other', 'Velkommen tilbake', 'Så fint å se deg aktiv igjen!')
on conflict do nothing;

select casebase.create_queue('notifications_evaluate', 8);
