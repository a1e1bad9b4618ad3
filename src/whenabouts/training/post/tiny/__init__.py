"""Small models of the architectures that are trained: for rehearsals, tests and studies."""
