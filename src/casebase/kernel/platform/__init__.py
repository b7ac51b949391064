"""Running on plain PostgreSQL: the embedded server, and stand-ins for what Supabase brings."""
