//! Polyground: a playground that runs untrusted programs of many languages in fresh sandboxes.
//!
//! The way of one run: `api` → `run` → `pool` → `engine` → agent. See ARCHITECTURE.md.

pub mod access;
pub mod api;
pub mod app;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod engine;
pub mod log;
pub mod metrics;
pub mod plugins;
pub mod pool;
pub mod prepare;
pub mod run;
pub mod runtime;
pub mod selftest;
pub mod store;
