//! `plaudit kaggle`: the copy of Kaggle's data set on this machine.
