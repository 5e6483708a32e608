"""What was done: the journal of all sessions in SQLite, and what can be read from it."""
