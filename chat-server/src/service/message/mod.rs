//! Messages: sending, changing, reacting, reading.

pub(crate) mod history;
pub(crate) mod retention;
pub(crate) mod sync;

use chat_domain::{
    Invalid,
    change::{Answer, Change, Rejected},
    id::{ClientId, MessageId, RoomId, Seq, UserId},
    message::{self, Image, Message, NewMessage},
};
use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::{App, Error, Result, rate_limit, room};

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recipient {
    Room(RoomId),
    /// The direct room with this user, which is created where there is none.
    Person(UserId),
}

/// A message to send.
#[derive(Debug, Clone)]
pub(crate) struct Sending {
    /// The sender's id for it. Without one, a retry creates a second message.
    pub client_id: Option<ClientId>,
    /// Markdown.
    pub content: String,
    /// The message that it answers, with the room in which the client saw it.
    pub reply_to: Option<MessageId>,
    /// Address of a picture.
    pub image_url: Option<String>,
    /// Its id at its host.
    pub public_id: Option<String>,
}

/// A change that has its place in the committer's queue.
pub(crate) struct Pending {
    answer: oneshot::Receiver<Answer>,
    /// Sending moves the sender's own read marker.
    moves_marker: Option<(App, UserId)>,
}

impl Pending {
    /// Waits for the commit.
    pub(crate) async fn message(self) -> Result<Message> {
        let message = committed(self.answer.await.unwrap_or(Err(Rejected::Unavailable)))?;
        if let Some((app, user)) = self.moves_marker {
            app.soft_state.mark_read(message.room, user, message.seq);
        }
        Ok(message)
    }
}

/// Queues a message. Messages that a caller sends one after the other keep their order.
pub(crate) async fn send(
    app: &App,
    sender: UserId,
    to: Recipient,
    sending: Sending,
    now: DateTime<Utc>,
) -> Result<Pending> {
    let room = match to {
        Recipient::Room(room) => room,
        Recipient::Person(person) => room::direct(app, sender, person, now).await?.0,
    };
    rate_limit::send(app, sender)?;
    let reply_to = answered(room, sending.reply_to)?;
    let image = match sending.image_url {
        Some(url) => Some(image(app, url, sending.public_id).await?),
        None => None,
    };
    let client_id = sending.client_id.unwrap_or_else(ClientId::now_v7);
    let message = NewMessage::parse(client_id, sending.content, reply_to, image)?;
    let mentions = mentioned(app, room, &message.content).await?;
    let mut pending = submit(app, sender, room, Change::Post { message, mentions }, now)?;
    pending.moves_marker = Some((app.clone(), sender));
    Ok(pending)
}

/// Queues a new text for one's own message.
pub(crate) async fn edit(
    app: &App,
    actor: UserId,
    id: MessageId,
    content: String,
    now: DateTime<Utc>,
) -> Result<Pending> {
    rate_limit::send(app, actor)?;
    let content = message::edited_content(content, true)?;
    let mentions = mentioned(app, id.room, &content).await?;
    submit(app, actor, id.room, Change::Edit { seq: id.seq, content, mentions }, now)
}

/// Queues the deletion of a message.
pub(crate) fn delete(
    app: &App,
    actor: UserId,
    id: MessageId,
    now: DateTime<Utc>,
) -> Result<Pending> {
    submit(app, actor, id.room, Change::Delete { seq: id.seq }, now)
}

/// Queues the adding or removing of a reaction.
pub(crate) fn react(
    app: &App,
    actor: UserId,
    id: MessageId,
    emoji: &str,
    on: bool,
    now: DateTime<Utc>,
) -> Result<Pending> {
    rate_limit::send(app, actor)?;
    let emoji = message::emoji(emoji)?;
    submit(app, actor, id.room, Change::React { seq: id.seq, emoji, on }, now)
}

fn submit(
    app: &App,
    actor: UserId,
    room: RoomId,
    change: Change,
    now: DateTime<Utc>,
) -> Result<Pending> {
    let answer = app.committer.submit(room, actor, change, now)?;
    Ok(Pending { answer, moves_marker: None })
}

/// The place of a message that is answered in its room.
pub(super) fn answered(room: RoomId, reply_to: Option<MessageId>) -> Result<Option<Seq>> {
    match reply_to {
        Some(id) if id.room != room => {
            Err(Invalid::new("replyTo", "must be a message of the same room").into())
        }
        other => Ok(other.map(|id| id.seq)),
    }
}

/// The row of an answer, which must have one.
pub(super) fn committed(answer: Answer) -> Result<Message> {
    answer?.ok_or(Error::NotFound("message"))
}

/// The members whom a text mentions.
async fn mentioned(app: &App, room: RoomId, content: &str) -> Result<Vec<UserId>> {
    let names = message::mentioned_handles(content);
    Ok(app.store.members_called(room, &names).await?)
}

/// A picture; for an upload of ours its size is known.
async fn image(app: &App, url: String, public_id: Option<String>) -> Result<Image> {
    let mut image = Image::parse(url, public_id)?;
    if let Some(id) = image.url.strip_prefix("/api/uploads/") {
        let wrong = || Invalid::new("imageUrl", "must be the url of an upload");
        let id: chat_contract::wire::Id = id.parse().map_err(|_| wrong())?;
        let upload =
            app.store.find_upload(chat_domain::id::UploadId(id.0)).await?.ok_or_else(wrong)?;
        image.size = Some((upload.width, upload.height));
    }
    Ok(image)
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::NoRoom => Self::NotFound("room"),
            Rejected::NotMember => Self::NotMember,
            Rejected::NoMessage => Self::NotFound("message"),
            Rejected::Forbidden(why) => Self::Forbidden(why.to_owned()),
            Rejected::Conflict(why) => Self::Conflict(why.to_owned()),
            Rejected::Invalid(invalid) => Self::Invalid(invalid),
            Rejected::ClientIdReused => Self::ClientIdReused,
            Rejected::TooManyReactions => Self::TooManyReactions,
            Rejected::NameTaken => Self::NameTaken,
            Rejected::Unavailable => Self::Unavailable(None),
        }
    }
}
