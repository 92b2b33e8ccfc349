"""Network meetings (träffar): plan, agenda, summons, attendance, notes."""
