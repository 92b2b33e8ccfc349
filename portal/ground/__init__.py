"""The ground the portal stands on: its PostgreSQL and data folder, the schema, and what takes it all away and puts it back."""
