//! Users.

use chat_contract::wire::{self, Id};
use chat_domain::{
    account::{Account, Locale, Session},
    id::SessionId,
    upload::Upload,
    user::User,
};

/// A user for the wire.
#[must_use]
pub(crate) fn user_to_wire(user: &User) -> wire::User {
    wire::User {
        id: Id(user.id.0),
        username: user.username.clone(),
        display_name: user.display_name.clone().unwrap_or_else(|| user.username.clone()),
        photo_url: user.photo_url.clone(),
    }
}

/// A user for themself.
#[must_use]
pub(crate) fn me_to_wire(account: &Account) -> wire::Me {
    let Account { user, email, locale, admin, created_at } = account;
    wire::Me {
        user: user_to_wire(user),
        email: email.clone(),
        locale: match locale {
            Locale::En => wire::Locale::En,
            Locale::Ja => wire::Locale::Ja,
        },
        admin: *admin,
        created_at: *created_at,
    }
}

/// A language from the wire.
#[must_use]
pub(crate) fn locale_from_wire(locale: wire::Locale) -> Locale {
    match locale {
        wire::Locale::En => Locale::En,
        wire::Locale::Ja => Locale::Ja,
    }
}

/// A session for the wire, seen from the session `current`.
#[must_use]
pub(crate) fn session_to_wire(session: &Session, current: SessionId) -> wire::Session {
    wire::Session {
        id: Id(session.id.0),
        current: session.id == current,
        user_agent: session.user_agent.clone(),
        address: session.address.clone(),
        created_at: session.created_at,
        used_at: session.used_at,
    }
}

/// An uploaded file for the wire; `url` is its path.
#[must_use]
pub(crate) fn upload_to_wire(upload: &Upload, url: String) -> wire::Upload {
    let Upload { id, content_type, bytes, width, height, .. } = *upload;
    wire::Upload {
        id: Id(id.0),
        url,
        content_type: content_type.as_str().to_owned(),
        bytes,
        size: wire::ImageSize { width, height },
    }
}
