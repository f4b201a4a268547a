//! Kaggle on loopback, in the same made-up world.
