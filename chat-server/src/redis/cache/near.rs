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
    use chat_contract::wire::Id;
    use serde_json::json;

    use super::*;

    /// A window with messages of so many bytes each.
    fn window(sizes: &[usize]) -> Arc<Window> {
        let message = |bytes: &usize| {
            let message = json!({
                "id": format!("{}-1", Id(1)), "roomId": Id(1), "seq": 1, "changedSeq": 1, "ordinal": 1,
                "senderId": Id(1), "content": "x".repeat(*bytes), "createdAt": "2026-01-01T00:00:00Z",
            });
            serde_json::from_value(message).unwrap()
        };
        Arc::new(Window { messages: sizes.iter().map(message).collect(), first: true })
    }

    #[test]
    fn windows_weigh_what_their_messages_take() {
        for sizes in [&[][..], &[1_000], &[0, 0], &[10, 20, 30]] {
            let whole = sizes.iter().sum::<usize>() + sizes.len() * size_of::<Message>();
            assert_eq!(usize::try_from(bytes(&window(sizes))).unwrap(), whole, "{sizes:?}");
        }
    }

    #[test]
    fn as_many_windows_are_kept_as_fit_in_32_mib() {
        for (windows, all) in [(7, true), (9, false)] {
            let near = Near::new(Duration::from_mins(1));
            let keys: Vec<_> = (0..windows).map(|at| format!("room:{at}:recent")).collect();
            for key in &keys {
                near.set(key, 1, window(&[4 << 20]));
                near.0.run_pending_tasks();
            }
            assert_eq!(keys.iter().all(|key| near.get(key, 1).is_some()), all, "{windows}");
        }
    }

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
