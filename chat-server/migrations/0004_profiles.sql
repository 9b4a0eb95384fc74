-- How often a profile has changed, of whomever: whoever keeps profiles can tell that they are old.

ALTER TABLE store ADD COLUMN profiles BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'changes of profiles';
