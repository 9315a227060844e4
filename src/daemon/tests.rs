//! The daemon's logic as a whole - core, writer, real database - in virtual time, before a page,
//! a network and a screen that fail.

mod nth;
mod simulation;
mod witness;
mod world;
