"""Is the number real, and what does a model get wrong: biases, diagnosis, comparison, published figures."""
