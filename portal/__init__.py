"""The portal of a municipal network for international work and EU matters."""
