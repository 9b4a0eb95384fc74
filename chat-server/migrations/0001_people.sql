-- People, their sessions and their files.
-- Names are unique by their folded key (compatibility forms and case are equal), compared byte by byte.

CREATE TABLE users (
    id            BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    username      VARCHAR(32)     NOT NULL,
    username_key  VARCHAR(128)    CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    email         VARCHAR(254)    NOT NULL,
    email_key     VARCHAR(512)    CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    display_name  VARCHAR(64)     NULL,
    password_hash VARCHAR(255)    NOT NULL,
    photo_url     VARCHAR(255)    NULL,
    locale        VARCHAR(8)      NOT NULL,
    admin         BOOLEAN         NOT NULL DEFAULT FALSE,
    created_at    DATETIME(6)     NOT NULL,
    seen_at       DATETIME(6)     NULL,
    UNIQUE KEY users_username (username_key),
    UNIQUE KEY users_email (email_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- A revoked session keeps its row: every replica looks for fresh ones and closes their sockets.
CREATE TABLE sessions (
    id         BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    token_hash BINARY(32)      NOT NULL,
    user_id    BIGINT UNSIGNED NOT NULL,
    user_agent VARCHAR(255)    NOT NULL,
    address    VARCHAR(45)     NOT NULL,
    created_at DATETIME(6)     NOT NULL,
    used_at    DATETIME(6)     NOT NULL,
    expires_at DATETIME(6)     NOT NULL,
    revoked_at DATETIME(6)     NULL,
    UNIQUE KEY sessions_token (token_hash),
    KEY sessions_user (user_id),
    KEY sessions_revoked (revoked_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE uploads (
    id           BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    user_id      BIGINT UNSIGNED NOT NULL,
    content_type VARCHAR(32)     NOT NULL,
    bytes        BIGINT UNSIGNED NOT NULL,
    width        INT UNSIGNED    NOT NULL,
    height       INT UNSIGNED    NOT NULL,
    created_at   DATETIME(6)     NOT NULL,
    KEY uploads_user (user_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- One row. The epoch is the identity of this store: restoring a backup gives it a new one, and
-- clients then forget their cursors. The seal key proves that a cached session was written by us.
CREATE TABLE store (
    id       TINYINT UNSIGNED NOT NULL PRIMARY KEY,
    epoch    BINARY(16)       NOT NULL,
    seal_key BINARY(32)       NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
