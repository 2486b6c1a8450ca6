//! File changes of a workspace as moments: what was created, saved, deleted, renamed, in batches. Knows no hooks and no agents.
