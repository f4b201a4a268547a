//! Bringing the data set Meta Kaggle onto this machine.
