select casebase.create_queue('toy_greeting');
