"""People, sign-in and signed-in devices."""
