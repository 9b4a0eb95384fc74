//! Ring `upgrade`: servers of version 0.1, which installations run, and those of this checkout. It
//! needs a database and a Redis, and the program of version 0.1, which is built from its sources.

mod rolling;
