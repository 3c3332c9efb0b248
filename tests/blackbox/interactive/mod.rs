//! Programs that somebody talks to: over a real WebSocket, on a terminal and with pipes.

mod conversations;
mod hostile;
mod limits;
mod mistakes;
mod session;

use std::sync::Arc;

use libtest_mimic::Trial;

use crate::server::Server;

/// On one kind of cell.
pub(crate) fn trials(cells: &'static str, server: &Arc<Server>) -> Vec<Trial> {
    let mut trials = conversations::trials(cells, server);
    trials.extend(hostile::trials(cells, server));
    trials
}

/// Where the kind of cell does not matter.
pub(crate) fn common_trials(server: &Arc<Server>) -> Vec<Trial> {
    let mut trials = mistakes::trials(server);
    trials.extend(limits::trials());
    trials
}

/// A test by its name.
type Case = (&'static str, fn(&Server));

/// Trials of functions that ask a server.
fn of(cells: &str, server: &Arc<Server>, table: &[Case]) -> Vec<Trial> {
    let trial = |(name, body): &Case| {
        let (server, body) = (server.clone(), *body);
        Trial::test(format!("{cells}::interactive::{name}"), move || {
            body(&server);
            Ok(())
        })
    };
    table.iter().map(trial).collect()
}
