//! Accounts: private data of a user, and the devices on which they are signed in.

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

/// A user as they see themself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// As others see them.
    pub user: User,
    /// Their address.
    pub email: String,
    /// The language of their page.
    pub locale: Locale,
    /// Whether they are an administrator.
    pub admin: bool,
    /// When they signed up.
    pub created_at: DateTime<Utc>,
}

/// Last use and expiry of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLife {
    /// Its last use.
    pub used_at: DateTime<Utc>,
    /// When it expires without use.
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
    /// Last use, not exact: storing it at each request would cost more than the request.
    pub used_at: DateTime<Utc>,
    /// When it expires without use.
    pub expires_at: DateTime<Utc>,
}
