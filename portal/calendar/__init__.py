"""Calendar feeds: secret addresses that Outlook, Google, Apple and phones subscribe to."""
