//! What commands are judged as.
