//! How a bench begins.

/// Runs a bench, if it was asked for: `cargo test --benches` starts it as well, and has no use for it.
pub(crate) fn run<F>(bench: impl FnOnce() -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(bench())
}
