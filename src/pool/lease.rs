//! A cell in the hands of one run, and how one is made ready for that.

use std::sync::Arc;

use polyground_protocol::{FromAgent, Hello, Isolation};

use super::{
    ARM_TIMEOUT, PoolError,
    line::{Line, Ready},
};
use crate::{
    engine::{Cell, CellSpec, Engine},
    metrics::CellEnd,
};

/// A cell lent to one run. Dropping it destroys the cell; [`Lease::give_back`] does not.
pub struct Lease {
    pub(super) line: Arc<Line>,
    pub(super) ready: Option<Ready>,
    /// Whether its line has stopped counting it.
    pub(super) aside: bool,
    /// Why the cell goes, if it does.
    pub(super) end: CellEnd,
}

impl Lease {
    /// The cell.
    pub fn cell(&mut self) -> &mut Cell {
        &mut self.ready().cell
    }

    /// What kind of cell it is.
    pub fn isolation(&self) -> Isolation {
        self.line.isolation()
    }

    /// Puts a bound on the cell's memory in force. Free where it is in force already.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn bound_memory(&mut self, bytes: u64) -> Result<(), PoolError> {
        let ready = self.ready();
        if ready.memory_bytes != bytes {
            ready.cell.handle.set_memory(bytes).await?;
            ready.memory_bytes = bytes;
        }
        Ok(())
    }

    /// Lets the line have another cell in its place: this one will be away for long. All lines together still count it.
    pub fn step_aside(&mut self) {
        if !std::mem::replace(&mut self.aside, true) {
            self.line.let_go();
        }
    }

    fn count_out(&self) {
        if self.aside { self.line.count_out_aside() } else { self.line.count_out() }
    }

    #[allow(clippy::expect_used)] // only `give_back` and `drop` take it, and both end the lease
    fn ready(&mut self) -> &mut Ready {
        self.ready.as_mut().expect("a lease has its cell")
    }

    /// Lets the cell go because it has served the one run that it was made for.
    pub fn spend(mut self) {
        self.end = CellEnd::Spent;
    }

    /// Returns the cell, armed again, to its line.
    pub fn give_back(mut self) {
        if let Some(mut ready) = self.ready.take() {
            ready.runs += 1;
            let is_old = ready.must_go();
            if is_old || (self.aside && !self.line.take_back()) {
                drop(ready);
                self.line.tell_end(if is_old { CellEnd::Old } else { CellEnd::Idle });
                self.count_out();
                self.line.refill();
            } else {
                self.line.put_back(ready);
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Given back: the line has counted it already, or still does.
        if let Some(ready) = self.ready.take() {
            drop(ready);
            self.line.tell_end(self.end);
            self.count_out();
            self.line.refill();
        }
    }
}

/// Makes a cell and waits until its agent has a sandbox ready.
pub(super) async fn open_armed(engine: &dyn Engine, spec: &CellSpec) -> Result<Cell, PoolError> {
    open_greeted(engine, spec).await.map(|(cell, _)| cell)
}

/// The same, with the agent's greeting.
pub(super) async fn open_greeted(engine: &dyn Engine, spec: &CellSpec) -> Result<(Cell, Hello), PoolError> {
    let mut cell = engine.open_cell(spec).await?;
    let mut greeting = None;
    let armed = async {
        loop {
            match cell.link.receiver.next().await {
                Ok(frame) => match frame.message {
                    FromAgent::Hello(hello) => greeting = Some(hello),
                    FromAgent::Armed => match greeting {
                        Some(hello) => return Ok(hello),
                        None => return Err(PoolError::Agent("it was armed without a greeting".into())),
                    },
                    FromAgent::Failed { reason } => return Err(PoolError::Agent(reason)),
                    other => return Err(PoolError::Agent(format!("it said {other:?} before it was armed"))),
                },
                Err(error) => return Err(PoolError::Agent(error.to_string())),
            }
        }
    };
    match tokio::time::timeout(ARM_TIMEOUT, armed).await {
        Ok(Ok(hello)) => Ok((cell, hello)),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(PoolError::Agent(format!("it was not armed within {} s", ARM_TIMEOUT.as_secs()))),
    }
}
