"""The administration room, one module for each noun. Every handler names `administrator`, which is the check."""
