"""The network's year: the coordinator's plan of it before anybody is told, and the wheel that everyone sees."""
