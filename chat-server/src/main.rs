//! `chat-server`: serve, migrate, check the configuration, administer.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {}
