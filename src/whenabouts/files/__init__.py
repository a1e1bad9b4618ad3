"""Files: atomic writes, cache folders, checked records, safe loading of weights, and a pool of Ray actors."""
