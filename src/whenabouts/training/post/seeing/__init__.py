"""How a model is shown video while it is trained, and answers."""
