//! Accounts: what only the person themself knows, and the devices they are signed in on.

use chrono::{DateTime, Utc};

use crate::{
    id::{SessionId, UserId},
    user::User,
};

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

/// A person as they see themself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// As others see them.
    pub user: User,
    /// Their address.
    pub email: String,
    /// The language of their page.
    pub locale: Locale,
    /// May they use the administration.
    pub admin: bool,
    /// When they signed up.
    pub created_at: DateTime<Utc>,
}

/// From when to when a session is known to live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLife {
    /// Its last use.
    pub used_at: DateTime<Utc>,
    /// When it ends, if nobody uses it before.
    pub expires_at: DateTime<Utc>,
}

/// A signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id; it says nothing about its token.
    pub id: SessionId,
    /// Who signed in.
    pub user: UserId,
    /// What the client called itself.
    pub user_agent: String,
    /// Where the sign-in came from.
    pub address: String,
    /// When they signed in.
    pub created_at: DateTime<Utc>,
    /// Last use, not exact: writing it down at each request would cost more than the request.
    pub used_at: DateTime<Utc>,
    /// When it ends, if nobody uses it before.
    pub expires_at: DateTime<Utc>,
}
