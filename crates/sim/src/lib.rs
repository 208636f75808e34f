//! Simulated Entra tenant and simulated directory.
