//! How a server ends. SIGTERM is what a machine sends, which waits for the end: running programs get time to finish. Ctrl-C
//! is what a person types, who wants the prompt back.

use std::time::Duration;

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::timeout,
};

use crate::run::Runner;

/// Who has asked the server to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

/// Comes back when the server shall stop. A second signal ends the process at once.
pub(super) async fn asked() -> Asked {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    let asked = next(&mut interrupt, &mut terminate).await;
    tracing::info!("stopping; once more ends it at once");
    tokio::spawn(async move {
        next(&mut interrupt, &mut terminate).await;
        // The cells see their connections close, and go by themselves.
        std::process::exit(130);
    });
    asked
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) -> Asked {
    tokio::select! {
        _ = interrupt.recv() => Asked::Interrupt,
        _ = terminate.recv() => Asked::Terminate,
    }
}

/// Takes no more requests, lets those under way end in time, and cancels what is left: its callers are told. Meanwhile the
/// server answers, so that it can say that it is going.
pub(super) async fn drain(runner: &Runner, asked: Asked, longest: Duration) {
    runner.refuse_more();
    let has_time = asked == Asked::Terminate && !longest.is_zero();
    if has_time && timeout(longest, runner.ended()).await.is_err() {
        let load = runner.load();
        tracing::info!(load.running, load.waiting, "cancelling what has not ended in time");
    }
    runner.close();
}
