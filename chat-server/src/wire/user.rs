//! People.

use chat_contract::wire::{self, Id};
use chat_domain::user::User;

/// A person for the wire.
#[must_use]
pub fn user_to_wire(user: &User) -> wire::User {
    wire::User {
        id: Id(user.id.0),
        username: user.username.clone(),
        display_name: user.display_name.clone().unwrap_or_else(|| user.username.clone()),
        photo_url: user.photo_url.clone(),
    }
}
