-- What of a job is not whole because a limit was reached: [{what, limitBytes}].
ALTER TABLE job ADD COLUMN cuts JSONB NOT NULL DEFAULT '[]';
