//! One file per language: what the nodes of its grammar are to us. Walks no tree.

pub(crate) mod c;
pub(crate) mod c_sharp;
pub(crate) mod go;
pub(crate) mod java;
pub(crate) mod python;
pub(crate) mod ruby;
pub(crate) mod rust;
pub(crate) mod script;
