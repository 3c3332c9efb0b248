//! The commands of `polyground`, and how they show themselves to people.

pub mod images;
pub mod progress;
