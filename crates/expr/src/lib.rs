//! The rule expression language: parse, bind, evaluate.
