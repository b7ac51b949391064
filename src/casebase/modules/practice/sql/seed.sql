-- The three scenarios (DECISIONS 28). What an installation made of them stays.
insert into public.scenarios (id, title, emoji, initial_message_main, initial_message_helper) values
    (1, 'Marketplace', '🛒',
     'Guten Morgen! Willkommen an meinem Stand. Die Erdbeeren sind heute ganz frisch, und die Tomaten sind aus der Region. Was darf es sein?',
     'Hi! You are at a farmers'' market in Germany, and the seller has just greeted you. Try to buy a few things and ask what they cost. Ask me, in English or German, whenever you need a word, want to check a sentence, or did not understand something.'),
    (2, 'Party', '🎉',
     'Hallo! Schön, dass du da bist. Ich bin Lena, eine Kollegin von Jonas. Und du, woher kennst du ihn?',
     'Hi! You are at a birthday party in Berlin and do not know many people yet. Lena has just started a conversation with you. Tell her something about yourself and ask her a question. I am here, in English or German, for words, grammar and anything you did not understand.'),
    (3, 'Kebab', '🥙',
     'Moin! Was kann ich für dich machen? Döner, Dürüm oder lieber Falafel?',
     'Hi! You are hungry and in a kebab shop. Order something to eat, say which sauce you want and whether you eat it here or take it with you. Ask me, in English or German, about words, phrases or what you have just heard.')
on conflict (id) do nothing;

select casebase.create_queue('practice_cleanup', 8);
select practice.make_log_keys();

-- Accounts that were there before the module. Here, as whoever is made after the triggers has a profile by them, and
-- making the triggers waited for whoever was made before.
insert into public.profiles (id, email) select u.id, u.email from auth.users u on conflict (id) do nothing;
