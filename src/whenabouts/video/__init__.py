"""Video: true presentation times and upright pixels of an ordinary file; nothing else decides time."""
