-- What a run was: which step of its profile, as defined when it began, and the run of the first step;
-- who asked for it; the version of the rules it worked by. Runs from before were profiles of one step.
ALTER TABLE run ADD COLUMN step INTEGER NOT NULL DEFAULT 1;
ALTER TABLE run ADD COLUMN step_type TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN first INTEGER;
ALTER TABLE run ADD COLUMN started_by TEXT;
ALTER TABLE run ADD COLUMN rules TEXT;
UPDATE run SET step_type = profile;
