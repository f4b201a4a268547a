//! An applicant's own home page: the links on it that lead to the applicant's accounts.
