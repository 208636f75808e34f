-- work has two more bits: 32 needs synchronization, 64 references to be tried again.
CREATE INDEX cs_reference_retry ON cs (id) WHERE (work & 64) <> 0;
