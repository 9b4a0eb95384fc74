//! Windows in the memory of this process: the cache in front of Redis.
//!
//! Like a window in Redis, a window is used only if it reaches to the head in the store. So no
//! stale window is ever shown, and changes of a room need not invalidate it.

use std::{sync::Arc, time::Duration};

use chat_contract::wire::Message;
use chat_domain::id::Seq;
use moka::sync::Cache;

use super::window::Window;

/// Approximate bytes of all windows together.
const BYTES_MAX: u64 = 32 * 1024 * 1024;

/// See the module.
#[derive(Clone)]
pub(super) struct Near(Cache<String, (Seq, Arc<Window>)>);

impl Near {
    pub(super) fn new(ttl: Duration) -> Self {
        let cache = Cache::builder()
            .max_capacity(BYTES_MAX)
            .weigher(|_, (_, window): &(Seq, Arc<Window>)| bytes(window))
            .time_to_live(ttl);
        Self(cache.build())
    }

    /// The window that reaches exactly to `head`.
    pub(super) fn get(&self, key: &str, head: Seq) -> Option<Arc<Window>> {
        self.0.get(key).filter(|(reaches, _)| *reaches == head).map(|(_, window)| window)
    }

    pub(super) fn set(&self, key: &str, head: Seq, window: Arc<Window>) {
        self.0.insert(key.to_owned(), (head, window));
    }

    pub(super) fn delete(&self, key: &str) {
        self.0.invalidate(key);
    }

    pub(super) fn clear(&self) {
        self.0.invalidate_all();
    }
}

fn bytes(window: &Window) -> u32 {
    let texts: usize = window.messages.iter().map(|message| message.content.len()).sum();
    let whole = texts + window.messages.len() * size_of::<Message>();
    u32::try_from(whole).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_window_up_to_the_head_is_used() {
        let near = Near::new(Duration::from_mins(1));
        near.set("room:1:recent", 5, Arc::new(Window { messages: Vec::new(), first: true }));
        assert!(near.get("room:1:recent", 5).is_some());
        assert!(near.get("room:1:recent", 6).is_none(), "the room has changed");
        near.clear();
        assert!(near.get("room:1:recent", 5).is_none());
    }
}
