"""A page of every component in every state, made of the rooms' own templates and of example data."""
