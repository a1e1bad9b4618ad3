"""TimeSuite (arXiv:2410.19702): fewer frame tokens, and tokens that know their place in time."""
