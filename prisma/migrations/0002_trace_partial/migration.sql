-- A file that ends within a record, as after a kill: everything before it is kept.
ALTER TABLE trace ADD COLUMN partial BOOLEAN NOT NULL DEFAULT false;
