-- What is not above a room's floor was purged, and what is not above `erased` is gone from here too.

ALTER TABLE heads ADD COLUMN erased BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'what is not above was erased';
