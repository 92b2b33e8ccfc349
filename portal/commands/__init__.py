"""What one can ask of the portal on the command line: a module for each kind of errand."""
