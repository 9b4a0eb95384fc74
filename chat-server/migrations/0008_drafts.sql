-- What people are writing and have not sent. An empty one stays as a row, so that an older one which another server
-- has not written yet does not come back.

CREATE TABLE drafts (
    user_id    BIGINT UNSIGNED NOT NULL,
    room_id    BIGINT UNSIGNED NOT NULL,
    content    TEXT            NOT NULL,
    reply_to   BIGINT UNSIGNED NULL,
    changed_at DATETIME(6)     NOT NULL,
    PRIMARY KEY (user_id, room_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
