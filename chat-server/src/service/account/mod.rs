//! Accounts: sign up, sign in, sign out, and change one's own account.

pub(in crate::service) mod password;
pub(crate) mod photo;

use chat_domain::{
    account::{Account, Locale},
    id::UserId,
    user::{Email, Password, User, Username, display_name},
};
use chrono::{DateTime, Utc};

use super::{
    App, Error, Result, rate_limit,
    session::{self, Caller, Device, sessions_ended},
    warm_up,
};
use crate::{
    deliver::Ephemeral,
    mysql::{
        Store,
        account::{NewUser, UserChange},
    },
    wire::user_to_wire,
};
use password::Verdict;

pub(in crate::service) use password::Hasher;

/// Input of a sign-up.
pub(crate) struct SignUp {
    /// The handle.
    pub username: String,
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The language of the page.
    pub locale: Locale,
}

/// An account, and the token of the session that was begun for it.
pub(crate) struct SignedIn {
    pub(crate) token: String,
    pub(crate) account: Account,
}

/// Changes of an account; `None` leaves a field as it is.
#[derive(Default)]
pub(crate) struct ChangeMe {
    /// New handle.
    pub username: Option<String>,
    /// New address.
    pub email: Option<String>,
    /// New name to show.
    pub display_name: Option<String>,
    /// New language of the page.
    pub locale: Option<Locale>,
}

/// Creates an account, and signs in.
pub(crate) async fn sign_up(
    app: &App,
    wanted: SignUp,
    device: Device<'_>,
    now: DateTime<Utc>,
) -> Result<SignedIn> {
    rate_limit::sign_up(app, device.peer).await?;
    let (user, hash) = create(&app.store, &app.hasher, wanted, false, now).await?;
    let token = session::begin(app, user, &hash, device, now).await?;
    tracing::info!(user.id = user.0, "signed up");
    Ok(SignedIn { token, account: me(app, user).await? })
}

/// Creates an account; returns its id and the hash of its password.
pub(super) async fn create(
    store: &Store,
    hasher: &Hasher,
    wanted: SignUp,
    admin: bool,
    now: DateTime<Utc>,
) -> Result<(UserId, String)> {
    let SignUp { username, email, password, locale } = wanted;
    let username = Username::parse(&username)?;
    let email = Email::parse(&email)?;
    let password = Password::parse("password", password)?;
    let hash = hasher.hash(password.reveal()).await?;
    let id = UserId::new(now, crate::random::number());
    let (username, email, password_hash) = (&username, &email, hash.as_str());
    let user = NewUser { id, username, email, password_hash, locale, admin, now };
    store.insert_user(&user).await?;
    Ok((id, hash))
}

/// Signs in. An unknown name and a wrong password cannot be distinguished, not even by timing.
pub(crate) async fn sign_in(
    app: &App,
    login: &str,
    password: &str,
    device: Device<'_>,
    now: DateTime<Utc>,
) -> Result<SignedIn> {
    let result = try_sign_in(app, login, password, device, now).await;
    let outcome = match &result {
        Ok(_) => "ok",
        Err(Error::WrongCredentials) => "wrong",
        Err(Error::TooMany { .. }) => "limited",
        Err(_) => "failed",
    };
    app.metrics.sign_ins.with_label_values(&[outcome]).inc();
    result
}

async fn try_sign_in(
    app: &App,
    login: &str,
    password: &str,
    device: Device<'_>,
    now: DateTime<Utc>,
) -> Result<SignedIn> {
    rate_limit::sign_in(app, device.peer, login).await?;
    // No account has such a long password; hashing it would be useless work.
    if !chat_domain::user::may_be_password(password) {
        return Err(Error::WrongCredentials);
    }
    let found = app.store.password_of_login(login).await?;
    let hash = found.as_ref().map(|(_, hash)| hash.as_str());
    let verdict = app.hasher.verify(password, hash).await?;
    let Some((user, hash)) = found.filter(|_| verdict != Verdict::Wrong) else {
        return Err(Error::WrongCredentials);
    };
    let hash = if verdict == Verdict::RightButOld {
        let new = app.hasher.hash(password).await?;
        if app.store.rehash_password(user, &hash, &new).await? { new } else { hash }
    } else {
        hash
    };
    let token = session::begin(app, user, &hash, device, now).await?;
    warm_up::warm_up(app, user);
    Ok(SignedIn { token, account: me(app, user).await? })
}

/// Ends the caller's session. Their read markers and drafts on this server are written to the store
/// before; their conversations leave the cache afterwards.
pub(crate) async fn sign_out(app: &App, caller: Caller) -> Result<()> {
    if let Err(error) = app.soft_state.flush_of(&app.store, caller.user).await {
        tracing::debug!(%error, "read markers or drafts not written yet");
    }
    session::end(app, caller, caller.session).await?;
    warm_up::cool_down(app, caller.user);
    Ok(())
}

/// The account of a user.
pub(crate) async fn me(app: &App, user: UserId) -> Result<Account> {
    app.store.account(user).await?.ok_or(Error::Unauthenticated)
}

/// Changes the caller's account; the id never changes, all other changes are visible at once.
pub(crate) async fn change_me(app: &App, caller: Caller, wanted: ChangeMe) -> Result<Account> {
    let ChangeMe { username, email, display_name: shown, locale } = wanted;
    let change = UserChange {
        username: username.as_deref().map(Username::parse).transpose()?,
        email: email.as_deref().map(Email::parse).transpose()?,
        display_name: shown.as_deref().map(display_name).transpose()?,
        locale,
    };
    app.store.change_user(caller.user, &change).await?;
    let account = me(app, caller.user).await?;
    changed(app, &account.user).await;
    Ok(account)
}

/// Publishes a user's changed profile: to their devices, and to everybody who shares a room with
/// them.
pub(super) async fn changed(app: &App, user: &User) {
    let shown = user_to_wire(user);
    app.hub.to_user(user.id, Ephemeral::UserChanged, &shown, None);
    match app.store.room_ids(user.id).await {
        Ok(rooms) => {
            for room in rooms {
                app.hub.ephemeral(room, Ephemeral::UserChanged, &shown, Some(user.id));
            }
        }
        // Later requests get the change all the same.
        Err(error) => tracing::debug!(%error, "changed profile not published"),
    }
}

/// Changes the caller's password, and ends all their other sessions.
pub(crate) async fn change_password(
    app: &App,
    caller: Caller,
    current: &str,
    new: String,
) -> Result<()> {
    let new = Password::parse("newPassword", new)?;
    rate_limit::check_password(app, caller.user).await?;
    let old_hash = app.store.password(caller.user).await?.ok_or(Error::Unauthenticated)?;
    if !chat_domain::user::may_be_password(current)
        || app.hasher.verify(current, Some(&old_hash)).await? == Verdict::Wrong
    {
        return Err(Error::WrongCredentials);
    }
    let new_hash = app.hasher.hash(new.reveal()).await?;
    let changed =
        app.store.change_password(caller.user, &old_hash, &new_hash, caller.session).await?;
    let conflict = || Error::Conflict("the password was changed on another device".to_owned());
    sessions_ended(app, &changed.ok_or_else(conflict)?).await;
    tracing::info!(user.id = caller.user.0, "changed the password");
    Ok(())
}
