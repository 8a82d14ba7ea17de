grant insert on trial.note to :role;
