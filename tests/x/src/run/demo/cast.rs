//! Who is there, and in which rooms.

use std::{net::SocketAddr, path::Path};

use anyhow::Result;
use serde_json::{Value, json};
use testbed::secret;

use super::{
    picture,
    rng::Rng,
    visitor::{Visitor, number},
};

/// Username, name to show, language.
const PEOPLE: [(&str, &str, &str); 12] = [
    ("mio", "Mio Tanaka", "ja"),
    ("jonas", "Jonas Weber", "en"),
    ("haruto", "佐藤 陽翔", "ja"),
    ("amelie", "Amélie Laurent", "en"),
    ("kenji", "Kenji Mori", "ja"),
    ("sofia", "Sofía Romero", "en"),
    ("yui", "山本 結衣", "ja"),
    ("lars", "Lars Eriksen", "en"),
    ("priya", "Priya Nair", "en"),
    ("tom", "Tom Okafor", "en"),
    ("hana", "小林 花", "ja"),
    ("greta", "Greta Lind", "en"),
];

/// Kind, name, topic, script, threads, and n: every n-th user is a member.
type Plan = (&'static str, &'static str, &'static str, &'static str, u64, usize);

const ROOMS: [Plan; 8] = [
    ("public", "engineering", "Code, reviews, releases", ENGINEERING, 170, 1),
    ("public", "lounge", "Everything but work", LOUNGE, 130, 1),
    ("public", "design", "Drafts and opinions", DESIGN, 75, 2),
    ("public", "東京オフィス", "東京チームの連絡と雑談", TOKYO, 140, 2),
    ("private", "incidents", "Facts first, blame never", INCIDENTS, 70, 2),
    ("private", "リリース準備", "手順と担当", TOKYO, 45, 3),
    ("group", "", "", LOUNGE, 30, 4),
    ("group", "", "", ENGINEERING, 30, 5),
];

const ENGINEERING: &str = include_str!("../../../demo/engineering.txt");
const INCIDENTS: &str = include_str!("../../../demo/incidents.txt");
const DESIGN: &str = include_str!("../../../demo/design.txt");
const TOKYO: &str = include_str!("../../../demo/tokyo.txt");
const LOUNGE: &str = include_str!("../../../demo/lounge.txt");
const PAIR: &str = include_str!("../../../demo/pair.txt");

/// Somebody of the demo.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) visitor: Visitor,
}

/// A picture that can be sent.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    pub(super) url: String,
    pub(super) id: String,
    pub(super) size: (u32, u32),
}

/// Everybody, and the pictures they send.
#[derive(Debug)]
pub(super) struct Cast {
    /// The account `demo` is the first.
    pub(super) people: Vec<Member>,
    pub(super) pictures: Vec<Picture>,
}

/// A room that waits for its history.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) id: u64,
    /// Places in [`Cast::people`].
    pub(super) members: Vec<usize>,
    pub(super) script: &'static str,
    pub(super) threads: u64,
}

impl Cast {
    /// Signs everybody up; their passwords are nobody's business.
    pub(super) fn invite(server: SocketAddr, data: &Path, rng: &mut Rng) -> Result<Self> {
        let password = secret::kept(&data.join("demo.password"))?;
        let visitor = Visitor::sign_in(server, "demo", &password)?;
        let mut people = vec![Member { name: "demo", visitor }];
        for (number, (name, display_name, locale)) in PEOPLE.into_iter().enumerate() {
            let visitor = Visitor::sign_up(server, name, &secret::random()?)?;
            let profile = json!({"displayName": display_name, "locale": locale});
            visitor.call("PATCH", "/api/me", &profile)?;
            // Some have not found the time for a photo.
            if number % 4 != 3 {
                visitor.picture("PUT", "/api/me/photo", &picture::portrait(rng))?;
            }
            people.push(Member { name, visitor });
        }
        let mut pictures = Vec::new();
        for number in 0..14 {
            let owner = rng.one_of(&people);
            let png = if number % 2 == 0 { picture::chart(rng) } else { picture::hills(rng) };
            pictures.push(read(&owner.visitor.picture("POST", "/api/uploads", &png)?));
        }
        Ok(Self { people, pictures })
    }

    /// Makes the rooms.
    pub(super) fn rooms(&self, rng: &mut Rng) -> Result<Vec<Room>> {
        let mut rooms = Vec::new();
        for (kind, name, topic, script, threads, every) in ROOMS {
            // The first member makes it; `demo` is in all of them.
            let mut members: Vec<usize> = (1..self.people.len()).step_by(every).collect();
            let first = rng.index(members.len());
            members.swap(0, first);
            members.push(0);
            let named = !name.is_empty();
            let text = |text: &str| if named { json!(text) } else { Value::Null };
            rooms.push(self.room(
                &json!({"kind": kind, "name": text(name), "topic": text(topic)}),
                members,
                (script, threads),
            )?);
        }
        for other in [1, 2, 4, 7, 9, 11] {
            let threads = rng.between(6, 22);
            rooms.push(self.room(&json!({"kind": "direct"}), vec![other, 0], (PAIR, threads))?);
        }
        Ok(rooms)
    }

    fn room(
        &self,
        about: &Value,
        members: Vec<usize>,
        history: (&'static str, u64),
    ) -> Result<Room> {
        let names: Vec<&str> = members[1..].iter().map(|at| self.people[*at].name).collect();
        let mut body = about.clone();
        body["members"] = json!(names);
        let made = self.people[members[0]].visitor.call("POST", "/api/rooms", &body)?;
        let (script, threads) = history;
        Ok(Room { id: number(&made["room"]["id"])?, members, script, threads })
    }
}

fn read(upload: &Value) -> Picture {
    let text = |field: &str| upload[field].as_str().unwrap_or_default().to_owned();
    let side = |field: &str| upload[field].as_u64().and_then(|n| n.try_into().ok()).unwrap_or(0);
    Picture { url: text("url"), id: text("id"), size: (side("width"), side("height")) }
}
