//! Import, synchronization, export, run profiles and history.
