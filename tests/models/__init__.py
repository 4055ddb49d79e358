"""Models of the services around us, for tests: as those answer, and wrong on request. None of them needs network or account."""
