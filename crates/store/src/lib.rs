//! Connector space and metaverse records, the Store trait, an in-memory store and the contract suite.
