//! Configuration documents: parsed with spans, checked as a whole, compiled.
