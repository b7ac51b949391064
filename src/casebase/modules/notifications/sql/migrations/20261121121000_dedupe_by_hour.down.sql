comment on column public.scenario_notifications.dedupe_key is
    'What it is about: the evaluation''s day, the milestone, the notice that a return answers. Once, unless it failed.';
