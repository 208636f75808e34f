//! The behaviour every connector must show, as checks that run against a fixture.
