-- Rooms, members and messages.

CREATE TABLE rooms (
    id          BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    kind        TINYINT UNSIGNED NOT NULL COMMENT '0 public, 1 private, 2 group, 3 direct',
    history     TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '0 all, 1 since joined',
    name        VARCHAR(80)     NULL,
    public_name VARCHAR(320)    CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'folded; public rooms only',
    topic       VARCHAR(250)    NULL,
    alias       VARCHAR(160)    NOT NULL,
    direct_key  BINARY(16)      NULL COMMENT 'both user ids, the lower first; direct rooms only',
    created_by  BIGINT UNSIGNED NOT NULL,
    created_at  DATETIME(6)     NOT NULL,
    deleted_at  DATETIME(6)     NULL,
    UNIQUE KEY rooms_public_name (public_name),
    UNIQUE KEY rooms_direct (direct_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The counters of a room, apart from what is seldom written. Their row lock is the room's order.
CREATE TABLE heads (
    room_id BIGINT UNSIGNED  NOT NULL PRIMARY KEY,
    kind    TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'as in rooms; 255 once the room is deleted',
    history TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'as in rooms',
    head    BIGINT UNSIGNED  NOT NULL DEFAULT 0 COMMENT 'number of the last change',
    posts   BIGINT UNSIGNED  NOT NULL DEFAULT 0 COMMENT 'messages that people wrote, ever',
    floor   BIGINT UNSIGNED  NOT NULL DEFAULT 0 COMMENT 'what lies below was purged',
    direct_key BINARY(16)    NULL COMMENT 'as in rooms'
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE members (
    room_id      BIGINT UNSIGNED  NOT NULL,
    user_id      BIGINT UNSIGNED  NOT NULL,
    role         TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '0 member, 1 moderator, 2 owner',
    visible_from BIGINT UNSIGNED  NOT NULL DEFAULT 0 COMMENT 'sees only what has a higher seq',
    read_seq     BIGINT UNSIGNED  NOT NULL DEFAULT 0,
    read_ordinal BIGINT UNSIGNED  NOT NULL DEFAULT 0,
    joined_at    DATETIME(6)      NOT NULL,
    PRIMARY KEY (room_id, user_id),
    KEY members_user (user_id),
    KEY members_joined (joined_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Everything that happens in a room is a row, or a change of one.
-- The primary key makes a page of history one range of the clustered index.
CREATE TABLE messages (
    room_id     BIGINT UNSIGNED NOT NULL,
    seq         BIGINT UNSIGNED NOT NULL COMMENT 'place in the room, for ever',
    changed_seq BIGINT UNSIGNED NOT NULL COMMENT 'number of its last change',
    ordinal     BIGINT UNSIGNED NOT NULL,
    sender_id   BIGINT UNSIGNED NOT NULL,
    client_id   BINARY(16)      NULL,
    digest      BIGINT UNSIGNED NULL COMMENT 'of what was sent first: tells a retry from another message',
    content     MEDIUMTEXT      NOT NULL,
    reply_to    BIGINT UNSIGNED NULL,
    image       JSON            NULL,
    mentions    JSON            NULL,
    reactions   JSON            NULL,
    `system`    JSON            NULL,
    created_at  DATETIME(6)     NOT NULL,
    edited_at   DATETIME(6)     NULL,
    deleted_at  DATETIME(6)     NULL,
    PRIMARY KEY (room_id, seq),
    UNIQUE KEY messages_client (room_id, sender_id, client_id),
    UNIQUE KEY messages_changed (room_id, changed_seq)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE mentions (
    user_id BIGINT UNSIGNED NOT NULL,
    room_id BIGINT UNSIGNED NOT NULL,
    seq     BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (user_id, room_id, seq),
    KEY mentions_message (room_id, seq)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
