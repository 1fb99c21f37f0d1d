-- Columns and states get the terms that the API uses.
ALTER TABLE job RENAME COLUMN cuts TO truncations;
ALTER TABLE webhook_delivery RENAME COLUMN ask TO trigger;

DROP INDEX webhook_delivery_open_idx;
UPDATE webhook_delivery SET state = 'reported' WHERE state = 'told';
CREATE INDEX webhook_delivery_open_idx ON webhook_delivery (state) WHERE state <> 'reported';
