//! Users of the product.

use anyhow::Result;
use chat_contract::wire::{
    CreateRoom, CreatedRoom, HistoryPage, HistoryVisibility, Id, Me, Message, Room, RoomKind,
    SendMessage, SignUp, SignedIn,
};
use uuid::Uuid;

use crate::{Api, Socket};

/// The password of everybody.
pub const PASSWORD: &str = "correct horse 7";

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who they are.
    pub me: Me,
    /// Their session.
    pub token: String,
    /// Their client.
    pub api: Api,
}

impl Person {
    /// Makes an account; the name gets random letters behind it, so that it is always free.
    pub async fn sign_up(api: &Api, name: &str) -> Result<Self> {
        let tail = Uuid::new_v4().simple().to_string();
        let username = format!("{name}_{}", &tail[..8]);
        let email = format!("{username}@example.org");
        let body = SignUp { username, email, password: PASSWORD.to_owned() };
        let SignedIn { token, me } = api.post("/api/auth/sign-up", &body).await?;
        Ok(Self { me, api: api.clone().with_token(&token), token })
    }

    /// The same session, at another server.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { api: self.api.at(base), ..self.clone() }
    }

    /// A socket of theirs.
    pub async fn connect(&self) -> Result<Socket> {
        Socket::connect_believing(self.api.base(), &self.token, self.api.authority()).await
    }

    /// Their id.
    #[must_use]
    pub fn id(&self) -> Id {
        self.me.user.id
    }

    /// Makes a public room.
    pub async fn public_room(&self, name: &str) -> Result<Room> {
        self.room(RoomKind::Public, Some(name), &[]).await
    }

    /// Makes a private room.
    pub async fn private_room(&self, name: &str, members: &[&Self]) -> Result<Room> {
        self.room(RoomKind::Private, Some(name), members).await
    }

    /// Makes a group.
    pub async fn group(&self, members: &[&Self]) -> Result<Room> {
        self.room(RoomKind::Group, None, members).await
    }

    /// Opens the direct room with somebody.
    pub async fn direct(&self, other: &Self) -> Result<Room> {
        self.room(RoomKind::Direct, None, &[other]).await
    }

    /// Makes a room. Names of public rooms are unique, so they get random letters behind them.
    pub async fn room(
        &self,
        kind: RoomKind,
        name: Option<&str>,
        members: &[&Self],
    ) -> Result<Room> {
        self.room_with(kind, name, members, None).await
    }

    /// Makes a public room whose later members see only what comes after them.
    pub async fn short_room(&self) -> Result<Room> {
        let history = Some(HistoryVisibility::SinceJoined);
        self.room_with(RoomKind::Public, Some("short"), &[], history).await
    }

    async fn room_with(
        &self,
        kind: RoomKind,
        name: Option<&str>,
        members: &[&Self],
        history: Option<HistoryVisibility>,
    ) -> Result<Room> {
        let body = CreateRoom {
            kind,
            name: name.map(|name| format!("{name} {}", &Uuid::new_v4().simple().to_string()[..8])),
            topic: None,
            members: members.iter().map(|member| member.id().to_string()).collect(),
            history,
        };
        let CreatedRoom { room, .. } = self.api.post("/api/rooms", &body).await?;
        Ok(room)
    }

    /// Joins a public room.
    pub async fn join(&self, room: Id) -> Result<serde_json::Value> {
        self.api.post(&format!("/api/rooms/{room}/join"), &serde_json::json!({})).await
    }

    /// Sends a message over HTTP.
    pub async fn send(&self, room: Id, content: &str) -> Result<Message> {
        let body = SendMessage {
            client_id: Uuid::new_v4(),
            content: content.to_owned(),
            reply_to: None,
            image_url: None,
            public_id: None,
        };
        self.api.post(&format!("/api/rooms/{room}/messages"), &body).await
    }

    /// The newest messages of a room.
    pub async fn history(&self, room: Id) -> Result<HistoryPage> {
        self.api.get(&format!("/api/rooms/{room}/messages")).await
    }
}
