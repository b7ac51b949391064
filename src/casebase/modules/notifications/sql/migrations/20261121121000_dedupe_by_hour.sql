-- By hour, as cooldowns may be an hour long: by day, the key would refuse what the organisation allows.
comment on column public.scenario_notifications.dedupe_key is
    'What it is about: the evaluation''s hour (UTC), the milestone, the notice that a return answers. Once, unless it failed.';
