-- A direct conversation can be taken off one's own list, until somebody posts. That is seen by comparing, so no
-- message has to write anything more.

ALTER TABLE members ADD COLUMN hidden_ordinal BIGINT UNSIGNED NULL COMMENT 'posts of the room when it was hidden; hidden as long as there are no more';
