create index concurrently note_by_what on trial.note(what);
